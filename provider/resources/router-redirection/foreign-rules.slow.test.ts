import assert from "node:assert/strict";
import { BACKENDS, type BackendName } from "../../router/linux/model/backend-names";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** Adds one rule after the other in every store that a redirection could reach, until told to end. */
const WRITER = `n=0
iptables-nft -t mangle -N THEIRS; iptables-legacy -t mangle -N THEIRS
nft 'add table ip theirs; add chain ip theirs pre { type filter hook prerouting priority -150; }'
touch /run/writing
while [ $n -lt 250 ] && [ ! -e /run/enough ]; do
  n=$((n+1))
  iptables-nft -w 10 -t mangle -A THEIRS -s 203.0.113.$n -j RETURN
  iptables-nft -w 10 -t mangle -A PREROUTING -s 203.0.113.$n -j RETURN
  iptables-legacy -w 10 -t mangle -A PREROUTING -s 203.0.113.$n -j RETURN
  nft add rule ip theirs pre ip saddr 203.0.113.$n accept
  ip rule add pref $((5000+n)) from 203.0.113.$n lookup 77
  ip route add 203.0.113.$n via 10.0.0.6 table 77
  sleep 0.05
done
rm -f /run/enough /run/writing
echo $n`;

/** How many of them are there. */
const COUNT = `iptables-nft-save -t mangle | grep -c '^-A THEIRS -s 203.0.113'
iptables-nft-save -t mangle | grep -c '^-A PREROUTING -s 203.0.113'
iptables-legacy-save -t mangle | grep -c '^-A PREROUTING -s 203.0.113'
nft list table ip theirs | grep -c 203.0.113
ip -4 rule show | grep -c 'from 203.0.113'
ip -4 route show table 77 | grep -c 203.0.113`;

describe("RouterRedirection on a Linux router: foreign rules added during its work", function () {
  this.timeout(60_000);

  async function live(backend: BackendName): Promise<void> {
    const router = await LabRouter.start(`foreign-${backend}`);
    try {
      const linux = { backend };
      const wanted = (ports: unknown[], more: Record<string, unknown> = {}) =>
        router.inputsWith({ ports, existingConnections: "cut", ...more }, { linux });
      const writing = router.network.exec("router", ["sh", "-s"], { input: WRITER, timeoutSeconds: 50 });
      await router.run("n=0; until [ -e /run/writing ] || [ $n -gt 200 ]; do n=$((n+1)); sleep 0.05; done");
      const made = await resource.create(await wanted([3389]), router.context());
      const { id } = made;
      let { state } = made;

      const attempts = router.network.connectRepeatedly("10.0.0.5", 3389, { seconds: 5 });
      for (const ports of [[3389, 22], ["3000-4000"], [3389]]) {
        ({ state } = await resource.update(id, state, await wanted(ports), router.context()));
      }
      const results = await attempts;
      const seen = new Set(results.map((one) => (one.connected ? one.peerSeenByServer : one.error)));
      assert.deepEqual([...seen], ["172.16.9.2"], "no connection goes direct or fails");
      assert.ok(results.length > 20, `${results.length} attempts`);

      // Nobody answers at that address, so the router takes everything back.
      const lost = { ...(await wanted([22], { spsAddress: "172.16.9.9" })) };
      const failing = { ...lost, probe: { ...lost.probe, path: "required" as const } };
      await assert.rejects(
        resource.update(id, state, failing, router.context()),
        /everything was rolled back; .*\[SG3306\]$/,
      );
      assert.equal(await router.seenAs(), "sps");
      await resource.delete(id, state, router.context());

      await router.run("touch /run/enough");
      const { stdout } = await writing;
      const written = stdout.trim();
      assert.ok(Number(written) > 5, `${written} rounds of rules`);
      assert.deepEqual(
        (await router.run(COUNT)).trim().split("\n"),
        Array.from({ length: 6 }, () => written),
      );
      const snapshot = await router.snapshot();
      assert.doesNotMatch(snapshot, /SPS-R-|10302|proto 103/, "nothing of ours is left");
    } finally {
      await router.stop();
    }
  }

  it("keeps foreign rules through apply, rollback and removal in every backend", async () => {
    const outcomes = await Promise.allSettled(BACKENDS.map(live));
    const failures = outcomes.flatMap((outcome, index) =>
      outcome.status === "rejected" ? [`${BACKENDS[index]}: ${String(outcome.reason)}`] : [],
    );
    assert.deepEqual(failures, []);
  });
});
