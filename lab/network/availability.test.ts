import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingRequirement, unavailableReason } from "./availability";
import { systemPath } from "./programs";
import { findTool } from "./tools";

const ALL = [
  "conntrack",
  "ip",
  "iptables",
  "iptables-restore",
  "iptables-save",
  "mount",
  "nft",
  "nsenter",
  "ssh-keygen",
  "sshd",
  "unshare",
];

describe("availability of the routed network", () => {
  const folder = mkdtempSync(join(tmpdir(), "lab-tools-"));
  after(() => rmSync(folder, { recursive: true }));

  function pathWithout(...missing: string[]): string {
    const path = mkdtempSync(join(folder, "path-"));
    for (const name of ALL.filter((tool) => !missing.includes(tool))) {
      symlinkSync(findTool(name, systemPath()) ?? assert.fail(`${name} is not installed`), join(path, name));
    }
    return path;
  }

  it("reports no reason when all programs and rights are present", async () => {
    assert.equal(await unavailableReason(), undefined);
  });

  it("requires Linux and names the current system", async () => {
    assert.equal(
      await unavailableReason({ platform: "darwin" }),
      "routed network: needs Linux network namespaces, and this system is darwin; run the lab on Linux or in a Linux virtual machine",
    );
  });

  it("names the programs missing from PATH and their Debian packages", () => {
    assert.equal(missingRequirement({ path: pathWithout() }), undefined);
    assert.equal(
      missingRequirement({ path: pathWithout("conntrack", "sshd", "iptables-save", "iptables-restore") }),
      "routed network: programs not found on PATH: conntrack, iptables-restore, iptables-save, sshd; install the Debian packages conntrack iptables openssh-server",
    );
  });

  it("requires subordinate user ids when the lab does not run as root", () => {
    assert.match(missingRequirement({ path: pathWithout(), userId: 1000 }) ?? "", /needs root, or newuidmap .* uidmap/);
  });

  it("reports the error of the kernel in one line", async () => {
    const path = join(folder, "refusing");
    mkdirSync(path);
    for (const name of ALL.filter((tool) => tool !== "unshare")) {
      symlinkSync(findTool(name, systemPath()) ?? "", join(path, name));
    }
    writeFileSync(
      join(path, "unshare"),
      "#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n",
      {
        mode: 0o755,
      },
    );
    assert.equal(
      await unavailableReason({ path }),
      "routed network: the kernel or its policy refuses namespaces or rules: unshare: unshare failed: Operation not permitted; run the lab as root, outside of containers or in a privileged container",
    );
  });
});
