import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type DoctorReport, verdictOf } from "./doctor-verdict";

type Check = DoctorReport["sites"][number]["checks"][number];

const check = (id: string, level: string, status: Check["status"], more: Partial<Check> = {}): Check => ({
  ...{ id, level, status, title: `${id} works`, object: "router edge", text: "as found" },
  ...more,
});
const report = (causes: string[], ...checks: Check[]): DoctorReport => ({
  sites: [{ site: "oslo", causes: causes.map((id) => ({ check: id })), checks }],
});
const gates = { approval: false, soakSeconds: 0 };
const begun = check("sps-new-sessions", "traffic", "pass", { text: "2 new sessions within 12 s" });
const none = check("sps-new-sessions", "traffic", "not checked", { text: "no new session within 60 s" });
const seen = check("traffic:edge/rdp", "traffic", "pass", { text: "12 packets went to SPS within 60 s" });

describe("a gate that asks doctor", () => {
  it("is passed by a site without failures, and counts its warnings", () => {
    const fine = report([], check("spp-listed", "join", "pass"), check("spp-version", "join", "warn"));
    assert.deepEqual(verdictOf(fine, { ...gates, doctor: true }), { outcome: "done", message: "healthy, 1 warning" });
  });

  it("names the first cause, with its remedy and code", () => {
    const failing = report(
      ["router-login:edge"],
      check("router-rules:edge", "router", "fail", { code: "SG2504" }),
      check("router-login:edge", "router", "fail", { text: "refused", remedy: "correct the key", code: "SG3002" }),
    );
    assert.deepEqual(verdictOf(failing, { ...gates, doctor: true }), {
      outcome: "failed",
      message: "router edge: router-login:edge works: refused; correct the key [SG3002]",
      code: "SG3002",
    });
  });

  it("tells an unreachable appliance from a failure", () => {
    const silent = report(["sps"], check("sps", "appliances", "fail", { code: "SG1010" }));
    assert.equal(verdictOf(silent, { ...gates, doctor: true }).outcome, "unreachable");
  });
});

describe("a gate that cannot see the whole site", () => {
  const doctor = { ...gates, doctor: true };
  const unchecked = (id: string, level: string, because?: string) =>
    check(id, level, "not checked", { text: "no answer within 15 s", ...(because !== undefined && { because }) });
  const healthy = check("spp-listed", "join", "pass");

  it("passes what the platform of a router never shows, and says so", () => {
    const text = "the API of a Sophos UTM has no probes";
    const path = check("router-path:edge", "router", "not checked", { text, unsupported: true });
    const silent = check("traffic:edge/rdp", "traffic", "not checked", {
      text: "it counts no packets",
      unsupported: true,
    });
    assert.deepEqual(verdictOf(report([], healthy, path, silent), doctor), {
      outcome: "done",
      message: `healthy; not examined: router-path:edge works, because ${text}`,
    });
  });

  it("leaves traffic to SPS where the router counts no packets", () => {
    const silent = check("traffic:edge/rdp", "traffic", "not checked", { unsupported: true });
    const wanted = { ...gates, trafficSeconds: 60 };
    assert.deepEqual(verdictOf(report([], silent, begun), wanted), {
      outcome: "done",
      message: "traffic: 2 new sessions within 12 s",
    });
    assert.equal(verdictOf(report([], silent, none), wanted).outcome, "unknown");
  });

  it("does not take a router that was not read for a healthy one", () => {
    const slow = check("login", "router", "warn", { text: "it was not read", remedy: "check the load of the router" });
    const rest = ["rules", "obstacles", "path"].map((id) => unchecked(id, "router", "login"));
    const report_ = report(["login"], healthy, slow, ...rest, unchecked("traffic:edge/rdp", "traffic", "login"));
    assert.deepEqual(verdictOf(report_, doctor), {
      outcome: "unknown",
      message:
        "not known whether it is healthy: 3 checks were not possible: router edge: login works: it was not read; check the load of the router; then retry the site",
    });
  });

  it("does not take a slow appliance or an unread join for healthy", () => {
    const slow = check("sps-answers", "appliances", "warn");
    const version = unchecked("sps-version", "appliances", "sps-answers");
    for (const gap of [version, unchecked("join-trusted", "join"), unchecked("router-path", "router")])
      assert.equal(verdictOf(report([], healthy, slow, gap), doctor).outcome, "unknown", gap.id);
  });

  it("passes when only the appliance does not report something, or no traffic was asked for", () => {
    const gaps = [unchecked("sps-permissions", "appliances"), unchecked("traffic:edge/rdp", "traffic")];
    assert.deepEqual(verdictOf(report([], healthy, ...gaps), doctor), { outcome: "done", message: "healthy" });
  });

  it("knows nothing of a report without sites, without checks or with none that passes", () => {
    for (const empty of [{ sites: [] }, report([]), report([], unchecked("sps-version", "appliances"))])
      assert.equal(verdictOf(empty, doctor).outcome, "unknown");
    assert.equal(verdictOf({ sites: [] }, { ...gates, trafficSeconds: 60 }).outcome, "unknown");
  });

  it("knows nothing of a stack of which a router was left out, and says so", () => {
    const lost = "lost: it depends on none of the stack's 2 joins, so its site is not known";
    assert.deepEqual(verdictOf({ ...report([], healthy), leftOut: [lost] }, doctor), {
      outcome: "unknown",
      message: `not known whether it is healthy: doctor left out ${lost}; make it depend on the join of its site; then retry the site`,
    });
  });
});

describe("a gate that asks for traffic", () => {
  const wanted = { ...gates, trafficSeconds: 60 };

  it("is passed by new sessions at SPS and packets that went there", () => {
    const text = "traffic: 12 packets went to SPS within 60 s, 2 new sessions within 12 s";
    const passed = { outcome: "done", message: text };
    // Other failures are the business of the gate doctor.
    assert.deepEqual(verdictOf(report(["x"], check("x", "join", "fail"), seen, begun), wanted), passed);
    assert.equal(verdictOf(report([], seen, begun), { ...wanted, doctor: true }).message, `healthy; ${text}`);
  });

  it("knows nothing of a site whose only packets are those of sessions from before", () => {
    assert.deepEqual(verdictOf(report([], seen, none), wanted), {
      outcome: "unknown",
      message:
        "no traffic seen: sps-new-sessions works: no new session within 60 s; let a client connect, then retry the site",
    });
    assert.match(
      verdictOf(report([], seen), wanted).message ?? "",
      /new sessions pass SPS: doctor did not look for them/,
    );
  });

  it("fails without the rules of a redirection, whatever sessions SPS shows", () => {
    const rules = check("router-rules:edge", "router", "fail", { text: "a rule is missing", code: "SG2504" });
    const folded = check("traffic:edge/rdp", "traffic", "not checked", {
      unsupported: true,
      because: "router-rules:edge",
    });
    assert.equal(verdictOf(report(["router-rules:edge"], rules, folded, begun), wanted).outcome, "failed");
    const unread = { ...folded, because: "router-login:edge" };
    assert.equal(verdictOf(report(["router-login:edge"], unread, begun), wanted).outcome, "unknown");
  });

  it("names what is missing where SPS shows no sessions", () => {
    const blind = check("sps-new-sessions", "traffic", "warn", {
      text: "refused",
      remedy: "give it the right to search",
    });
    assert.deepEqual(verdictOf(report([], seen, blind), wanted), {
      outcome: "unknown",
      message:
        "not known whether it is healthy: router edge: sps-new-sessions works: refused; give it the right to search; then retry the site",
    });
  });

  it("knows nothing of a site without clients or without a redirection", () => {
    const idle = check("traffic:edge/web", "traffic", "not checked", { text: "no packet was counted within 60 s" });
    assert.deepEqual(verdictOf(report([], seen, idle), wanted), {
      outcome: "unknown",
      message:
        "no traffic seen: traffic:edge/web works: no packet was counted within 60 s; let a client connect, then retry the site",
    });
    assert.equal(verdictOf(report([]), wanted).outcome, "unknown");
  });

  it("fails when clients connect and nothing goes to SPS", () => {
    const around = check("traffic:edge/rdp", "traffic", "fail", { code: "SG2506" });
    assert.equal(verdictOf(report(["traffic:edge/rdp"], around), wanted).outcome, "failed");
  });
});
