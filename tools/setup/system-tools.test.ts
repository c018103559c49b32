import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import { recordingOutput, temporaryFolder, writeProgram } from "../testing/temporary-folder";

describe("system tools", () => {
  const linuxRoot = { platform: "linux" as const, isRoot: true, hasApt: true };

  it("installs nothing when no system tool is missing", async () => {
    const { planSystemTools } = await import("./system-tools.mjs");
    assert.deepEqual(planSystemTools({ ...linuxRoot, missing: [] }), { kind: "nothing" });
  });

  it("installs each missing package once when run as root with apt", async () => {
    const { planSystemTools } = await import("./system-tools.mjs");
    const missing = ["iptables", "iptables-restore", "sshd"];
    assert.deepEqual(planSystemTools({ ...linuxRoot, missing }), {
      kind: "install",
      packages: ["iptables", "openssh-server"],
    });
  });

  it("prints the command to run when it must not install packages", async () => {
    const { planSystemTools } = await import("./system-tools.mjs");
    assert.deepEqual(planSystemTools({ ...linuxRoot, isRoot: false, missing: ["nft"] }), {
      kind: "explain",
      text: "nft missing, so the lab has no network; run: sudo apt-get install -y --no-install-recommends nftables",
    });
    assert.deepEqual(planSystemTools({ ...linuxRoot, hasApt: false, missing: ["nft", "ip"] }), {
      kind: "explain",
      text: "nft, ip missing, so the lab has no network; install: nftables iproute2",
    });
  });

  it("explains that the lab's router needs Linux", async () => {
    const { planSystemTools } = await import("./system-tools.mjs");
    for (const platform of ["darwin", "win32"] as const)
      assert.deepEqual(planSystemTools({ platform, isRoot: false, hasApt: false, missing: ["ip"] }), {
        kind: "explain",
        text: "the lab's router and network need Linux; only the simulated appliances run on this system",
      });
  });

  function machine(aptGet: string): { env: NodeJS.ProcessEnv; folders: string[]; log: string } {
    const folder = temporaryFolder();
    const log = path.join(folder, "log");
    writeProgram(path.join(folder, "apt-get"), aptGet);
    return { env: { PATH: folder, LOG: log, TOOLS: folder }, folders: [folder], log };
  }

  it("installs packages without questions and without starting a service", async () => {
    const { ensureSystemTools, packageOfTestTool, packageOfTool } = await import("./system-tools.mjs");
    const { env, folders, log } = machine(`#!/bin/sh
echo "$* $DEBIAN_FRONTEND RUNLEVEL=$RUNLEVEL SYSTEMD_OFFLINE=$SYSTEMD_OFFLINE" >> "$LOG"
[ "$1" = update ] && exit 100
for tool in ${Object.keys({ ...packageOfTool, ...packageOfTestTool }).join(" ")}; do printf '#!/bin/sh\\n' > "$TOOLS/$tool"; /bin/chmod +x "$TOOLS/$tool"; done
`);
    const output = recordingOutput();
    assert.equal(await ensureSystemTools(output, env, true, { folders, isRoot: true }), "");
    const [update, install, ...more] = fs.readFileSync(log, "utf8").trim().split("\n");
    assert.equal(update, "update noninteractive RUNLEVEL=1 SYSTEMD_OFFLINE=1");
    assert.match(
      install ?? "",
      /^install -y --no-install-recommends .*openssh-server.* noninteractive RUNLEVEL=1 SYSTEMD_OFFLINE=1$/,
    );
    assert.deepEqual(more, []);
    assert.match(
      output.lines[0] ?? "",
      /^system tools: running apt-get install -y .*openssh-server.* \(starts no service\)$/,
    );
  });

  it("installs no tools of the tests for other commands", async () => {
    const { ensureSystemTools, packageOfTool } = await import("./system-tools.mjs");
    const { env, folders, log } = machine(`#!/bin/sh\necho "$*" >> "$LOG"\n`);
    for (const tool of Object.keys(packageOfTool)) writeProgram(path.join(folders[0] ?? "", tool), "#!/bin/sh\n");
    assert.equal(await ensureSystemTools(recordingOutput(), env, false, { folders, isRoot: true }), "");
    assert.equal(fs.existsSync(log), false);
  });

  it("installs test tools as root only and goes on when that fails", async () => {
    const { ensureSystemTools, packageOfTool } = await import("./system-tools.mjs");
    const { env, folders, log } = machine(`#!/bin/sh\necho "$*" >> "$LOG"\nexit 100\n`);
    for (const tool of Object.keys(packageOfTool)) writeProgram(path.join(folders[0] ?? "", tool), "#!/bin/sh\n");
    assert.equal(await ensureSystemTools(recordingOutput(), env, true, { folders, isRoot: false }), "");
    assert.equal(fs.existsSync(log), false);
    const output = recordingOutput();
    assert.equal(await ensureSystemTools(output, env, true, { folders, isRoot: true }), "");
    const packages = "busybox chromium fonts-dejavu-core fish zsh postgresql";
    assert.equal(fs.readFileSync(log, "utf8"), `update\ninstall -y --no-install-recommends ${packages}\n`);
    assert.ok(output.lines.at(-1)?.startsWith(`system tools: apt-get install ${packages}: `));
    assert.match(output.lines.at(-1) ?? "", /; install them by hand$/);
  });

  it("reports why an installation failed and goes on without the lab's network", async () => {
    const { ensureSystemTools } = await import("./system-tools.mjs");
    const { env, folders } = machine("#!/bin/sh\necho 'E: Unable to locate package' >&2\nexit 100\n");
    const output = recordingOutput();
    const problem = await ensureSystemTools(output, env, true, { folders, isRoot: true });
    assert.match(problem, /^apt-get install .*: E: Unable to locate package; install them by hand$/);
    assert.equal(output.lines.at(-1), `system tools: ${problem}`);
  });
});
