import assert from "node:assert/strict";
import { operationContext } from "../../../core/context";
import type { ApplyOutcome } from "../../guard/scripts/apply-script";
import type { Step } from "../../guard/scripts/shell-text";
import { newProtection, type Outcome } from "../../guard/session/transaction";
import { type ApplyOptions, PartiallyApplied } from "../../platform";
import { desiredState, NOTHING } from "../model/desired";
import type { Found } from "../model/found";
import { NO_PERSISTENCE } from "../persistence/found-files";
import { AUTO, INTERFACES, sample } from "../simulated/planning-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { applyOnce, type LinuxChange } from "./apply-once";
import type { LinuxSession } from "./linux-session";

type Failed = Exclude<ApplyOutcome, { kind: "applied" }>;

/** A session on a simulated router; `apply` may be replaced by something that goes wrong. */
function sessionOn(router: SimulatedRouter, apply?: (steps: readonly Step[]) => Failed | "applied"): LinuxSession {
  const confirmed = { verdict: "kept", stdout: "", stderr: "" } as const;
  return {
    object: "router simulated",
    settleAndRead: async () => ({ found: router.read(), settled: [] }),
    read: async () => router.read(),
    run: async () => assert.fail("nothing else is run"),
    runGuard: async () => confirmed,
    runGuardOnNewLogin: async () => confirmed,
    apply: async ({ steps }): Promise<Outcome<Found>> => {
      const outcome = apply ? apply(steps) : "applied";
      if (outcome !== "applied") return { outcome };
      if (!apply) router.apply(steps);
      return { outcome: { kind: "applied" }, found: router.read(), before: [] };
    },
  };
}

describe("one application of the desired state to a router", () => {
  const desired = desiredState([sample()], AUTO);
  const applyOptions: ApplyOptions = {
    windowSeconds: 60,
    probe: { hosts: [], path: "whenPossible", traffic: "whenPossible" },
    removal: { connections: "cut", drainSeconds: 300 },
  };
  const change: LinuxChange = { wanted: desired, owned: NOTHING, isAdopting: false, applyOptions };
  const apply = (session: LinuxSession, wanted: LinuxChange) =>
    applyOnce(session, wanted, { protection: newProtection(60) }, operationContext());

  async function failure(session: LinuxSession, wanted = change): Promise<Error> {
    const error: unknown = await apply(session, wanted).catch((reason: unknown) => reason);
    assert.ok(error instanceof Error);
    return error;
  }

  it("changes nothing when the router already has the desired state", async () => {
    const router = new SimulatedRouter(INTERFACES);
    await apply(sessionOn(router), change);
    const session = sessionOn(router, () => assert.fail("nothing must be changed"));
    await apply(session, { ...change, owned: desired });
  });

  it("distinguishes a failure that was undone from one that was not", async () => {
    const router = new SimulatedRouter(INTERFACES);
    const failed = { kind: "failed", step: "add the default route", message: "no luck" } as const;
    const undone = await failure(sessionOn(router, () => ({ ...failed, isUndone: true })));
    assert.equal(undone.name, "SafeguardError");
    assert.match(
      undone.message,
      /^router simulated: add the default route: no luck; .*; the router is as it was \[SG3301\]$/,
    );
    const left = await failure(sessionOn(router, () => ({ ...failed, isUndone: false })));
    assert.ok(left instanceof PartiallyApplied && !left.details.isOutcomeUnknown);
    assert.match(left.message, /no luck; the rollback failed too: .*\[SG3302\]$/);
  });

  it("reports an unknown outcome when the router's answer is incomplete", async () => {
    const error = await failure(sessionOn(new SimulatedRouter(INTERFACES), () => ({ kind: "unclear" })));
    assert.ok(error instanceof PartiallyApplied && error.details.isOutcomeUnknown);
    assert.match(
      error.message,
      /the outcome is unknown: the router's answer is incomplete; the router rolls the changes back 60 s after they were made unless they were confirmed; .*\[SG3304\]$/,
    );
  });

  it("trusts the rules read back instead of the reported success, and returns them", async () => {
    const router = new SimulatedRouter(INTERFACES);
    const session = sessionOn(router, (steps) => {
      router.apply(steps);
      router.contents.chains["SPS-R-rdp"]?.pop();
      return "applied";
    });
    const error = await failure(session);
    assert.ok(error instanceof PartiallyApplied && error.details.reading);
    assert.match(error.message, /verify the changes: "mangle: -A SPS-R-rdp ! -i s0 .*" is missing; .*\[SG3303\]$/);
    const added = new SimulatedRouter(INTERFACES);
    const adding = sessionOn(added, (steps) => {
      added.apply(steps);
      added.contents.chains["SPS-R-rdp"]?.push("-i c1 -j ACCEPT");
      return "applied";
    });
    assert.match((await failure(adding)).message, /"mangle: -A SPS-R-rdp -i c1 -j ACCEPT" was not planned/);
  });

  it("reports a chain that still exists after its removal", async () => {
    const router = new SimulatedRouter(INTERFACES);
    await apply(sessionOn(router), change);
    const removal = { ...change, wanted: NOTHING, owned: desired };
    const error = await failure(
      sessionOn(router, () => "applied"),
      removal,
    );
    assert.match(error.message, /chain SPS-R-rdp still exists; .*\[SG3303\]$/);
  });

  /** A session on a router with ifupdown, that notes what is run to confirm and answers so. */
  function noting(router: SimulatedRouter, scripts: string[], isApplying: boolean): LinuxSession {
    const found = () => ({ ...router.read(), persistence: { ...NO_PERSISTENCE, services: ["ifupdown" as const] } });
    return {
      ...sessionOn(router),
      settleAndRead: async () => ({ found: found(), settled: [] }),
      apply: async ({ steps }): Promise<Outcome<Found>> => {
        if (isApplying) router.apply(steps);
        return { outcome: { kind: "applied" }, found: found(), before: [] };
      },
      runGuardOnNewLogin: async (script) => {
        scripts.push(script);
        return { verdict: "kept", stdout: "\n@@guard verdict kept\n", stderr: "" };
      },
    };
  }

  it("writes the persistence files in the confirmation, without another round trip", async () => {
    const scripts: string[] = [];
    const session = noting(new SimulatedRouter(INTERFACES), scripts, true);
    const error = await failure(session, { ...change, wanted: desiredState([sample()], AUTO, true) });
    assert.equal(scripts.length, 1);
    const [confirming = "", persisting = ""] = (scripts[0] ?? "").split(" = kept ]; then");
    assert.doesNotMatch(confirming, /\/etc\/sps-redirect/, "nothing is written before");
    assert.match(persisting, /\/etc\/sps-redirect\/\.new/);
    assert.ok(error instanceof PartiallyApplied && error.details.reading && !error.details.isOutcomeUnknown);
    assert.match(error.message, /because its files in \/etc could not be changed: the router's answer is incomplete/);
  });

  it("writes no persistence files when the rules differ from the desired state", async () => {
    const scripts: string[] = [];
    const session = noting(new SimulatedRouter(INTERFACES), scripts, false);
    const error = await failure(session, { ...change, wanted: desiredState([sample()], AUTO, true) });
    assert.match(error.message, /\[SG3303\]$/);
    assert.equal(scripts.length, 1);
    assert.doesNotMatch(scripts[0] ?? "", /\/etc\/sps-redirect/);
  });

  it("changes nothing when the user cancels before the changes", async () => {
    const router = new SimulatedRouter(INTERFACES);
    const session: LinuxSession = {
      ...sessionOn(router),
      settleAndRead: () => Promise.reject(new Error("cancelled by the user")),
    };
    const error = await failure(session);
    assert.equal(error instanceof PartiallyApplied, false);
    assert.equal(error.message, "cancelled by the user");
  });
});
