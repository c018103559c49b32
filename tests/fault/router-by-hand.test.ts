import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";
import { BACKENDS } from "../../provider/router/linux/model/backend-names";
import { rulesOf } from "../support/planned-rules";

/** The commands of the page as a reader copies them. */
function documentedCommands(): string {
  const page = readFileSync(join(__dirname, "../../docs/router-linux/runbook.md"), "utf8");
  const block = /## Remove by hand[\s\S]*?```sh\n([\s\S]*?)```/.exec(page)?.[1];
  assert.ok(block, "docs/router-linux/runbook.md has no block of commands below Remove by hand");
  return block;
}

describe("the commands of docs/router-linux/runbook.md", function () {
  this.timeout(30_000);

  it("removes everything of redirections and nothing else with the documented commands", async () => {
    const router = await LabRouter.start(`by-hand-${process.pid}`);
    try {
      await router.run(`echo 1 >/proc/sys/net/ipv4/conf/rsps/rp_filter
iptables -t mangle -A PREROUTING -i rsrv -j MARK --set-mark 0x4200/0xff00
ip rule add pref 500 to 10.77.0.0/16 lookup 77; ip route add 10.77.0.0/16 via 10.0.0.5 table 77`);
      await router.run("mkdir -p /run/systemd/system /etc/systemd/system/multi-user.target.wants");
      const files = "find /etc -name '*sps-redirect*'";
      const clean = await router.snapshot();
      for (const backend of BACKENDS) {
        const cut = { existingConnections: "cut", ports: [22, "2000-2100"] };
        const redirections = [
          router.redirection(cut),
          router.redirection({ ...cut, name: "ssh", spsAddress: "172.16.9.3", serverCidrs: ["10.0.1.0/24"] }),
        ];
        const inputs = await router.inputs({
          redirections,
          linux: { backend },
          persist: true,
          bypass: "when-sps-silent",
        });
        const { state } = await routerRedirection.create(inputs, router.context());
        assert.deepEqual(state.rules, rulesOf(inputs));
        assert.match(await router.run(files), /sps-redirect-early\.service/);
        assert.match(
          await router.snapshot(),
          backend === "ip-rule" ? /iif[\s\S]*10303/ : /SPS-R-rdp[\s\S]*SPS-R-ssh[\s\S]*10303/,
        );
        await router.run(documentedCommands());
        assert.equal(await router.snapshot(), clean, backend);
        assert.equal(await router.run(files), "");
      }
      await router.run(documentedCommands());
      assert.equal(await router.snapshot(), clean, "a second run changes nothing");
    } finally {
      await router.stop();
    }
  });
});
