import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { LabPair, SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import { preflightFunction } from "../../provider/join/preflight/function";
import { preflight, preflightLines } from "./preflight";

const SPS_VARIABLE = "PREFLIGHT_TEST_SPS_PASSWORD";
let pair: LabPair;

/** The two connections of the pair, as a program writes them. */
function connections() {
  const ca = pair.bench.authority.certificatePem;
  const { options } = pair.spp.context;
  return {
    sps: { ...pair.central.sps.endpoint, passwordEnv: SPS_VARIABLE, ca },
    spp: { address: options.address, port: pair.spp.port, username: options.username, password: SPP_PASSWORD, ca },
  };
}

describe("preflight function", () => {
  before(async () => {
    pair = await LabPair.start();
    process.env[SPS_VARIABLE] = SPS_PASSWORD;
  });
  after(async () => {
    delete process.env[SPS_VARIABLE];
    await pair.stop();
  });

  it("passes a correct join with plain and referenced credentials", async () => {
    const report = await preflight(connections());
    assert.equal(report.ok, true);
    assert.equal(report.checks.length, 29);
    assert.deepEqual(preflightFunction.outputs.parse(report), report);
    assert.match(
      preflightLines(report).at(-1) ?? "",
      /^preflight: \d+ pass, 0 warn, 0 fail, \d+ not checked \(\d+\.\d s\)$/,
    );
  });

  it("checks clusterId and runs the port test when asked to", async () => {
    const clusterId = pair.central.sps.nodeId;
    const { checks, notes } = await preflight({ ...connections(), clusterId, diagnostics: true });
    assert.equal(checks.find(({ id }) => id === "sps-cluster-id")?.status, "pass");
    assert.match(notes.find(({ id }) => id === "ports")?.text ?? "", /^SPP tried /);
  });

  it("names invalid arguments and sends no request", async () => {
    const { requests } = pair.central.sps.traffic;
    const count = requests.length;
    const { sps, spp } = connections();
    await assert.rejects(
      preflight({ sps: { ...sps, port: 70000 }, spp: { ...spp, address: "2001:db8::1" } }),
      new TypeError(
        "Invalid value for sps.port: 70000. Allowed values are: 1 to 65535. " +
          "Invalid value for spp.address: 2001:db8::1. Allowed values are: an IPv4 address or a host name (IPv6 is not supported).",
      ),
    );
    assert.equal(requests.length, count);
  });

  it("stops when the signal aborts", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(preflight(connections(), { signal }), /^Error: enough$/);
  });
});
