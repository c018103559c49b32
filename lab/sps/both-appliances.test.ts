import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Agent, request } from "undici";
import type { FaultName } from "../common/faults";
import { SimulatedSpp } from "../spp/simulated-spp";
import type { SimulatedSps } from "./simulated-sps";
import type { JsonObject } from "./state/json";
import { Bench } from "./testing/bench";
import { at, type Reply, type TestClient } from "./testing/client";

let bench: Bench;
let spp: SimulatedSpp;
let sps: SimulatedSps;
let client: TestClient;
let agent: Agent;
const SPP = "127.0.62.3";

async function askSpp(path: string, json: JsonObject): Promise<Record<string, string>> {
  const answer = await request(`https://${SPP}:${spp.port}${path}`, {
    method: "POST",
    dispatcher: agent,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(json),
  });
  assert.equal(answer.statusCode, 200);
  return (await answer.body.json()) as Record<string, string>;
}

async function userToken(): Promise<string> {
  const scope = "rsts:sts:primaryproviderid:local";
  const account = { grant_type: "password", username: "safeguard-join", password: "spp-password", scope };
  const { access_token } = await askSpp("/RSTS/oauth2/token", account);
  const { UserToken } = await askSpp("/service/core/v4/Token/LoginResponse", { StsAccessToken: access_token });
  return UserToken ?? "";
}

async function join(token?: string): Promise<Reply> {
  const spp_api_token = token ?? (await userToken());
  const chain = spp.certificate.chainPem;
  return client.post("/api/cluster/spp", { spp: SPP, spp_api_token, spp_cert_chain: chain });
}

/** Joins while a fault is on; the login to SPP comes before it. */
async function joinDespite(fault: FaultName): Promise<JsonObject> {
  const token = await userToken();
  bench.faults.on(fault);
  const reply = await join(token);
  bench.faults.off(fault);
  assert.equal(at(reply.body, "error").type, "JoinFailed", reply.bytes.toString("utf8"));
  return at(reply.body, "error", "details");
}

describe("both simulated appliances", () => {
  beforeEach(async () => {
    bench = await Bench.create();
    const { clock, faults, authority, addressBook } = bench;
    const common = { clock, faults, authority, addressBook, port: 0, passwordGrant: true };
    spp = await SimulatedSpp.start({ ...common, address: SPP, hostName: "spp.lab.example", password: "spp-password" });
    bench.atEnd(() => spp.stop());
    agent = new Agent({ connect: { ca: authority.certificatePem } });
    bench.atEnd(() => agent.destroy());
    ({ sps, client } = await bench.startSps({ joinSeconds: 30 }));
    await client.promote();
  });
  afterEach(() => bench.stop());

  it("are joined: SPP trusts the node, SPS has its policies, two requests crossed", async () => {
    assert.equal((await join()).status, 200);
    const [module] = spp.sessionModules;
    assert.deepEqual([module?.NodeId, module?.Trusted, module?.FirmwareVersion], [sps.nodeId, false, "8.0.0"]);
    await bench.until("trusted", () => spp.sessionModules[0]?.Trusted === true);
    await bench.until("policies", () => sps.joined?.phase === "complete");
    assert.deepEqual([module?.SpsNetworkAddress, module?.SpsHostName], [sps.endpoint.address, sps.hostName]);
    assert.equal(spp.traffic.count("POST", "/service/core/v3/Cluster/SessionModules"), 1);
    assert.equal(spp.traffic.count("POST", "/service/a2a/v2/PsmValidation"), 1);
  });

  it("refuse a second join with what SPP says about the node id", async () => {
    await join();
    await bench.until("policies", () => sps.joined?.phase === "complete");
    const again = await join();
    const details = at(again.body, "error", "details");
    assert.deepEqual([again.status, details.status, at(details, "response").Code], [400, 400, 60657]);
    assert.equal(spp.sessionModules.length, 1);
    assert.equal(sps.joined?.phase, "complete");
  });

  it("pass on each refusal of SPP", async () => {
    const codes: unknown[] = [];
    for (const fault of ["join-already-linked", "spp-permissions", "spp-replica"] as const) {
      const { status, response } = await joinDespite(fault);
      codes.push([fault, status, at({ response }, "response").Code]);
    }
    assert.deepEqual(codes, [
      ["join-already-linked", 400, 60657],
      ["spp-permissions", 403, 60108],
      ["spp-replica", 403, 60418],
    ]);
  });

  it("notice a certificate that does not fit or is not trusted", async () => {
    const mismatch = await joinDespite("spp-certificate-mismatch");
    assert.match(String(mismatch.response), /SSLError: CertificateError: hostname '127\.0\.62\.3' doesn't match/);
    const untrusted = await joinDespite("spp-untrusted-certificate");
    assert.match(String(untrusted.response), /SSLError: certificate verify failed/);
    assert.deepEqual([mismatch.status, untrusted.status], [null, null]);
  });

  it("do not mistake an ordinary web site for SPP", async () => {
    const { status, response } = await joinDespite("spp-not-spp");
    assert.notEqual(status, null);
    assert.equal(typeof response, "string");
    assert.equal(sps.joined, undefined);
  });

  it("never trust each other when the handshake took too long, which only the log of SPS tells", async () => {
    bench.faults.on("join-over-five-minutes");
    assert.equal((await join()).status, 200);
    await bench.until("failed", () => sps.joined?.phase === "failed");
    assert.match(sps.log.join("\n"), /PsmValidation answered 403/);
    assert.notEqual(spp.sessionModules[0]?.Trusted, true);
  });
});
