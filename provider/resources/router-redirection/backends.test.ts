import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import type { BackendName } from "../../router/linux/model/backend-names";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionState } from "./schema";

/** What makes a redirection one that every backend can express. */
const ANYWHERE = { existingConnections: "cut" };

/** Gives iptables of both kinds and nftables something of others to keep, so that the snapshots can be compared. */
const OTHERS = `iptables-legacy -t mangle -A PREROUTING -i none
iptables-nft -t mangle -A PREROUTING -i none
nft add table ip theirs`;

describe("RouterRedirection on a Linux router: backend changes", function () {
  this.timeout(60_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("backends", OTHERS);
  });
  after(async () => {
    await router.stop();
  });
  afterEach(async () => {
    await router.assertClean();
  });

  it("changes between all backends while no connection goes direct or fails", async () => {
    const using = (backend: BackendName) => router.inputsWith(ANYWHERE, { linux: { backend } });
    let { id, state } = await resource.create(await using("ip-rule"), router.context());
    const order: BackendName[] = ["iptables-nft", "iptables-legacy", "nftables", "ip-rule", "nftables"];
    await router.whileConnecting(async () => {
      for (const backend of order) {
        const news = await using(backend);
        assert.equal(resource.diff(id, state, news).length > 0, true);
        ({ state } = await resource.update(id, state, news, router.context()));
        assert.deepEqual([state.linuxStatus?.backend, state.rules], [backend, rulesOf(news)]);
      }
    });
    await resource.delete(id, state, router.context());
  });

  it("refuses a change from ip-rule that leaves existing sessions without marks", async () => {
    const before = await router.inputsWith(ANYWHERE, { linux: { backend: "ip-rule" } });
    const { id, state } = await resource.create(before, router.context());
    const news = await router.inputsWith({}, { linux: { backend: "nftables" } });
    await assert.rejects(
      resource.update(id, state, news, router.context()),
      /redirection rdp moves from ip-rule to nftables with existingConnections leave, .*; set existingConnections to cut in this update.* \[SG3109\]$/,
    );
    await resource.delete(id, state, router.context());
  });

  it("refuses another stack's redirection in another backend, and moves it with adopt", async () => {
    const there = await resource.create(
      await router.inputsWith({}, { linux: { backend: "iptables-legacy" } }),
      router.context(),
    );
    const inputs = await router.inputsWith({}, { linux: { backend: "nftables" } });
    const other = router.context(undefined, "router", "other");
    await assert.rejects(
      resource.create(inputs, other),
      /redirection rdp exists already and belongs to resource router of stack tests\/lab; .* \[SG3201\]$/,
    );
    const moved = await resource.create({ ...inputs, adopt: true }, other);
    assert.deepEqual([moved.state.linuxStatus?.backend, moved.state.rules], ["nftables", rulesOf(inputs)]);
    assert.equal(await resource.read(there.id, there.state, router.context()), undefined);
    await resource.delete(moved.id, moved.state, other);
  });

  it("chooses the router's iptables, or nftables without iptables, and gives the reason", async () => {
    const made = await resource.create(await router.inputs(), router.context());
    assert.equal(made.state.linuxStatus?.backend, "iptables-nft");
    assert.ok(router.log.some((line) => /backend iptables-nft: the router's command iptables uses it$/.test(line)));
    await resource.delete(made.id, made.state, router.context());
    const programs = ["xtables-nft-multi", "xtables-legacy-multi"].map((name) => `/usr/sbin/${name}`);
    await router.runOverSsh(programs.map((path) => `mount --bind /dev/null ${path}`).join("\n"));
    try {
      const without = await resource.create(await router.inputs(), router.context());
      assert.equal(without.state.linuxStatus?.backend, "nftables");
      assert.match(without.state.linuxStatus?.backendReason, /^iptables (is missing|cannot be run)$/);
      assert.equal(await router.seenAs(), "sps");
      await resource.delete(without.id, without.state, router.context());
      const linuxStatus = { ...(without.state.linuxStatus ?? assert.fail()), backend: "iptables-nft" as const };
      const wasThere: RouterRedirectionState = { ...without.state, linuxStatus };
      await assert.rejects(
        resource.read(without.id, wasThere, router.context()),
        /backend iptables-nft: iptables (is missing|cannot be run); .*\[SG3101\]$/,
      );
    } finally {
      await router.runOverSsh(programs.map((path) => `umount ${path}`).join("\n"));
    }
  });
});
