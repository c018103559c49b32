import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { SimulatedSps } from "./simulated-sps";
import { withTestBench } from "./testing/hooks";
import { StubSpp } from "./testing/stub-spp";
import type { TestBench } from "./testing/test-bench";
import { at, type TestClient } from "./testing/test-client";

let bench: TestBench;
let spp: StubSpp;
const SPP = "127.0.62.2";

function joinBody() {
  return { spp: SPP, spp_api_token: "token-1", spp_cert_chain: spp.certificate.chainPem };
}

/** The recorded requests as `METHOD /path status`. */
function requestLines(sps: SimulatedSps): string[] {
  return sps.traffic.requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
}

/** The key of an address, found by string comparison as in the PowerShell module. */
async function referenceKey(client: TestClient, address: string): Promise<string | undefined> {
  for (const nic of ["nic1", "nic2", "nic3"]) {
    const { body } = await client.get(`/api/configuration/network/nics/${nic}`);
    const interfaces = at(body, "body", "interfaces");
    for (const interfaceId of interfaces["@order"] as string[]) {
      const addresses = at(interfaces, interfaceId, "addresses");
      for (const addressId of addresses["@order"] as string[]) {
        if (!String(addresses[addressId]).startsWith(address)) continue;
        return `${nic}.interfaces.${interfaceId}.addresses.${addressId}`;
      }
    }
  }
  return undefined;
}

describe("request sequences of the vendor's clients", () => {
  withTestBench(async (created) => {
    bench = created;
    spp = await StubSpp.start(bench.authority, { address: SPP });
    bench.addressBook.add(SPP, { address: SPP, port: spp.port });
    bench.addCleanup(() => spp.stop());
  });

  it("accepts the sequence of the PowerShell module from cluster interface to join", async () => {
    const { sps, client } = await bench.startSps();
    client.headers["user-agent"] = "PowerShell/6.0.0";
    await client.logIn();
    assert.equal(at((await client.get("/api/cluster/status")).body, "error").type, "SemanticError");
    const listen_address = await referenceKey(client, sps.endpoint.address);
    assert.ok(listen_address);
    await client.post("/api/transaction");
    await client.put("/api/configuration/local_services/cluster", { enabled: true, listen_address });
    assert.equal((await client.get("/api/transaction/changes")).status, 200);
    await client.commit();
    await bench.clock.wait(10);
    await client.logIn();
    await client.post("/api/transaction");
    await client.post("/api/cluster/promote");
    await client.commit();
    await bench.clock.wait(10);
    await client.logIn();
    assert.equal((await client.get("/api/cluster/status")).status, 200);
    assert.equal((await client.post("/api/cluster/spp", joinBody())).status, 200);
    await bench.clock.wait(30);
    await bench.waitUntil("policies", () => sps.joined?.phase === "complete");
    assert.equal(spp.isTrusted(sps.nodeId), true);
    const { address } = sps.endpoint;
    assert.deepEqual(sps.nodes, [{ nodeId: sps.nodeId, address, roles: ["central-management"] }]);
    assert.deepEqual(requestLines(sps), [
      "GET /api/authentication 200",
      "GET /api/cluster/status 400",
      "GET /api/configuration/network/nics/nic1 200",
      "POST /api/transaction 200",
      "PUT /api/configuration/local_services/cluster 200",
      "GET /api/transaction/changes 200",
      "PUT /api/transaction 200",
      "GET /api/authentication 200",
      "POST /api/transaction 200",
      "POST /api/cluster/promote 200",
      "PUT /api/transaction 200",
      "GET /api/authentication 200",
      "GET /api/cluster/status 200",
      "POST /api/cluster/spp 200",
    ]);
  });

  it("refuses the default user agent of PowerShell, which looks like a browser", async () => {
    const { client } = await bench.startSps();
    client.headers["user-agent"] = "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1";
    await client.logIn();
    assert.equal((await client.post("/api/transaction")).status, 403);
  });

  it("accepts credentials with every request, as the .NET SDK sends them", async () => {
    const { sps, client } = await bench.startSps();
    await client.promote();
    const other = bench.clientOf(sps);
    other.headers.authorization = other.basic();
    assert.equal((await other.get("/api/info")).status, 200);
    sps.endSessions();
    assert.equal((await other.post("/api/cluster/spp", joinBody())).status, 200);
    await bench.waitUntil("trusted", () => spp.isTrusted(sps.nodeId));
  });

  it("challenges the login of the Java SDK, which then joins with the cookie alone", async () => {
    const { sps, client } = await bench.startSps();
    await client.promote();
    const other = bench.clientOf(sps);
    other.headers["user-agent"] = "Apache-HttpClient/5.3";
    const challenged = await other.get("/api/authentication");
    assert.deepEqual([challenged.status, /^Basic /.test(String(challenged.headers["www-authenticate"]))], [401, true]);
    await other.logIn();
    assert.equal((await other.post("/api/cluster/spp", joinBody())).status, 200);
    await bench.waitUntil("trusted", () => spp.isTrusted(sps.nodeId));
    assert.equal(spp.requests.length, 2);
  });

  it("describes the appliance with all values that a client needs", async () => {
    const { sps } = await bench.startSps({
      clusterAddress: "172.16.9.2",
      nodeId: "6d5c9a10-0a4e-4c36-9d0e-0f6e4bd2a111",
    });
    const { port, certificateSha256, ...rest } = sps.describe();
    assert.deepEqual([port, certificateSha256], [sps.endpoint.port, sps.certificate.sha256]);
    assert.deepEqual(rest, {
      address: sps.endpoint.address,
      hostName: "sps1.lab.example",
      username: "admin",
      password: "s3cret",
      nodeId: "6d5c9a10-0a4e-4c36-9d0e-0f6e4bd2a111",
      clusterAddress: "172.16.9.2",
      firmwareVersion: "8.0.0",
    });
  });

  it("starts an SPS appliance in less than 300 ms", async () => {
    await bench.startSps();
    const took: number[] = [];
    for (let count = 0; count < 3; count++) {
      const begun = performance.now();
      await bench.startSps();
      took.push(performance.now() - begun);
    }
    assert.ok(Math.min(...took) < 300, `${took.map(Math.round).join(", ")} ms`);
  });
});
