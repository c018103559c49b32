import assert from "node:assert/strict";
import { operationContext } from "../../../core/context";
import type { ApplyOutcome } from "../../guard/scripts/apply-script";
import { newProtection } from "../../guard/session/confirm";
import { desiredState, NOTHING } from "../model/desired";
import { NO_PERSISTENCE } from "../persistence/found-files";
import type { Step } from "../plan/steps";
import { AUTO, INTERFACES, sample } from "../simulated/planning-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { bringTo, type GuardedWish, HalfDone, type Session } from "./apply-once";
import { mannerOf } from "./holdings";
import type { Applied } from "./linux-session";

type Failed = Exclude<ApplyOutcome, { kind: "applied" }>;

/** A session on a simulated router; `apply` may be replaced by something that goes wrong. */
function sessionOn(router: SimulatedRouter, apply?: (steps: readonly Step[]) => Failed | "applied"): Session {
  const judgement = { verdict: "kept", stdout: "", stderr: "" } as const;
  return {
    object: "router simulated",
    settleAndRead: async () => ({ found: router.read(), settled: [] }),
    ask: () => Promise.reject(new Error("nothing is asked")),
    persist: async () => assert.fail("nothing is kept over restarts"),
    judge: async () => judgement,
    judgeAnew: async () => judgement,
    apply: async (steps): Promise<Applied> => {
      const outcome = apply ? apply(steps) : "applied";
      if (outcome !== "applied") return { outcome };
      if (!apply) router.apply(steps);
      return { outcome: { kind: "applied" }, found: router.read(), before: [] };
    },
  };
}

describe("bringing a router to what is wanted", () => {
  const desired = desiredState([sample()], AUTO);
  const manner = { ...mannerOf({}), protection: newProtection(60) };
  const wish: GuardedWish = { ...manner, desired, owned: NOTHING, isAdopting: false };

  async function failure(session: Session, wanted = wish): Promise<Error> {
    const error: unknown = await bringTo(session, wanted, operationContext()).catch((reason: unknown) => reason);
    assert.ok(error instanceof Error);
    return error;
  }

  it("makes nothing where everything is as wanted", async () => {
    const router = new SimulatedRouter(INTERFACES);
    await bringTo(sessionOn(router), wish, operationContext());
    const session = sessionOn(router, () => assert.fail("nothing must be changed"));
    await bringTo(session, wish, operationContext());
  });

  it("tells a failure that was undone from one that was not", async () => {
    const router = new SimulatedRouter(INTERFACES);
    const failed = { kind: "failed", step: "the way to SPS", message: "no luck" } as const;
    const undone = await failure(sessionOn(router, () => ({ ...failed, isUndone: true })));
    assert.equal(undone.name, "SafeguardError");
    assert.match(undone.message, /^router simulated: the way to SPS: no luck; .*; the router is as it was \[SG3301\]$/);
    const left = await failure(sessionOn(router, () => ({ ...failed, isUndone: false })));
    assert.ok(left instanceof HalfDone && !left.isOutcomeUnknown);
    assert.match(left.message, /no luck; undoing failed too: .*\[SG3302\]$/);
  });

  it("does not believe an answer that is incomplete", async () => {
    const error = await failure(sessionOn(new SimulatedRouter(INTERFACES), () => ({ kind: "unclear" })));
    assert.ok(error instanceof HalfDone && error.isOutcomeUnknown);
    assert.match(
      error.message,
      /the outcome is unknown: the router's answer is incomplete; changes are taken back by the router 60 s after they were made; .*\[SG3304\]$/,
    );
  });

  it("believes what is read back and not that the changes were made, and hands it over", async () => {
    const router = new SimulatedRouter(INTERFACES);
    const session = sessionOn(router, (steps) => {
      router.apply(steps);
      router.contents.chains["SPS-R-rdp"]?.pop();
      return "applied";
    });
    const error = await failure(session);
    assert.ok(error instanceof HalfDone && error.found);
    assert.match(error.message, /verify the changes: "mangle: -A SPS-R-rdp ! -i s0 .*" is not there; .*\[SG3303\]$/);
    const added = new SimulatedRouter(INTERFACES);
    const adding = sessionOn(added, (steps) => {
      added.apply(steps);
      added.contents.chains["SPS-R-rdp"]?.push("-i c1 -j ACCEPT");
      return "applied";
    });
    assert.match((await failure(adding)).message, /"mangle: -A SPS-R-rdp -i c1 -j ACCEPT" is there and was not wanted/);
  });

  it("sees that a chain to be removed is still there", async () => {
    const router = new SimulatedRouter(INTERFACES);
    await bringTo(sessionOn(router), wish, operationContext());
    const removal = { ...manner, desired: NOTHING, owned: desired, isAdopting: false };
    const error = await failure(
      sessionOn(router, () => "applied"),
      removal,
    );
    assert.match(error.message, /chain SPS-R-rdp is still there; .*\[SG3303\]$/);
  });

  /** A session on a router with ifupdown, that notes what is run to confirm and answers so. */
  function noting(router: SimulatedRouter, scripts: string[], isApplying: boolean): Session {
    const found = () => ({ ...router.read(), persistence: { ...NO_PERSISTENCE, means: ["ifupdown" as const] } });
    return {
      ...sessionOn(router),
      settleAndRead: async () => ({ found: found(), settled: [] }),
      apply: async (steps): Promise<Applied> => {
        if (isApplying) router.apply(steps);
        return { outcome: { kind: "applied" }, found: found(), before: [] };
      },
      judgeAnew: async (script) => {
        scripts.push(script);
        return { verdict: "kept", stdout: "\n@@guard verdict kept\n", stderr: "" };
      },
    };
  }

  it("has what is kept over restarts written by the confirmation itself, without a round trip more", async () => {
    const scripts: string[] = [];
    const session = noting(new SimulatedRouter(INTERFACES), scripts, true);
    const error = await failure(session, { ...wish, desired: desiredState([sample()], AUTO, true) });
    assert.equal(scripts.length, 1);
    const [confirming = "", persisting = ""] = (scripts[0] ?? "").split(" = kept ]; then");
    assert.doesNotMatch(confirming, /\/etc\/sps-redirect/, "nothing is written before");
    assert.match(persisting, /\/etc\/sps-redirect\/\.new/);
    assert.ok(error instanceof HalfDone && error.found && !error.isOutcomeUnknown);
    assert.match(error.message, /because its files in \/etc could not be changed: the router's answer is incomplete/);
  });

  it("does not keep over restarts what is not as wanted", async () => {
    const scripts: string[] = [];
    const session = noting(new SimulatedRouter(INTERFACES), scripts, false);
    const error = await failure(session, { ...wish, desired: desiredState([sample()], AUTO, true) });
    assert.match(error.message, /\[SG3303\]$/);
    assert.equal(scripts.length, 1);
    assert.doesNotMatch(scripts[0] ?? "", /\/etc\/sps-redirect/);
  });

  it("changes nothing after a cancel in time", async () => {
    const router = new SimulatedRouter(INTERFACES);
    const session: Session = {
      ...sessionOn(router),
      settleAndRead: () => Promise.reject(new Error("cancelled by the user")),
    };
    const error = await failure(session);
    assert.equal(error instanceof HalfDone, false);
    assert.equal(error.message, "cancelled by the user");
  });
});
