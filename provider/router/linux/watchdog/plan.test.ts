import assert from "node:assert/strict";
import { SafeguardError } from "../../../core/errors";
import { desiredState, NOTHING } from "../model/desired";
import { decide } from "../plan/decision";
import { desiredLines, foundLines } from "../plan/lines";
import { planChanges } from "../plan/plan";
import { pathProbes } from "../proof/path-probes";
import { AUTO, bring, contextOn, INTERFACES, sample } from "../simulated/planning-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { bypassOutputs, bypassWarnings } from "./bypassed";
import type { FoundWatchdog } from "./found-watchdogs";
import { settingsOf } from "./watch";

const WATCH = { intervalSeconds: 5, missedProbes: 3 };
const SINCE = "2026-01-02T03:04:05Z";

describe("the watchdog plan", () => {
  const watched = desiredState([sample()], AUTO, false, WATCH);
  const unwatched = desiredState([sample()], AUTO);
  const [hop] = watched.hops;
  const settings = (hop && settingsOf(hop)) ?? "";
  const running: FoundWatchdog = { settings, isRunning: true };

  /** A router that has the redirection, with this watchdog, which lets traffic pass or does not. */
  function having(watchdog?: FoundWatchdog) {
    const router = new SimulatedRouter(INTERFACES);
    bring(router, unwatched, NOTHING);
    const found = router.read();
    const routes = new Map(found.routes);
    if (watchdog?.since) {
      const pass = { type: "throw", destination: "default", metric: 0, protocol: 103, isPlain: true };
      routes.set(10302, [pass, ...(routes.get(10302) ?? []).slice(1)]);
    }
    return { ...found, routes, watchdogs: new Map(watchdog ? [[10302, watchdog]] : []) };
  }

  function titles(wanted: typeof watched, found: ReturnType<typeof having>, owned = watched): string[] {
    return planChanges(contextOn(found, wanted, owned)).map(({ title }) => title);
  }

  it("starts a missing or stopped watchdog and keeps a running one", () => {
    const start = ["start the watchdog of table 10302"];
    assert.deepEqual(titles(watched, having()), start);
    assert.deepEqual(titles(watched, having({ ...running, isRunning: false })), start);
    assert.deepEqual(titles(watched, having(running)), []);
  });

  it("ends outdated watchdogs before it starts its own, and unneeded ones first of all", () => {
    const other = { settings: settings.replace("5 3", "9 9"), isRunning: true };
    assert.deepEqual(titles(watched, having(other)), [
      "stop the watchdog of table 10302",
      "start the watchdog of table 10302",
    ]);
    assert.deepEqual(titles(unwatched, having(running)), ["stop the watchdog of table 10302"]);
    assert.equal(titles(NOTHING, having(running))[0], "stop the watchdog of table 10302");
  });

  it("leaves a bypass route only to the watchdog that made it", () => {
    const passing = { ...running, since: SINCE };
    assert.deepEqual(titles(watched, having(passing)), []);
    assert.deepEqual(foundLines(decide(watched, having(passing))), desiredLines(watched));
    assert.deepEqual(bypassOutputs(decide(watched, having(passing))), [{ spsAddress: hop?.gateway, since: SINCE }]);
    const told = `SPS 172.16.9.2 has not answered since ${SINCE}: traffic of redirection rdp passes directly and is not recorded until SPS answers (bypass when-sps-silent)`;
    assert.deepEqual(bypassWarnings(decide(watched, having(passing))), [told]);
    const redirecting = "add the default route to 172.16.9.2 (table 10302)";
    assert.deepEqual(titles(watched, having({ ...passing, isRunning: false })), [
      redirecting,
      "start the watchdog of table 10302",
    ]);
    assert.deepEqual(titles(unwatched, having(passing)), ["stop the watchdog of table 10302", redirecting]);
    assert.match(foundLines(decide(unwatched, having(passing))).join("\n"), /throw default/);
  });

  it("detects a bypass by its route alone, whatever the watchdog and its note say", () => {
    const passing = { ...running, since: SINCE };
    const told = (why: string, when = ` since ${SINCE}`) =>
      `traffic of redirection rdp to SPS 172.16.9.2 passes directly and is not recorded${when}, even if SPS answers: its watchdog ${why}; run \`pulumi up\` to redirect it again`;
    const dead = having({ ...passing, isRunning: false });
    assert.deepEqual(bypassOutputs(decide(watched, dead)), [{ spsAddress: "172.16.9.2", since: SINCE }]);
    assert.deepEqual(bypassWarnings(decide(watched, dead)), [told("does not run")]);
    const other = having({ ...passing, settings: settings.replace("5 3", "9 9") });
    assert.deepEqual(bypassOutputs(decide(watched, other)), [{ spsAddress: "172.16.9.2", since: SINCE }]);
    assert.deepEqual(bypassWarnings(decide(watched, other)), [told("has other settings")]);
    const gone = { ...having(passing), watchdogs: new Map<number, FoundWatchdog>() };
    assert.deepEqual(bypassOutputs(decide(watched, gone)), [{ spsAddress: "172.16.9.2" }]);
    assert.deepEqual(bypassWarnings(decide(watched, gone)), [told("does not run", "")]);
    const unnoted = { ...having(passing), watchdogs: new Map([[10302, running]]) };
    assert.deepEqual(bypassOutputs(decide(watched, unnoted)), [{ spsAddress: "172.16.9.2" }]);
    assert.deepEqual(
      [bypassOutputs(decide(watched, having(running))), bypassWarnings(decide(watched, having(running)))],
      [[], []],
    );
  });

  it("probes the watchdog's port only once", () => {
    const titles = (port: number) =>
      pathProbes(decide(desiredState([sample()], AUTO, false, { ...WATCH, port }), having()))
        .map(({ title }) => title)
        .filter((title) => title.includes("TCP"));
    const usual = "SPS 172.16.9.2 accepts TCP on port 3389";
    assert.deepEqual(titles(3389), [usual]);
    assert.deepEqual(titles(3390), [usual, "SPS 172.16.9.2 accepts TCP on port 3390 (watchdog)"]);
  });

  it("replaces a watchdog of another release, also one that another resource needs", () => {
    const older = having({ settings: settings.replace(/\S+$/, "0a1b2c3d"), isRunning: true });
    const web = desiredState([{ ...sample(), name: "web", ports: [8080] }], AUTO, false, WATCH);
    const replacing = ["stop the watchdog of table 10302", "start the watchdog of table 10302"];
    assert.deepEqual(titles(watched, older), replacing);
    const [first, last] = [titles(web, older, NOTHING)[0], titles(web, older, NOTHING).at(-1)];
    assert.deepEqual([first, last], replacing);
    const dead = having({ ...running, since: SINCE, isRunning: false });
    assert.ok(
      titles(web, dead, NOTHING).includes("add the default route to 172.16.9.2 (table 10302)"),
      "redirects again for both",
    );
  });

  it("refuses watchdog settings that differ from another resource's on the same route", () => {
    const web = (watch?: typeof WATCH) =>
      desiredState([{ ...sample(), name: "web", ports: [8080] }], AUTO, false, watch);
    const reason = (wanted: typeof watched, found: ReturnType<typeof having>) => {
      try {
        return titles(wanted, found, NOTHING).join();
      } catch (error) {
        assert.ok(error instanceof SafeguardError && error.code === "SG3203", String(error));
        assert.equal(
          error.text.remedy,
          "take the redirections to that SPS into one RouterRedirection, or give this one a linux.mark of its own",
        );
        return error.text.cause;
      }
    };
    assert.match(reason(web(), having(running)), /redirection rdp of another resource, which has another watchdog$/);
    assert.match(reason(web(WATCH), having()), /redirection rdp of another resource, which has no watchdog/);
    assert.doesNotMatch(reason(web(WATCH), having(running)), /watchdog/);
  });
});
