import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { UTILITIES } from "../../router/guard/scripts/opening-script";
import type { BackendName } from "../../router/linux/model/backend-names";
import { failureOf } from "./cisco-lab.test";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** What a router has besides the utilities: its shell, and the tools for addresses and firewalls. */
const TOOLS = /^(sh|dash|ip|nft|xtables.*|iptables.*|ip6tables.*|conntrack|sha256sum|[a-z-]*awk)$/;

/** Leaves only links to the tools of the router that are named, for all later SSH sessions. */
const ONLY = `sed 's#/bin/bash#/bin/sh#' /etc/passwd >/run/passwd
mount --bind /run/passwd /etc/passwd
# Redirections are restored by ifupdown.
mkdir -p /etc/network/if-up.d
mount -t tmpfs tmpfs /usr/local/sbin
ln -s /run/tools/bin/true /usr/local/sbin/ifup
for folder in bin sbin; do
  mkdir -p /run/tools/$folder
  mount --bind /usr/$folder /run/tools/$folder
done
for folder in bin sbin; do
  mount -t tmpfs tmpfs /usr/$folder
  for tool in /run/tools/$folder/*; do /run/tools/bin/ln -s "$tool" /usr/$folder/; done
done
cd /usr/bin
for tool in * ../sbin/*; do
  case " ${UTILITIES.join(" ")} " in *" \${tool##*/} "*) continue ;; esac
  printf '%s\\n' "\${tool##*/}" | grep -qxE '${TOOLS.source.slice(2, -2)}' || rm "$tool"
done`;

describe("RouterRedirection on a Linux router that has only what it needs", function () {
  this.timeout(120_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("tools");
    await router.runOverSsh(ONLY, 60);
    await router.noteClean();
  });
  after(async () => {
    await router?.stop();
  });

  it("has no other tools", async () => {
    const shown = await router.runOverSsh("ls /usr/bin /usr/sbin");
    const others = shown.match(/^[a-z].*$/gm)?.filter((tool) => !TOOLS.test(tool) || tool === "awk") ?? [];
    assert.deepEqual(others.sort(), [...UTILITIES].sort());
  });

  for (const utility of UTILITIES) {
    it(`refuses a router without ${utility} before it changes anything, and leaves what is there`, async () => {
      const { id, state } = await resource.create(await router.inputs(), router.context());
      const before = await router.snapshot();
      const target = await router.runOverSsh(`ls -l /usr/bin/${utility} && rm /usr/bin/${utility}`);
      const refused = new RegExp(
        `^router \\S+: check the router: it has no ${utility}; install coreutils, .* \\[SG3101\\]$`,
      );
      try {
        const inputs = await router.inputsWith({ ports: [22] });
        const { failures } = await resource.preview(undefined, { ...inputs, preview: "always" }, router.context());
        assert.deepEqual([failures.length, refused.test(failures[0]?.reason ?? "")], [1, true], failures[0]?.reason);
        for (const work of [
          resource.read(id, state, router.context()),
          resource.update(id, state, inputs, router.context()),
          resource.delete(id, state, router.context()),
        ])
          assert.match((await failureOf(work)).message, refused);
        assert.equal(await router.snapshot(), before);
      } finally {
        const [, original] = /-> (\S+)/.exec(target) ?? [];
        await router.runOverSsh(`/run/tools/bin/ln -s ${original} /usr/bin/${utility}`);
      }
      await resource.delete(id, state, router.context());
      await router.assertClean();
    });
  }

  for (const backend of ["iptables-nft", "iptables-legacy", "nftables", "ip-rule"] satisfies BackendName[]) {
    it(`creates, reads, updates and deletes a redirection with ${backend}`, async () => {
      const wanted = (ports: number[]) =>
        router.inputsWith({ existingConnections: "cut", ports }, { linux: { backend }, persist: true });
      const inputs = await wanted([3389]);
      const { id, state } = await resource.create(inputs, router.context());
      assert.deepEqual(state.rules, rulesOf(inputs));
      assert.equal(await router.seenAs(), "sps");
      const read = await resource.read(id, state, router.context());
      assert.deepEqual(resource.diff(id, read?.state ?? state, inputs), []);
      const other = await wanted([22, 8080]);
      const changed = await resource.update(id, state, other, router.context());
      assert.deepEqual(changed.state.rules, rulesOf(other));
      assert.equal(await router.seenAs(8080), "sps");
      await resource.delete(id, changed.state, router.context());
      await router.assertClean();
    });
  }

  it("runs a watchdog, and drains sessions before a removal", async () => {
    const inputs = await router.inputs({
      bypass: "when-sps-silent",
      watchdog: { intervalSeconds: 1, missedProbes: 1 },
      removal: { connections: "drain", drainSeconds: 30 },
    });
    const { id, state } = await resource.create(inputs, router.context());
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const context = router.context();
    let closing: Promise<void> | undefined;
    const status = (line: string) => {
      if (line.includes("waiting for the end of sessions")) closing ??= session.ping().then(() => session.close());
    };
    await resource.delete(id, state, { ...context, log: { ...context.log, status } });
    await (closing ?? assert.fail("nothing was awaited"));
    assert.ok(router.log.some((line) => line.endsWith("all sessions have ended")));
    await router.assertClean();
  });

  it("rolls back by the router's own timer when the provider is killed", async () => {
    const inputs = await router.inputs({ commitConfirm: { windowSeconds: 20 } });
    await assert.rejects(resource.create(inputs, router.contextLostAtConfirmation()));
    assert.match(await router.snapshot(), /SPS-R-rdp/);
    await router.runOverSsh(
      "n=0; until ls /run/sps-redirect/commit.*/undo.back 2>/dev/null; do [ $((n+=1)) -lt 60 ] || exit 1; sleep 1; done",
      70,
    );
    await router.assertClean({ but: /^commit\..*\n/m });
    const { id, state } = await resource.create(await router.inputs(), router.context());
    await resource.delete(id, state, router.context());
    await router.assertClean();
  });
});
