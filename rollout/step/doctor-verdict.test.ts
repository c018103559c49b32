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

describe("a gate that asks for traffic", () => {
  const wanted = { ...gates, trafficSeconds: 60 };

  it("is passed by packets of clients that went to SPS", () => {
    const passed = { outcome: "done", message: "traffic: 12 packets went to SPS within 60 s" };
    // Other failures are the business of the gate doctor.
    assert.deepEqual(verdictOf(report(["x"], check("x", "join", "fail"), seen), wanted), passed);
    assert.equal(verdictOf(report([], seen), { ...wanted, doctor: true }).message, `healthy; ${passed.message}`);
  });

  it("knows nothing of a site without clients or without a redirection", () => {
    const idle = check("traffic:edge/web", "traffic", "not checked", { text: "no client connected within 60 s" });
    assert.deepEqual(verdictOf(report([], seen, idle), wanted), {
      outcome: "unknown",
      message:
        "no traffic seen: traffic:edge/web works: no client connected within 60 s; let a client connect, then retry the site",
    });
    assert.equal(verdictOf(report([]), wanted).outcome, "unknown");
  });

  it("fails when clients connect and nothing goes to SPS", () => {
    const around = check("traffic:edge/rdp", "traffic", "fail", { code: "SG2506" });
    assert.equal(verdictOf(report(["traffic:edge/rdp"], around), wanted).outcome, "failed");
  });
});
