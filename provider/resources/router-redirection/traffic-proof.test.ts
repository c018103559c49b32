import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { OperationContext } from "../../core/context";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** Lets SPS keep silent instead of answering or refusing. */
const SILENT = ["iptables", "-I", "INPUT", "-p", "tcp", "--dport", "3389", "-j", "DROP"];

const ANSWERED = "a client's connection of redirection rdp was answered through SPS 172.16.9.2";

describe("RouterRedirection on a Linux router: proof by client traffic", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("traffic-proof");
  });
  after(async () => {
    await router.stop();
  });
  beforeEach(() => router.log.splice(0));
  afterEach(async () => {
    await router.assertClean();
  });

  /** Inputs that wait for clients as told. */
  const inputs = (probe: Record<string, unknown>, redirection: Record<string, unknown> = {}, backend = "auto") =>
    router.inputsWith(redirection, { probe, linux: { backend } });

  /** A context that has a client do something as soon as it is waited for. */
  function contextWithClient(work: () => Promise<unknown>): { context: OperationContext; done: Promise<unknown>[] } {
    const context = router.context();
    const { log } = context;
    const done: Promise<unknown>[] = [];
    const status = (line: string) => {
      if (line.includes("waiting for a client's connection")) done.push(work());
    };
    return { context: { ...context, log: { ...log, status } }, done };
  }

  async function refused(work: Promise<unknown>): Promise<string> {
    const error: unknown = await work.then(
      () => assert.fail("it had to be taken back"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof Error);
    assert.match(error.message, /everything was rolled back; .*\[SG3306\]$/);
    return /confirm the changes: (.*); everything was/.exec(error.message)?.[1] ?? error.message;
  }

  for (const backend of ["iptables-nft", "iptables-legacy", "nftables"]) {
    it(`accepts a client that connects during the window as proof with ${backend}`, async () => {
      const { context, done } = contextWithClient(() => router.seenAs());
      const wanted = await inputs({ traffic: "required" }, {}, backend);
      const { id, state } = await resource.create(wanted, context);
      assert.deepEqual(await Promise.all(done), ["sps"]);
      assert.deepEqual([state.confirmedTraffic, state.confirmedUnproven], [["rdp"], []]);
      assert.ok(router.log.some((line) => line.includes(`${ANSWERED}; not proved: that SPS records a session`)));
      await resource.delete(id, state, router.context());
    });
  }

  it("rolls back when proof is required and no client connects", async () => {
    const work = resource.create(await inputs({ traffic: "required", trafficSeconds: 1 }), router.context());
    assert.equal(await refused(work), `${ANSWERED} (not checked: no client has connected since)`);
  });

  it("does not wait for client traffic when another check fails", async () => {
    const wanted = await inputs({ traffic: "required", path: "required" }, { spsAddress: "172.16.9.77" });
    const started = Date.now();
    const said = await refused(resource.create(wanted, router.context()));
    assert.ok(Date.now() - started < 8000, "before clients could have connected");
    assert.equal(
      said,
      "SPS 172.16.9.77 answers ARP (no answer to ARP), SPS 172.16.9.77 accepts TCP on port 3389 (no TCP connection)",
    );
  });

  it("rolls back and gives the reason when SPS is silent or refuses client connections", async () => {
    await router.network.exec("sps", SILENT);
    const silent = contextWithClient(() => router.seenAs(3389, 0.5));
    const wanted = await inputs({ traffic: "required", trafficSeconds: 1, path: "off" });
    assert.equal(
      await refused(resource.create(wanted, silent.context)),
      `${ANSWERED} (unanswered connections of clients: 1)`,
    );
    assert.deepEqual(await Promise.all(silent.done), ["ETIMEDOUT"]);
    await router.network.exec(
      "sps",
      SILENT.map((word) => (word === "-I" ? "-D" : word)),
    );
    await router.network.setRelayServing(false);
    for (const backend of ["nftables", "iptables-legacy"] as const) {
      const refusing = contextWithClient(() => router.seenAs());
      assert.equal(
        await refused(resource.create({ ...wanted, linux: { backend } }, refusing.context)),
        `${ANSWERED} (redirected packets that open connections: 1, and none was answered)`,
      );
      assert.deepEqual(await Promise.all(refusing.done), ["ECONNREFUSED"]);
    }
    await router.network.setRelayServing(true);
  });

  it("warns in a refresh about clients that SPS does not answer, and no more once it answers", async () => {
    const { id, state } = await resource.create(await inputs({ traffic: "off" }), router.context());
    const warnings = async () => {
      router.log.splice(0);
      await resource.read(id, state, router.context());
      return router.log
        .filter((line) => line.startsWith("warn: "))
        .map((line) => line.replace(/^warn: router \S+: /, ""));
    };
    assert.deepEqual(await warnings(), []);
    // Connections that ended lately count as answered.
    await router.run("conntrack -F 2>/dev/null");
    await router.network.exec("sps", SILENT);
    assert.equal(await router.seenAs(3389, 0.5), "ETIMEDOUT");
    assert.deepEqual(await warnings(), [
      "1 connection of a client was sent to SPS 172.16.9.2, and none was answered; check SPS, and rules on the way to it and back",
    ]);
    await router.network.exec("sps", ["iptables", "-F", "INPUT"]);
    assert.equal(await router.seenAs(), "sps");
    assert.deepEqual(await warnings(), []);
    await resource.delete(id, state, router.context());
  });

  it("does not accept earlier connections as proof, whether cut or continuing", async () => {
    const wanted = { traffic: "required", trafficSeconds: 1 };
    const direct = await router.network.openFromClient("10.0.0.5", 3389);
    const cutting = contextWithClient(() => assert.rejects(direct.ping(2)));
    const cut = resource.create(await inputs(wanted, { existingConnections: "cut" }), cutting.context);
    assert.equal(await refused(cut), `${ANSWERED} (not checked: no client has connected since)`);
    await Promise.all(cutting.done);
    const { id, state } = await resource.create(await router.inputs(), router.context());
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const before = await router.snapshot();
    const going = contextWithClient(() => session.ping());
    const update = resource.update(id, state, await inputs(wanted, { ports: [22, 3389] }), going.context);
    assert.equal(await refused(update), `${ANSWERED} (not checked: no client has connected since)`);
    await Promise.all(going.done);
    assert.equal(await router.snapshot(), before);
    await session.close();
    await resource.delete(id, state, router.context());
  });

  it("does not require client traffic by default, but warns when clients get no answer", async () => {
    const { id, state } = await resource.create(await router.inputs(), router.context());
    assert.deepEqual([state.confirmedTraffic, state.confirmedUnproven], [[], []]);
    assert.doesNotMatch(router.log.join("\n"), /a client's connection/);
    await router.network.exec("sps", SILENT);
    const { context, done } = contextWithClient(() => router.seenAs(8080, 0.1).then(() => router.seenAs(3389, 0.5)));
    const news = await inputs({ trafficSeconds: 1, path: "off" }, { ports: [22, 3389] });
    const { state: updated } = await resource.update(id, state, news, context);
    await Promise.all(done);
    await router.network.exec(
      "sps",
      SILENT.map((word) => (word === "-I" ? "-D" : word)),
    );
    assert.deepEqual(updated.confirmedUnproven, [`${ANSWERED} (unanswered connections of clients: 1)`]);
    assert.equal(router.log.filter((line) => /^warn: .*not proved: a client's connection/.test(line)).length, 1);
    await resource.delete(id, updated, router.context());
  });

  it("does not accept clients that reach the servers directly as proof", async () => {
    const direct = "ip rule add pref 50 fwmark 2/0xff lookup main";
    const misled = () => router.run(direct).then(() => router.seenAs());
    const required = contextWithClient(misled);
    const said = await refused(
      resource.create(await inputs({ traffic: "required", path: "off", trafficSeconds: 5 }), required.context),
    );
    assert.deepEqual(await Promise.all(required.done), ["client"]);
    await router.run(direct.replace("add", "del"));
    assert.match(
      said,
      /^a client's connection .* \(a client was answered, but the router routes 192\.168\.50\.10 on rcli elsewhere: 10\.0\.0\.5 from 192\.168\.50\.10 dev rsrv/,
    );
  });

  it("does not accept a client as proof that a foreign rule sends to the servers", async () => {
    const direct = "ip rule add pref 50 from 192.168.50.10 lookup main";
    const required = contextWithClient(() => router.run(direct).then(() => router.seenAs()));
    const said = await refused(
      resource.create(await inputs({ traffic: "required", path: "required", trafficSeconds: 5 }), required.context),
    );
    await Promise.all(required.done);
    await router.run(direct.replace("add", "del"));
    assert.match(
      said,
      /^a client's connection .* \(a client was answered, but the router routes 192\.168\.50\.10 on rcli elsewhere:/,
    );
  });

  it("does not accept clients as proof while the watchdog bypasses a silent SPS", async () => {
    const watched = {
      bypass: "when-sps-silent",
      watchdog: { intervalSeconds: 1, missedProbes: 1, port: 3389 },
      commitConfirm: { windowSeconds: 20 },
    };
    const { id, state } = await resource.create(await router.inputs(watched), router.context());
    await router.network.setRelayServing(false);
    for (let look = 0; look < 40 && (await router.seenAs()) !== "client"; look += 1) await pause(200);
    const now = (await resource.read(id, state, router.context()))?.state;
    assert.equal(now?.linuxStatus?.bypassed.length, 1);
    const probing = (probe: Record<string, unknown>) =>
      router.inputsWith({ ports: [3389, 8080] }, { ...watched, probe: { trafficSeconds: 5, path: "off", ...probe } });
    const required = contextWithClient(() => router.seenAs());
    const said = await refused(resource.update(id, now, await probing({ traffic: "required" }), required.context));
    assert.equal(said, `${ANSWERED} (not checked: its watchdog bypasses SPS)`);
    const { state: updated } = await resource.update(id, now, await probing({}), required.context);
    assert.deepEqual([updated.confirmedTraffic, required.done], [[], []], "nobody is awaited for it");
    await resource.delete(id, updated, router.context());
    await router.network.setRelayServing(true);
  });

  it("waits for client traffic no longer than the commit window allows", async () => {
    const wanted = await router.inputs({ commitConfirm: { windowSeconds: 10 }, probe: { trafficSeconds: 9 } });
    const { context } = contextWithClient(() => Promise.resolve());
    const waits: string[] = [];
    const status = (line: string) => waits.push(...(/waiting for a client's connection, .*/.exec(line) ?? []));
    const { id, state } = await resource.create(wanted, { ...context, log: { ...context.log, status } });
    assert.deepEqual(state.confirmedTraffic, []);
    const [wait = "not at all", ...others] = waits;
    // On a busy machine nothing may be left to wait.
    assert.match(wait, /^not at all$|, 1 s at most$/);
    assert.deepEqual(others, []);
    waits.splice(0);
    const shorter = await router.inputsWith(
      { ports: [22, 3389] },
      { commitConfirm: { windowSeconds: 9 }, probe: { trafficSeconds: 8 } },
    );
    const { state: updated } = await resource.update(id, state, shorter, {
      ...context,
      log: { ...context.log, status },
    });
    assert.deepEqual([updated.confirmedTraffic, waits], [[], []], "it looks once");
    await resource.delete(id, updated, router.context());
  });

  it("makes no traffic check when the traffic proof is off", async () => {
    const { context, done } = contextWithClient(() => router.seenAs());
    const { id, state } = await resource.create(await inputs({ traffic: "off", trafficSeconds: 2 }), context);
    assert.deepEqual([done.length, state.confirmedTraffic], [0, []]);
    await resource.delete(id, state, router.context());
  });
});
