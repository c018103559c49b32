import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { skipTests } from "../../../tests/contract/skip";
import { rulesOf } from "../../../tests/support/planned-rules";
import type { BackendName } from "../../router/linux/model/backend-names";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

const BUSYBOX = ["/usr/bin/busybox", "/bin/busybox"].find((file) => existsSync(file));

/**
 * Makes the router one of a small distribution, for all later SSH sessions: the shell is BusyBox's ash, every tool that
 * BusyBox has is BusyBox's, and there is no bash. What BusyBox has is no match for ip, iptables and nft; those stay.
 */
const AS_BUSYBOX = `sed 's#/bin/bash#/bin/sh#' /etc/passwd >/run/passwd
mount --bind /run/passwd /etc/passwd
small() {
  if [ -f "$1" ]; then mount --bind ${BUSYBOX} "$(readlink -f "$1")"; fi
}
for applet in $(${BUSYBOX} --list); do
  case $applet in ip | mount | nsenter | unshare | readlink | sh) continue ;; esac
  small /usr/sbin/$applet
  small /usr/bin/$applet
done
mount --bind /dev/null /usr/bin/bash
small /usr/bin/readlink
small /usr/bin/sh`;

describe("RouterRedirection on a Linux router with BusyBox", function () {
  this.timeout(60_000);
  let router: LabRouter;

  before(async function () {
    if (!BUSYBOX) return skipTests(this, "busybox is missing");
    router = await LabRouter.start("busybox");
    await router.runOverSsh(AS_BUSYBOX);
    await router.noteClean();
  });
  after(async () => {
    await router?.stop();
  });

  it("finds the BusyBox shell and tools on the router", async () => {
    const shown = await router.runOverSsh(
      "for tool in sed date sleep mv; do $tool --help 2>&1 | head -n 1; done; bash || :",
    );
    assert.deepEqual(shown.match(/^BusyBox/gm)?.length, 4);
    assert.match(await router.runOverSsh("ls -l --color=never /proc/self/exe; set -o | grep -c pipefail"), /1\n$/);
  });

  for (const backend of ["iptables-nft", "nftables", "ip-rule"] satisfies BackendName[]) {
    it(`creates, reads, updates and deletes a BusyBox redirection with ${backend}`, async () => {
      const wanted = (ports: number[]) =>
        router.inputsWith({ existingConnections: "cut", ports }, { linux: { backend } });
      const inputs = await wanted([3389]);
      const { id, state } = await resource.create(inputs, router.context());
      assert.deepEqual(state.rules, rulesOf(inputs));
      assert.equal(await router.seenAs(), "sps");
      const read = await resource.read(id, state, router.context());
      assert.deepEqual(
        resource.diff(id, read?.state ?? state, inputs).map(({ path }) => path),
        [],
      );
      const other = await wanted([22, 8080]);
      const changed = await resource.update(id, state, other, router.context());
      assert.deepEqual(changed.state.rules, rulesOf(other));
      assert.equal(await router.seenAs(8080), "sps");
      await resource.delete(id, changed.state, router.context());
      await router.assertClean();
    });
  }

  it("proves redirections by client traffic without the conntrack command", async () => {
    await router.runOverSsh("mount --bind /dev/null /usr/sbin/conntrack");
    const { log, signal } = router.context();
    const clients: Promise<string>[] = [];
    const status = (line: string) => {
      if (line.includes("waiting for a client's connection")) clients.push(router.seenAs());
    };
    const inputs = await router.inputs({ probe: { traffic: "required" }, linux: { backend: "nftables" } });
    const { id, state } = await resource.create(inputs, { ...router.context(), log: { ...log, status }, signal });
    assert.deepEqual([await Promise.all(clients), state.confirmedTraffic], [["sps"], ["rdp"]]);
    await resource.delete(id, state, router.context());
    await router.assertClean();
  });

  it("restores redirections by ifupdown after a restart and after an SPS link flap", async () => {
    await router.runOverSsh(`mkdir -p /etc/network/if-up.d; mount -t tmpfs tmpfs /usr/local/sbin
ln -s /bin/true /usr/local/sbin/ifup`);
    const inputs = await router.inputs({ persist: true });
    const { id, state } = await resource.create(inputs, router.context());
    assert.deepEqual(state.rules, rulesOf(inputs));
    assert.deepEqual(state.linuxStatus?.persistedBy, ["ifupdown"]);
    const confirmed = await router.snapshot();
    const hook = `IFACE=rsps /etc/network/if-up.d/sps-redirect
n=0; until ip route show table 10302 | grep -q via && iptables -t mangle -S SPS-R-rdp; do n=$((n+1)); [ $n -lt 100 ] || exit 1; sleep 0.05; done`;
    await router.network.setLink("rsps", "down");
    await router.network.setLink("rsps", "up");
    await router.runOverSsh(hook);
    assert.equal(await router.snapshot(), confirmed);
    await router.run(`iptables -t mangle -F; iptables -t mangle -X
ip rule del pref 10302; ip route flush table all proto 103`);
    await router.runOverSsh(hook);
    assert.equal(await router.snapshot(), confirmed);
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(id, state, router.context());
    await router.assertClean();
    await router.runOverSsh(
      "umount /usr/local/sbin; [ ! -e /etc/sps-redirect ] && [ ! -e /etc/network/if-up.d/sps-redirect ]",
    );
  });

  it("runs a watchdog that bypasses SPS while SPS does not answer", async () => {
    const watchdog = { intervalSeconds: 1, missedProbes: 1 };
    const inputs = await router.inputs({ bypass: "when-sps-silent", watchdog });
    const { id, state } = await resource.create(inputs, router.context());
    const awaited = (word: string) =>
      router.run(
        `n=0; until ip route show table 10302 | grep -q ${word}; do n=$((n+1)); [ $n -lt 100 ] || exit 1; sleep 0.1; done`,
      );
    await router.network.setLink("sps0", "down");
    await awaited("throw");
    assert.equal(await router.seenAs(), "client");
    assert.equal((await resource.read(id, state, router.context()))?.state.linuxStatus?.bypassed.length, 1);
    await router.network.setLink("sps0", "up");
    await awaited("via");
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(id, state, router.context());
    await router.assertClean();
  });

  it("rolls back by the router's own timer when the provider is killed", async () => {
    const inputs = await router.inputs({ commitConfirm: { windowSeconds: 5 } });
    await assert.rejects(resource.create(inputs, router.contextLostAtConfirmation()));
    assert.match(await router.snapshot(), /SPS-R-rdp/);
    await router.run("until ls /run/sps-redirect/commit.*/undo.back 2>/dev/null; do sleep 0.1; done");
    await router.assertClean({ but: /^commit\..*\n/m });
    const { id, state } = await resource.create(await router.inputs(), router.context());
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(id, state, router.context());
    await router.assertClean();
  });
});
