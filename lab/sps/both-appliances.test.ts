import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Agent, request } from "undici";
import type { FaultName } from "../common/faults";
import { SimulatedSpp } from "../spp/simulated-spp";
import type { SimulatedSps } from "./simulated-sps";
import type { JsonObject } from "./state/json";
import { withTestBench } from "./testing/hooks";
import type { TestBench } from "./testing/test-bench";
import { at, type Reply, type TestClient } from "./testing/test-client";

let bench: TestBench;
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

/** Tries a join while a fault is on. The login to SPP happens before. */
async function joinDespite(fault: FaultName): Promise<JsonObject> {
  const token = await userToken();
  bench.faults.on(fault);
  const reply = await join(token);
  bench.faults.off(fault);
  assert.equal(at(reply.body, "error").type, "JoinFailed", reply.bytes.toString("utf8"));
  return at(reply.body, "error", "details");
}

describe("both simulated appliances", () => {
  withTestBench(async (created) => {
    bench = created;
    const { clock, faults, authority, addressBook } = bench;
    const common = { clock, faults, authority, addressBook, port: 0, passwordGrant: true };
    spp = await SimulatedSpp.start({ ...common, address: SPP, hostName: "spp.lab.example", password: "spp-password" });
    bench.addCleanup(() => spp.stop());
    agent = new Agent({ connect: { ca: authority.certificatePem } });
    bench.addCleanup(() => agent.destroy());
    ({ sps, client } = await bench.startSps({ joinSeconds: 30 }));
    await client.promote();
  });

  it("joins with two requests; SPP trusts the node and SPS has its policies", async () => {
    assert.equal((await join()).status, 200);
    const [module] = spp.sessionModules;
    assert.deepEqual([module?.NodeId, module?.Trusted, module?.FirmwareVersion], [sps.nodeId, false, "8.0.0"]);
    await bench.waitUntil("trusted", () => spp.sessionModules[0]?.Trusted === true);
    await bench.waitUntil("policies", () => sps.joined?.phase === "complete");
    assert.deepEqual([module?.SpsNetworkAddress, module?.SpsHostName], [sps.endpoint.address, sps.hostName]);
    assert.equal(spp.traffic.count("POST", "/service/core/v3/Cluster/SessionModules"), 1);
    assert.equal(spp.traffic.count("POST", "/service/a2a/v2/PsmValidation"), 1);
  });

  it("reports the error of SPP about the node id at a second join", async () => {
    await join();
    await bench.waitUntil("policies", () => sps.joined?.phase === "complete");
    const again = await join();
    const details = at(again.body, "error", "details");
    assert.deepEqual([again.status, details.status, at(details, "response").Code], [400, 400, 60657]);
    assert.equal(spp.sessionModules.length, 1);
    assert.equal(sps.joined?.phase, "complete");
  });

  it("reports each error code of SPP for a failed join", async () => {
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

  it("rejects a certificate of SPP that does not match or is not trusted", async () => {
    const mismatch = await joinDespite("spp-certificate-mismatch");
    assert.match(String(mismatch.response), /SSLError: CertificateError: hostname '127\.0\.62\.3' doesn't match/);
    const untrusted = await joinDespite("spp-untrusted-certificate");
    assert.match(String(untrusted.response), /SSLError: certificate verify failed/);
    assert.deepEqual([mismatch.status, untrusted.status], [null, null]);
  });

  it("does not join an ordinary web site", async () => {
    const { status, response } = await joinDespite("spp-not-spp");
    assert.notEqual(status, null);
    assert.equal(typeof response, "string");
    assert.equal(sps.joined, undefined);
  });

  it("opens port 8649 of SPS to SPP only where the cluster interface listens", async () => {
    const { sps: other, client: otherClient } = await bench.startSps({ clusterAddress: "127.0.61.99" });
    const token = await userToken();
    const canReach = async (NetworkAddress: string, Port: number) => {
      const answer = await request(`https://${SPP}:${spp.port}/service/appliance/v4/NetworkDiagnostics/Telnet`, {
        method: "POST",
        dispatcher: agent,
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ NetworkAddress, Port }),
      });
      return String(await answer.body.json()).startsWith("Connected to");
    };
    const names = [other.endpoint.address, "127.0.61.99", other.hostName];
    const all = (port: number) => Promise.all(names.map((name) => canReach(name, port)));
    assert.deepEqual([await all(443), await all(8649)], [Array(3).fill(true), Array(3).fill(false)]);
    await otherClient.enableClusterInterface("nic2");
    assert.deepEqual(await all(8649), [false, true, true]);
    assert.equal(await canReach(sps.endpoint.address, 8649), true);
  });

  it("reports a handshake over five minutes only in the log of SPS", async () => {
    bench.faults.on("join-over-five-minutes");
    assert.equal((await join()).status, 200);
    await bench.waitUntil("failed", () => sps.joined?.phase === "failed");
    assert.match(sps.log.join("\n"), /PsmValidation answered 403/);
    assert.notEqual(spp.sessionModules[0]?.Trusted, true);
  });
});
