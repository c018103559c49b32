import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingPart, unavailableReason } from "./availability";
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

  it("is given where the system has all programs and rights", async () => {
    assert.equal(await unavailableReason(), undefined);
  });

  it("is refused on systems other than Linux, saying so", async () => {
    assert.equal(
      await unavailableReason({ platform: "darwin" }),
      "the routed network of the lab needs Linux's network namespaces, and this system is darwin; run it on Linux or in a Linux virtual machine",
    );
  });

  it("names every program that is missing from PATH and the Debian packages that have them", () => {
    assert.equal(missingPart({ path: pathWithout() }), undefined);
    assert.equal(
      missingPart({ path: pathWithout("conntrack", "sshd", "iptables-save", "iptables-restore") }),
      "the routed network of the lab needs programs that are not on PATH: conntrack, iptables-restore, iptables-save, sshd; install the Debian packages conntrack iptables openssh-server",
    );
  });

  it("needs subordinate user ids when not run as root", () => {
    assert.match(
      missingPart({ path: pathWithout(), userId: 1000 }) ?? "",
      /needs root's rights, or newuidmap .* uidmap/,
    );
  });

  it("passes on the kernel's own refusal in one line", async () => {
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
      "the kernel or its policy refuses the routed network of the lab: unshare: unshare failed: Operation not permitted; run as root, outside of containers or in a privileged one",
    );
  });
});
