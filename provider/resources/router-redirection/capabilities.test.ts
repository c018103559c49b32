import assert from "node:assert/strict";
import type { BackendName } from "../../router/linux/model/backend-names";
import { failureOf } from "./cisco-lab.test";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** A root without the right to see or change firewalls and routes, as in a container, for all later SSH sessions. */
const WITHOUT_RIGHT = `cat >/run/less <<'SHELL'
#!/bin/sh
exec setpriv --bounding-set=-net_admin --inh-caps=-net_admin /bin/sh "$@"
SHELL
chmod 755 /run/less
sed 's#^\\(root:.*:\\)[^:]*$#\\1/run/less#' /etc/passwd >/run/passwd.less
mount --bind /run/passwd.less /etc/passwd`;

describe("RouterRedirection on a Linux router: a root without CAP_NET_ADMIN", function () {
  this.timeout(60_000);
  let router: LabRouter;
  const made: { backend: BackendName; id: string; state: Awaited<ReturnType<typeof resource.create>>["state"] }[] = [];

  before(async () => {
    router = await LabRouter.start("less");
    for (const backend of ["iptables-nft", "iptables-legacy", "nftables"] satisfies BackendName[]) {
      const name = backend.replaceAll(/[^a-z]/g, "");
      const redirection = { name, existingConnections: "cut", ports: [3389 + made.length] };
      const inputs = await router.inputsWith(redirection, { linux: { backend, mark: 20 + made.length } });
      made.push({ backend, ...(await resource.create(inputs, router.context(undefined, backend))) });
    }
    await router.runOverSsh(WITHOUT_RIGHT);
  });
  after(async () => {
    await router?.stop();
  });

  /** Tools that are not there, so that the backend is read by its own tool alone, and what that says. */
  const CASES: [BackendName, string[], RegExp][] = [
    ["iptables-nft", [], /iptables-save failed: iptables-save v.* Permission denied \(you must be root\)/],
    ["iptables-legacy", ["nft", "xtables-nft-multi"], /iptables-legacy-save failed: .* Permission denied/],
    ["nftables", ["xtables-nft-multi", "xtables-legacy-multi"], /nft failed: .*Operation not permitted/],
  ];

  /** The files behind the names of tools. */
  const pathsOf = async (tools: readonly string[]) => {
    const shown = await router.runOverSsh(
      ["PATH=$PATH:/usr/sbin:/sbin", ...tools.map((tool) => `realpath "$(command -v ${tool})"`)].join("\n"),
    );
    const paths = shown.trim().split("\n").filter(Boolean);
    assert.equal(paths.length, tools.length, shown);
    return paths;
  };

  for (const [backend, hidden, cause] of CASES) {
    it(`gets an error in place of a redirection in ${backend}, which stays`, async () => {
      const one = made.find((other) => other.backend === backend) ?? assert.fail();
      const context = () => router.context(undefined, backend);
      const before = await router.snapshot();
      const refused = new RegExp(
        `^router \\S+: read the router: ${cause.source}.*; give the user full rights .* \\[SG3102\\]$`,
      );
      const inputs = await router.inputsWith({ name: "another", existingConnections: "cut", ports: [8080] });
      const paths = await pathsOf(hidden);
      try {
        await router.runOverSsh(["true", ...paths.map((path) => `mount --bind /dev/null ${path}`)].join("\n"));
        for (const work of [
          resource.read(one.id, one.state, context()),
          resource.delete(one.id, one.state, context()),
          resource.create(inputs, router.context(undefined, "another")),
        ])
          assert.match((await failureOf(work)).message, refused);
      } finally {
        const unmount = paths.map((path) => `if mountpoint -q ${path}; then umount ${path}; fi`);
        await router.runOverSsh(["true", ...unmount].join("\n"));
      }
      assert.equal(await router.snapshot(), before);
    });
  }
});
