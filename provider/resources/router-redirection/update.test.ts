import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { PartialFailure } from "../../core/errors";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";
import { SECOND_SPS_ADDRESS } from "./platform-lab.test";
import type { RouterRedirectionState } from "./schema";

describe("RouterRedirection on a Linux router: update", function () {
  this.timeout(30_000);
  let router: LabRouter;
  let id = "";
  let state: RouterRedirectionState;

  before(async () => {
    router = await LabRouter.start("update");
  });
  after(async () => {
    await router.stop();
  });
  beforeEach(async () => {
    ({ id, state } = await resource.create(await router.inputs(), router.context()));
  });
  afterEach(async () => {
    await resource.delete(id, state, router.context());
    await router.assertClean();
  });

  it("moves a redirection to other ports, and the next diff is empty", async () => {
    const news = await router.inputsWith({ ports: [8080, "2200-2300"] });
    assert.equal(resource.diff(id, state, news).length > 0, true);
    ({ state } = await resource.update(id, state, news, router.context()));
    assert.deepEqual(state.rules, rulesOf(news));
    assert.deepEqual(
      resource.diff(id, state, news).map(({ path }) => path),
      [],
    );
    assert.deepEqual(
      [await router.seenAs(8080), await router.seenAs(2222), await router.seenAs(3389)],
      ["sps", "sps", "client"],
    );
  });

  it("moves to another SPS with a new mark, table and rule, and removes the old ones", async () => {
    const news = await router.inputsWith({ spsAddress: "172.16.9.3" });
    ({ state } = await resource.update(id, state, news, router.context()));
    assert.deepEqual(state.rules, rulesOf(news));
    const snapshot = await router.snapshot();
    assert.match(snapshot, /fwmark 0x3\/0xff lookup 10303/);
    assert.doesNotMatch(snapshot, /0x2\/0xff|10302|172\.16\.9\.2 dev rsps table/);
  });

  for (const mark of [undefined, 77]) {
    const fate = mark === undefined ? "ends" : "goes on at another address of the same SPS";
    it(`tells before a move that an open connection ${fate}, and it does: mark ${mark ?? "by address"}`, async () => {
      await router.run("conntrack -F");
      const options = { linux: { mark } };
      const inputs = await router.inputs(options);
      ({ state } = await resource.update(id, state, inputs, router.context()));
      if (mark === undefined) await router.addSpsAddress();
      const session = await router.network.openFromClient("10.0.0.5", 3389);
      const news = await router.inputsWith({ spsAddress: SECOND_SPS_ADDRESS }, options);
      const { notes } = await resource.preview({ inputs, state }, news, router.context());
      const end =
        mark === undefined
          ? "end; to let them end by themselves, set removal.connections to drain"
          : "end, unless 172.16.9.3 is an address of the same SPS";
      const text = `redirection rdp: connections through SPS 172.16.9.2 ${end}`;
      assert.deepEqual(
        notes.filter((note) => note.text.includes("connections through")).map((note) => note.text.split(/: (.*)/)[1]),
        [text],
      );
      ({ state } = await resource.update(id, state, news, router.context()));
      if (mark === undefined) await assert.rejects(session.ping(1));
      else await session.ping();
      await session.close();
      await router.run("conntrack -F");
    });
  }

  it("tells before its mark changes that open connections end, and they do", async () => {
    await router.run("conntrack -F");
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const inputs = await router.inputs();
    const news = await router.inputs({ preview: "always", linux: { mark: 77 } });
    const warnings = async (wanted: typeof news) => {
      const { notes } = await resource.preview({ inputs, state }, wanted, router.context());
      return notes.filter(({ severity }) => severity === "warning").map(({ text }) => text.split(/: (.*)/)[1]);
    };
    const text =
      "redirection rdp: connections through SPS 172.16.9.2 end; to let them end by themselves, set removal.connections to drain";
    assert.deepEqual(await warnings(await router.inputs({ preview: "always", linux: { mark: 2, table: 99 } })), []);
    assert.deepEqual(await warnings(news), [text]);
    ({ state } = await resource.update(id, state, news, router.context()));
    await assert.rejects(session.ping(1));
    await session.close();
    await router.run("conntrack -F");
  });

  it("moves to another SPS under the same mark by replacing only the route", async () => {
    const marked = (spsAddress: string) => router.inputsWith({ spsAddress }, { linux: { mark: 77 } });
    ({ state } = await resource.update(id, state, await marked("172.16.9.88"), router.context()));
    // Nothing has this address: the connection waits for an answer, or the kernel knows already that there is none.
    assert.match(await router.seenAs(3389, 0.3), /^(ETIMEDOUT|EHOSTUNREACH)$/);
    ({ state } = await resource.update(id, state, await marked("172.16.9.2"), router.context()));
    assert.equal(await router.seenAs(), "sps");
    assert.ok(router.log.at(-1)?.endsWith("made and verified 1 change"), router.log.at(-1));
  });

  it("adds and removes redirections, each with its own chain", async () => {
    const both = await router.inputs({
      redirections: [
        router.redirection(),
        router.redirection({ name: "web", ports: [8080], serverCidrs: ["10.0.0.6/32"] }),
      ],
    });
    ({ state } = await resource.update(id, state, both, router.context()));
    assert.equal(await router.run("iptables-save -t mangle | grep -c '^:SPS-R-'"), "2\n");
    const only = await router.inputsWith({ name: "web", ports: [8080] });
    ({ state } = await resource.update(id, state, only, router.context()));
    assert.deepEqual([await router.seenAs(8080), await router.seenAs(3389)], ["sps", "client"]);
    assert.equal(await router.run("iptables-save -t mangle | grep '^:SPS-R-'"), ":SPS-R-web - [0:0]\n");
  });

  it("makes no router login when only the connection or adopt changes", async () => {
    const { address, port, hostKey } = router.network.description.router;
    const news = await router.inputs({
      router: { address, port, hostKey, username: "admin", password: "new" },
      adopt: true,
    });
    await router.network.stopSshd();
    try {
      const updated = await resource.update(id, state, news, router.context());
      assert.deepEqual(updated.state, { ...state, router: news.router, adopt: true });
      assert.deepEqual(
        resource.diff(id, updated.state, news).map(({ path }) => path),
        [],
      );
    } finally {
      await router.network.startSshd();
    }
  });

  it("treats a router with the same host key under another name as the same router", async () => {
    const raw = router.raw();
    const news = await router.inputs({ router: { ...(raw.router as object), address: "localhost" } });
    const rulesBefore = await router.snapshot();
    ({ state } = await resource.update(id, state, news, router.context()));
    assert.equal(await router.snapshot(), rulesBefore);
    assert.ok(router.log.at(-1)?.endsWith("in sync, nothing to change"));
  });

  describe("the move to another router", () => {
    let other: LabRouter;
    before(async () => {
      other = await LabRouter.start("update-other");
    });
    after(() => other.stop());
    afterEach(() => other.assertClean());

    it("removes the redirection from the old router when it moves to another one", async () => {
      const moved = await resource.update(id, state, await other.inputs(), router.context());
      await router.assertClean();
      assert.equal(await other.seenAs(), "sps");
      await resource.delete(id, moved.state, other.context());
    });

    it("keeps the old router's redirection when the new router refuses", async () => {
      const news = await other.inputsWith({ spsInterface: "rsps9" });
      await assert.rejects(resource.update(id, state, news, router.context()), { code: "SG3103" });
      assert.equal(await router.seenAs(), "sps");
    });

    it("records that the old router was left when the change on the new router fails", async () => {
      const context = router.contextAtChange(() => void other.network.stopSshd());
      const news = { ...(await other.inputs()), commitConfirm: { windowSeconds: 3 } };
      const failure = await resource.update(id, state, news, context).then(
        () => assert.fail("it did not fail"),
        (error: unknown) => error,
      );
      await other.network.startSshd();
      assert.ok(failure instanceof PartialFailure, String(failure));
      await router.assertClean();
      const left = failure.state as unknown as RouterRedirectionState;
      assert.deepEqual([left.router, left.rules], [news.router, []]);
      ({ state } = await resource.update(id, left, news, router.context()));
      assert.equal(await other.seenAs(), "sps");
      await resource.delete(id, state, other.context());
    });
  });
});
