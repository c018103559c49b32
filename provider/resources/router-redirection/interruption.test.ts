import assert from "node:assert/strict";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { rulesOf } from "../../../tests/support/planned-rules";
import type { RouterConnection } from "../../core/connection";
import { PartialFailure } from "../../core/errors";
import { withSession } from "../../router/guard/session/connect";
import { newProtection } from "../../router/guard/session/transaction";
import { linux } from "../../router/linux/platform";
import { readScript } from "../../router/linux/read/read-script";
import { platformContext } from "../../router/platform";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionState } from "./schema";

/** Stands between the product and the router and cuts connections when told to. */
class Cutter {
  private readonly sockets = new Set<Socket>();
  private mode: "pass" | "lose-answer" | "lose-request" | "refuse" = "pass";
  private after: "pass" | "refuse" = "pass";
  connections = 0;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async start(port: number): Promise<Cutter> {
    const server = createServer((near) => {
      cutter.connections += 1;
      const far = connect(port, "127.0.0.1");
      const cut = () => {
        near.destroy();
        far.destroy();
        cutter.mode = cutter.after;
        if (cutter.mode === "refuse" && server.listening) server.close();
      };
      for (const socket of [near, far]) cutter.sockets.add(socket.on("error", cut).on("close", cut));
      near.on("data", (data) => (cutter.mode === "lose-request" ? cut() : far.write(data)));
      far.on("data", (data) => (cutter.mode === "lose-answer" ? cut() : near.write(data)));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const cutter = new Cutter(server, (server.address() as AddressInfo).port);
    return cutter;
  }

  /** Cuts at the next request or answer; from then on passes or refuses connections. */
  arm(mode: "lose-answer" | "lose-request", after: "pass" | "refuse"): void {
    this.mode = mode;
    this.after = after;
  }

  async pass(): Promise<void> {
    this.mode = "pass";
    this.after = "pass";
    if (!this.server.listening) {
      await new Promise<void>((resolve) => this.server.listen(this.port, "127.0.0.1", resolve));
    }
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }
}

describe("RouterRedirection on a Linux router: interruptions", function () {
  this.timeout(30_000);
  let router: LabRouter;
  let cutter: Cutter;

  before(async () => {
    router = await LabRouter.start("interruption");
  });
  after(async () => {
    await router.stop();
  });
  beforeEach(async () => {
    cutter = await Cutter.start(router.network.description.router.port);
  });
  afterEach(async () => {
    await cutter.stop();
    await router.assertClean();
  });

  async function inputs(redirection: Record<string, unknown> = {}) {
    const raw = router.raw();
    return await router.inputsWith(redirection, { router: { ...(raw.router as object), port: cutter.port } });
  }

  async function partialFailure(
    work: Promise<unknown>,
  ): Promise<{ id: string; state: RouterRedirectionState; reasons: string[] }> {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof PartialFailure, `expected a partial failure, got ${error}`);
    assert.deepEqual(JSON.parse(JSON.stringify(error.state)), error.state);
    return { id: error.id, state: error.state as unknown as RouterRedirectionState, reasons: error.reasons };
  }

  for (const lost of ["lose-answer", "lose-request"] as const) {
    it(`logs in again and finishes when the connection breaks during changes (${lost})`, async () => {
      const wanted = await inputs();
      const context = router.contextAtChange(() => cutter.arm(lost, "pass"));
      const { id, state } = await resource.create(wanted, context);
      assert.equal(cutter.connections, 3, "the lost one, a new one, and that of the confirmation");
      assert.deepEqual(state.rules, rulesOf(wanted));
      assert.ok(
        router.log.some((line) =>
          /^warn: .*the outcome is unknown: .*\[SG3304\]; logging in again to find out$/.test(line),
        ),
      );
      await resource.delete(id, state, router.context());
    });

    it(`records a create of unknown outcome, which the next update finishes (${lost})`, async () => {
      const wanted = await inputs();
      const context = router.contextAtChange(() => cutter.arm(lost, "refuse"));
      const { id, state, reasons } = await partialFailure(resource.create(wanted, context));
      assert.match(reasons[0] ?? "", /change the router: the outcome is unknown: .*\[SG3304\]$/);
      assert.deepEqual(state.rules, []);
      await cutter.pass();
      const finished = await resource.update(id, state, wanted, router.context());
      assert.deepEqual(finished.state.rules, rulesOf(wanted));
      await resource.delete(id, finished.state, router.context());
    });

    it(`records the earlier rules of an update of unknown outcome and leaves none (${lost})`, async () => {
      const { id, state } = await resource.create(
        await inputs({ name: "old", spsAddress: "172.16.9.9" }),
        router.context(),
      );
      const wanted = await inputs({ name: "new" });
      const context = router.contextAtChange(() => cutter.arm(lost, "refuse"));
      const failed = await partialFailure(resource.update(id, state, wanted, context));
      assert.deepEqual(failed.state.unfinished?.redirections[0]?.name, "old");
      assert.equal(resource.diff(id, failed.state, wanted).length > 0, true);
      await cutter.pass();
      const finished = await resource.update(id, failed.state, wanted, router.context());
      assert.equal(finished.state.unfinished, undefined);
      assert.doesNotMatch(await router.snapshot(), /SPS-R-old|10309/);
      await resource.delete(id, finished.state, router.context());
    });
  }

  it("deletes all old and new rules after an update of unknown outcome", async () => {
    const { id, state } = await resource.create(
      await inputs({ name: "old", spsAddress: "172.16.9.9" }),
      router.context(),
    );
    const context = router.contextAtChange(() => cutter.arm("lose-request", "refuse"));
    const failed = await partialFailure(resource.update(id, state, await inputs({ name: "new" }), context));
    await cutter.pass();
    await resource.delete(id, failed.state, router.context());
  });

  it("reports a delete of unknown outcome as an error, and the next delete finishes it", async () => {
    const { id, state } = await resource.create(await inputs(), router.context());
    const context = router.contextAtChange(() => cutter.arm("lose-request", "refuse"));
    await assert.rejects(resource.delete(id, state, context), /^SafeguardError: router .*\[SG3304\]$/);
    await cutter.pass();
    await resource.delete(id, state, router.context());
  });

  it("ends at once on cancel and records the unknown outcome", async () => {
    const abort = new AbortController();
    const wanted = await inputs();
    const context = router.contextAtChange(() => abort.abort(new Error("cancelled by the user")), abort.signal);
    const { id, state, reasons } = await partialFailure(resource.create(wanted, context));
    assert.match(reasons[0] ?? "", /the outcome is unknown: cancelled by the user;/);
    assert.equal(cutter.connections, 1);
    const finished = await resource.update(id, state, wanted, router.context());
    await resource.delete(id, finished.state, router.context());
  });

  it("takes over the rules of an earlier create that was not recorded", async () => {
    const wanted = await inputs();
    const lost = await resource.create(wanted, router.context());
    const news = await inputs({ ports: [3389, 8080] });
    const { id, state } = await resource.create(news, router.context());
    assert.notEqual(state.ownerId, lost.state.ownerId);
    assert.deepEqual(state.rules, rulesOf(news));
    await resource.delete(id, state, router.context());
  });

  it("rolls back a create or an update when one of its steps fails", async () => {
    const setting = "/proc/sys/net/ipv4/conf/rsps/rp_filter";
    const failure =
      /: set rp_filter of rsps: .*Read-only file system; correct the cause and run pulumi up again; the router is as it was \[SG3301\]$/;
    const { id, state } = await resource.create(await inputs({ name: "other" }), router.context());
    const freeze = `echo 1 >${setting}; mount --bind ${setting} ${setting} && mount -o remount,ro,bind ${setting}`;
    await router.runOverSsh(freeze);
    const strict = await router.snapshot();
    try {
      await assert.rejects(
        resource.create(await inputs({ spsAddress: "172.16.9.3", ports: [22] }), router.context()),
        failure,
      );
      assert.equal(await router.snapshot(), strict);
      const moved = await inputs({ name: "other", spsAddress: "172.16.9.4", ports: [8080] });
      await assert.rejects(resource.update(id, state, moved, router.context()), failure);
      assert.equal(await router.snapshot(), strict);
    } finally {
      await router.runOverSsh(`umount ${setting}; echo 0 >${setting}`);
    }
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(id, state, router.context());
  });

  it("finishes a completely sent script on the router although the connection is lost", async () => {
    const connection = (await inputs()).router as RouterConnection;
    const slow = [
      { title: "first", run: "touch /run/started && sleep 2 && echo heard by nobody", undo: "true" },
      { title: "second", run: "touch /run/second", undo: "rm /run/second" },
    ];
    const protection = newProtection(30);
    const scope = { tables: [], spsInterfaces: [], interfaces: [], towards: [], isAnySelected: false };
    const context = platformContext(linux.identify(connection), router.context());
    const work = withSession(connection, context, async (session) => {
      const answer = session.apply({ steps: slow, protection, probes: [], reading: readScript(scope) });
      answer.catch(() => {
        // Rejected again below.
      });
      await router.awaitFile("/run/started");
      await cutter.stop();
      return await answer;
    });
    await assert.rejects(work, /\[SG3007\]$/);
    await router.awaitFile("/run/second");
    await router.run("rm -rf /run/sps-redirect");
  });
});
