import assert from "node:assert/strict";
import { SafeguardError } from "../../../core/errors";
import { desiredState, NOTHING } from "../desired";
import { desiredLines, foundLines } from "../lines";
import { otherRedirections } from "../others";
import { planChanges } from "../plan";
import { AUTO, bring, INTERFACES, sample } from "../planning-bench.test";
import { SimulatedRouter } from "../simulated-router.test";
import type { FoundWatchdog } from "./found-watchdogs";
import { settingsOf } from "./watch";
import { bypassOutputs } from "./withdrawn";

const WATCH = { intervalSeconds: 5, missedProbes: 3 };
const SINCE = "2026-01-02T03:04:05Z";

describe("the plan of watchdogs", () => {
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
    const others = otherRedirections(found, wanted, owned);
    const claim = { object: "router r", found, owned, isAdopting: false, others };
    return planChanges(wanted, claim).map(({ title }) => title);
  }

  it("starts one that is missing or does not run, and leaves one that does", () => {
    const start = ["starting the watchdog of table 10302"];
    assert.deepEqual(titles(watched, having()), start);
    assert.deepEqual(titles(watched, having({ ...running, isRunning: false })), start);
    assert.deepEqual(titles(watched, having(running)), []);
  });

  it("ends one with other settings before it starts its own, and one that is not wanted any more first of all", () => {
    const other = { settings: settings.replace("5 3", "9 9"), isRunning: true };
    assert.deepEqual(titles(watched, having(other)), [
      "ending the watchdog of table 10302",
      "starting the watchdog of table 10302",
    ]);
    assert.deepEqual(titles(unwatched, having(running)), ["ending the watchdog of table 10302"]);
    assert.equal(titles(NOTHING, having(running))[0], "ending the watchdog of table 10302");
  });

  it("leaves a route that lets traffic pass to the watchdog that made it, and to no other", () => {
    const passing = { ...running, since: SINCE };
    assert.deepEqual(titles(watched, having(passing)), []);
    assert.deepEqual(foundLines(watched, having(passing)), desiredLines(watched));
    assert.deepEqual(bypassOutputs(watched, having(passing)), [{ spsAddress: hop?.gateway, since: SINCE }]);
    const redirecting = "the way to 172.16.9.2 (table 10302)";
    assert.deepEqual(titles(watched, having({ ...passing, isRunning: false })), [
      redirecting,
      "starting the watchdog of table 10302",
    ]);
    assert.deepEqual(titles(unwatched, having(passing)), ["ending the watchdog of table 10302", redirecting]);
    assert.match(foundLines(unwatched, having(passing)).join("\n"), /throw default/);
  });

  it("refuses a watchdog, and none, where a redirection of another resource goes the same way and wants it otherwise", () => {
    const web = (watch?: typeof WATCH) =>
      desiredState([{ ...sample(), name: "web", ports: [8080] }], AUTO, false, watch);
    const reason = (wanted: typeof watched, found: ReturnType<typeof having>) => {
      try {
        return titles(wanted, found, NOTHING).join();
      } catch (error) {
        assert.ok(error instanceof SafeguardError && error.code === "SG3203", String(error));
        return error.text.cause;
      }
    };
    assert.match(reason(web(), having(running)), /redirection rdp of another resource, which has another watchdog$/);
    assert.match(reason(web(WATCH), having()), /redirection rdp of another resource, which has no watchdog/);
    assert.doesNotMatch(reason(web(WATCH), having(running)), /watchdog/);
  });
});
