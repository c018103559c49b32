import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { PartialFailure } from "../../core/errors";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";
import { SECOND_SPS_ADDRESS } from "./platform-lab.test";
import type { RouterRedirectionState } from "./schema";

const DRAIN = { removal: { connections: "drain", drainSeconds: 30 } };

describe("RouterRedirection on a Linux router: draining of sessions before removal", function () {
  this.timeout(60_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("drain");
  });
  after(async () => {
    await router.stop();
  });
  afterEach(async () => {
    await router.assertClean();
    // A session that was cut stays there for days.
    await router.run("conntrack -F");
  });

  /** A context that calls back with each line about sessions that are awaited. */
  function awaiting(then: (line: string) => void, signal?: AbortSignal) {
    const context = router.context(signal);
    const status = (line: string) => {
      if (line.includes("waiting for the end of sessions")) then(line);
    };
    return { ...context, log: { ...context.log, status } };
  }

  for (const backend of ["iptables-nft", "iptables-legacy", "nftables"]) {
    it(`drains sessions while new connections go direct with ${backend}`, async () => {
      const inputs = await router.inputs({ ...DRAIN, bypass: "when-sps-silent", linux: { backend } });
      const { id, state } = await resource.create(inputs, router.context());
      const session = await router.network.openFromClient("10.0.0.5", 3389);
      let looks = 0;
      let meanwhile: Promise<void> | undefined;
      const context = awaiting((line) => {
        looks += 1;
        assert.match(line, /waiting for the end of sessions: 1 through SPS 172\.16\.9\.2; \d+ s left$/);
        meanwhile ??= (async () => {
          assert.equal(await router.seenAs(), "client");
          await session.ping();
          assert.doesNotMatch(await router.snapshot(), /watchdog/);
          await session.close();
        })();
      });
      await resource.delete(id, state, context);
      await meanwhile;
      assert.ok(looks > 0);
      assert.ok(router.log.some((line) => line.endsWith("all sessions have ended")));
    });
  }

  it("removes a redirection at once when it has no sessions", async () => {
    const { id, state } = await resource.create(await router.inputs(DRAIN), router.context());
    await resource.delete(
      id,
      state,
      awaiting((line) => assert.fail(line)),
    );
  });

  it("cuts the remaining sessions at the drain timeout and logs a warning", async () => {
    const inputs = await router.inputs({ removal: { connections: "drain", drainSeconds: 1 } });
    const { id, state } = await resource.create(inputs, router.context());
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    await resource.delete(id, state, router.context());
    await assert.rejects(session.ping(1));
    assert.ok(
      router.log.some((line) => /^warn: .*: sessions are cut after 1 s: 1 through SPS 172\.16\.9\.2$/.test(line)),
    );
  });

  it("drains the sessions of an SPS that an update removes, then finishes the update", async () => {
    const web = router.redirection({ name: "web", ports: [8080], spsAddress: "172.16.9.3" });
    const both = await router.inputs({ ...DRAIN, redirections: [router.redirection(), web] });
    const { id, state } = await resource.create(both, router.context());
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const news = await router.inputs({ ...DRAIN, redirections: [web] });
    let closing: Promise<void> | undefined;
    const context = awaiting(() => {
      closing ??= session.ping().then(() => session.close());
    });
    const updated = await resource.update(id, state, news, context);
    await (closing ?? assert.fail("nothing was awaited"));
    assert.deepEqual(updated.state.rules, rulesOf(news));
    await resource.delete(id, updated.state, router.context());
  });

  it("drains sessions when a redirection moves to another SPS under the same name", async () => {
    const { id, state } = await resource.create(await router.inputs(DRAIN), router.context());
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const news = await router.inputsWith({ spsAddress: "172.16.9.77" }, DRAIN);
    let closing: Promise<void> | undefined;
    const context = awaiting(() => {
      closing ??= session.ping().then(() => session.close());
    });
    const moved = await resource.update(id, state, news, context);
    await (closing ?? assert.fail("nothing was awaited"));
    assert.deepEqual(moved.state.rules, rulesOf(news));
    await resource.delete(id, moved.state, router.context());
  });

  it("keeps a session that begins after the sessions were counted, until it ends", async () => {
    await router.addSpsAddress();
    const { id, state } = await resource.create(await router.inputs(DRAIN), router.context());
    let opening: ReturnType<typeof router.network.openFromClient> | undefined;
    let closing: Promise<void> | undefined;
    const close = async () => {
      const session = await opening;
      await session?.ping();
      await session?.close();
    };
    const context = awaiting(() => {
      closing ??= close();
    });
    const { status } = context.log;
    context.log.status = (line: string) => {
      if (line.endsWith("as one transaction")) opening ??= router.network.openFromClient("10.0.0.5", 3389);
      status(line);
    };
    const news = await router.inputsWith({ spsAddress: SECOND_SPS_ADDRESS }, DRAIN);
    const moved = await resource.update(id, state, news, context);
    assert.ok(opening);
    await (closing ?? assert.fail("the session began after the change, or it was cut"));
    assert.deepEqual(moved.state.rules, rulesOf(news));
    await resource.delete(id, moved.state, router.context());
  });

  it("does not wait for connections that an SPS without an answer never opened", async () => {
    const dead = await router.inputsWith({ spsAddress: "172.16.9.88" }, DRAIN);
    const { id, state } = await resource.create(dead, router.context());
    assert.match(await router.seenAs(3389, 0.3), /^(ETIMEDOUT|EHOSTUNREACH)$/);
    const [start, logged] = [performance.now(), router.log.length];
    const moved = await resource.update(id, state, await router.inputs(DRAIN), router.context());
    assert.ok(performance.now() - start < 20_000, "far less than drainSeconds");
    assert.equal(await router.seenAs(), "sps");
    assert.deepEqual(
      router.log.slice(logged).filter((line) => line.includes("sessions are cut")),
      [],
    );
    await resource.delete(id, moved.state, router.context());
  });

  it("reports sessions that cannot drain: with a shared packet mark or the link down", async () => {
    const marked = { ...DRAIN, linux: { mark: 9 } };
    const { id, state } = await resource.create(await router.inputs(marked), router.context());
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const news = await router.inputsWith({ spsAddress: "172.16.9.77" }, marked);
    const never = awaiting((line) => assert.fail(line));
    const moved = await resource.update(id, state, news, never);
    assert.match(
      router.log.join("\n"),
      /through SPS 172\.16\.9\.2 cannot be drained: SPS 172\.16\.9\.77 gets packet mark 9 or table 10309/,
    );
    await session.close();
    await router.network.setLink("rsps", "down");
    await resource.delete(id, moved.state, never);
    assert.match(
      router.log.join("\n"),
      /through SPS 172\.16\.9\.77 cannot be drained: the default route to it is missing/,
    );
    await router.network.setLink("rsps", "up");
  });

  it("keeps sessions that another resource's redirection to the same SPS needs", async () => {
    const [one, other] = [
      await resource.create(await router.inputs(DRAIN), router.context()),
      await resource.create(await router.inputsWith({ name: "web", ports: [8080] }, DRAIN), router.context()),
    ];
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const never = awaiting((line) => assert.fail(line));
    await resource.delete(one.id, one.state, never);
    await session.ping();
    await session.close();
    await router.run("conntrack -F");
    await resource.delete(other.id, other.state, never);
  });

  it("proves an update before it drains sessions, and rolls back when the proof fails", async () => {
    const required = { ...DRAIN, probe: { path: "required" } };
    const { id, state } = await resource.create(await router.inputs(required), router.context());
    const before = await router.snapshot();
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const news = await router.inputsWith({ name: "web", ports: [8080], spsAddress: "172.16.9.77" }, required);
    const never = awaiting((line) => assert.fail(line));
    await assert.rejects(resource.update(id, state, news, never), /everything was rolled back.*\[SG3306\]$/);
    assert.equal(await router.snapshot(), before);
    await session.ping();
    await session.close();
    await router.run("conntrack -F");
    await resource.delete(id, state, router.context());
  });

  it("records an update interrupted while sessions drain, and the next update finishes it", async () => {
    const { id, state } = await resource.create(await router.inputs(DRAIN), router.context());
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const web = { name: "web", ports: [8080], spsAddress: "172.16.9.3" };
    const news = await router.inputsWith(web, DRAIN);
    const abort = new AbortController();
    const cancelled = awaiting(() => abort.abort(new Error("cancelled")), abort.signal);
    const error: unknown = await resource.update(id, state, news, cancelled).catch((reason: unknown) => reason);
    assert.ok(error instanceof PartialFailure, String(error));
    assert.match(error.reasons[0] ?? "", /no longer redirected to SPS 172\.16\.9\.2, but its sessions .*\[SG3310\]$/);
    const half = error.state as unknown as RouterRedirectionState;
    assert.deepEqual(
      resource.diff(id, half, news).map(({ path }) => path),
      ["unfinished"],
    );
    assert.ok(resource.diff(id, half, await router.inputs(DRAIN)).length > 0, "back to the former program");
    await session.ping();
    let closing: Promise<void> | undefined;
    const context = awaiting(() => {
      closing ??= session.ping().then(() => session.close());
    });
    const done = await resource.update(id, half, news, context);
    await (closing ?? assert.fail("nothing was awaited"));
    assert.deepEqual([done.state.rules, done.state.unfinished], [rulesOf(news), undefined]);
    await resource.delete(id, done.state, router.context());
  });

  it("reports the rules in force after an interrupted removal, and the next one finishes", async () => {
    const { id, state } = await resource.create(await router.inputs(DRAIN), router.context());
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const abort = new AbortController();
    const cancelled = awaiting(() => abort.abort(new Error("cancelled")), abort.signal);
    await assert.rejects(
      resource.delete(id, state, cancelled),
      /no longer redirected to SPS 172\.16\.9\.2, but its sessions still are: .* before any other command run pulumi refresh \[SG3310\]$/,
    );
    await session.ping();
    await resource.delete(
      id,
      state,
      awaiting(() => void session.close()),
    );
  });

  it("refuses to drain sessions that the router or the backend cannot count", async () => {
    const { id, state } = await resource.create(await router.inputs(DRAIN), router.context());
    const before = await router.snapshot();
    // As where there is neither the tool nor the kernel's list, which cannot be hidden here.
    await router.runOverSsh(`printf '#!/bin/sh\\necho unlisted\\n' >/run/conntrack; chmod 755 /run/conntrack
mount --bind /run/conntrack /usr/sbin/conntrack`);
    await assert.rejects(
      resource.delete(id, state, router.context()),
      /the router does not list its tracked connections, .*set removal\.connections to cut \[SG3101\]$/,
    );
    assert.equal(await router.snapshot(), before);
    await router.runOverSsh("umount /usr/sbin/conntrack");
    await resource.delete(id, state, router.context());
    await assert.rejects(
      router.inputsWith({ existingConnections: "cut" }, { ...DRAIN, linux: { backend: "ip-rule" } }),
      /removal\.connections: backend ip-rule tracks no connections/,
    );
  });
});
