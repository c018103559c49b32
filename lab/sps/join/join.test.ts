import "reflect-metadata"; // Required by @peculiar/x509.
import assert from "node:assert/strict";
import { createPublicKey, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { describe, it } from "mocha";
import { LabCertificateAuthority } from "../../common/certificates";
import type { SimulatedSps, SpsOptions } from "../simulated-sps";
import type { JsonObject } from "../state/json";
import { withTestBench } from "../testing/hooks";
import { apiError, StubSpp } from "../testing/stub-spp";
import type { TestBench } from "../testing/test-bench";
import { at, list, type Reply, type TestClient } from "../testing/test-client";

let bench: TestBench;
let spp: StubSpp;
const SPP = "127.0.62.1";
const MODULES = "/service/core/v3/Cluster/SessionModules";
const VALIDATION = "/service/a2a/v2/PsmValidation";

async function startSpp(
  options: { authority?: LabCertificateAuthority; ipAddresses?: string[] } = {},
): Promise<StubSpp> {
  const { authority = bench.authority, ipAddresses = [SPP] } = options;
  const started = await StubSpp.start(authority, { address: SPP, ipAddresses });
  for (const name of [SPP, "spp.lab.example"]) bench.addressBook.add(name, { address: SPP, port: started.port });
  bench.addCleanup(() => started.stop());
  return started;
}

async function promoted(options: Partial<SpsOptions> = {}): Promise<{ sps: SimulatedSps; client: TestClient }> {
  const node = await bench.startSps(options);
  await node.client.promote();
  return node;
}

function join(client: TestClient, changes: JsonObject = {}): Promise<Reply> {
  const body = { spp: SPP, spp_api_token: "token-1", spp_cert_chain: spp.certificate.chainPem, ...changes };
  return client.post("/api/cluster/spp", body);
}

function failureOf(reply: Reply): JsonObject {
  assert.equal(at(reply.body, "error").type, "JoinFailed", reply.bytes.toString("utf8"));
  return at(reply.body, "error", "details");
}

/** The lists that contain an object named safeguard_default, once for each object. */
function defaultsOf(sps: SimulatedSps): string[] {
  const lists = ["plugins/aa", "plugins/credentialstore", "policies/aa_plugin_instances", "policies/credentialstores"];
  const protocols = ["ssh", "rdp"].flatMap((name) =>
    ["connections", "channel_policies", "authentication_policies"].map((kind) => `${name}/${kind}`),
  );
  return [...lists, ...protocols].flatMap((path) =>
    [...sps.objects(`/api/configuration/${path}`).values()]
      .filter(({ name }) => String(name).includes("safeguard_default"))
      .map(() => path),
  );
}

function withBench(): void {
  withTestBench(async (created) => {
    bench = created;
    spp = await startSpp();
  });
}

describe("join of SPS to SPP", () => {
  withBench();

  it("requests a session module, validates itself and creates the default policies", async () => {
    const { sps, client } = await promoted({ joinSeconds: 50, policySeconds: 50 });
    const reply = await join(client);
    assert.equal(reply.status, 200);
    const [asked] = spp.requests;
    assert.deepEqual([asked?.method, asked?.path, asked?.authorization], ["POST", MODULES, "Bearer token-1"]);
    const { CertificateUserCsr: csr, ...rest } = asked?.body ?? {};
    assert.deepEqual(rest, {
      NodeId: sps.nodeId,
      SpsNetworkAddress: sps.endpoint.address,
      SpsHostName: sps.hostName,
      FirmwareVersion: "8.0.0",
    });
    assert.equal(await new x509.Pkcs10CertificateRequest(String(csr)).verify(), true);
    assert.deepEqual([sps.joined?.phase, spp.isTrusted(sps.nodeId)], ["requested", false]);

    await bench.waitUntil("trusted", () => spp.isTrusted(sps.nodeId));
    const [, validated] = spp.requests;
    assert.equal(validated?.path, VALIDATION);
    assert.deepEqual(validated?.body, { NodeId: sps.nodeId, OneTimeToken: "one-time-1" });
    assert.equal(validated?.authorization, undefined);
    assert.deepEqual(defaultsOf(sps), []);

    await bench.waitUntil("policies", () => sps.joined?.phase === "complete");
    assert.equal(defaultsOf(sps).length, 10);
    assert.equal(spp.requests.length, 2);
    const [instance] = sps.objects("/api/configuration/policies/aa_plugin_instances").values();
    assert.ok(sps.object(`/api/configuration/plugins/aa/${String(instance?.plugin)}`));
    assert.equal(sps.log.join("\n").includes("token-1"), false);
  });

  it("takes at least the configured number of appliance seconds", async () => {
    const { sps, client } = await promoted({ joinSeconds: 60, policySeconds: 30 });
    const begun = bench.clock.now().getTime();
    const elapsedUntil = async (phase: string) => {
      await bench.waitUntil(phase, () => sps.joined?.phase === phase);
      return (bench.clock.now().getTime() - begun) / 1000;
    };
    await join(client);
    const validated = await elapsedUntil("validated");
    const complete = await elapsedUntil("complete");
    assert.ok(validated >= 60 && complete >= validated + 25, `${validated} s, ${complete} s`);
  });

  it("presents the certificate that SPP signed for the key of the request", async () => {
    const { sps, client } = await promoted();
    let signed = "";
    spp.clientCertificate = async (csr) => {
      signed = (await bench.authority.signRequest(csr)).certificatePem;
      return signed;
    };
    await join(client);
    await bench.waitUntil("trusted", () => spp.isTrusted(sps.nodeId));
    assert.equal(spp.requests[1]?.clientName, `SPS-${sps.nodeId}`);
    const csr = new x509.Pkcs10CertificateRequest(String(spp.requests[0]?.body.CertificateUserCsr));
    const key = createPublicKey({ key: Buffer.from(csr.publicKey.rawData), format: "der", type: "spki" });
    assert.equal(new X509Certificate(signed).publicKey.equals(key), true);
  });

  it("overwrites objects with the same name and keeps their keys", async () => {
    const { sps, client } = await promoted();
    const key = sps.addObject("/api/configuration/ssh/channel_policies", { name: "safeguard_default", mine: true });
    await join(client);
    await bench.waitUntil("policies", () => sps.joined?.phase === "complete");
    assert.deepEqual(sps.joined?.overwritten, ["safeguard_default"]);
    assert.deepEqual(sps.object(`/api/configuration/ssh/channel_policies/${key}`), { name: "safeguard_default" });
  });

  it("makes managed hosts fetch the configuration again after a join", async () => {
    const { central, member } = await bench.startCluster({ syncSeconds: 30 });
    const status = async () => {
      const { body } = await central.client.get("/api/cluster/status");
      return list(body.items).find(({ key }) => key === member.sps.nodeId)?.sync_status;
    };
    await bench.waitUntil("in sync", async () => (await status()) === "up-to-date");
    await join(central.client);
    await bench.waitUntil("policies", () => central.sps.joined?.phase === "complete");
    assert.equal(await status(), "pending");
    await bench.waitUntil("in sync", async () => (await status()) === "up-to-date");
    assert.equal(defaultsOf(member.sps).length, 10);
  });

  it("answers a successful join with the status of the variant", async () => {
    for (const joinAnswerStatus of [200, 201, 202, 204] as const) {
      const { client } = await promoted({ variant: { joinAnswerStatus } });
      const reply = await join(client);
      assert.deepEqual([reply.status, reply.bytes.length > 0], [joinAnswerStatus, joinAnswerStatus < 202]);
    }
  });

  it("refuses a join before promotion, without its members or in a transaction", async () => {
    const single = await bench.startSps();
    await single.client.logIn();
    assert.equal((await join(single.client)).status, 400);
    const { sps, client } = await promoted();
    const incomplete = await client.post("/api/cluster/spp", { spp: SPP, spp_api_token: "token-1" });
    assert.deepEqual([incomplete.status, at(incomplete.body, "error").type], [400, "MalformedRequest"]);
    await client.post("/api/transaction");
    const inTransaction = await join(client);
    assert.deepEqual([inTransaction.status, at(inTransaction.body, "error").type], [400, "SemanticError"]);
    assert.equal(spp.requests.length, 0);
    sps.variant.joinWithOpenTransaction = "accepted";
    assert.equal((await join(client)).status, 200);
    assert.equal(sps.openTransactions, 1);
  });

  it("shows the joined SPP when the variant says so", async () => {
    const answers: unknown[] = [];
    for (const sppRead of [200, 404, 405] as const) {
      const { client } = await promoted({ variant: { sppRead } });
      await join(client);
      const { status, body } = await client.get("/api/cluster/spp");
      answers.push([status, at(body, "body").spp]);
    }
    assert.deepEqual(answers, [
      [200, SPP],
      [404, undefined],
      [405, undefined],
    ]);
  });
});

describe("failed join of SPS to SPP", () => {
  withBench();

  it("reports the error of SPP at the second join of a node", async () => {
    for (const joinFailedStatus of [400, 500, 502]) {
      const { sps, client } = await promoted({ variant: { joinFailedStatus } });
      await join(client);
      const again = await join(client);
      assert.equal(again.status, joinFailedStatus);
      assert.deepEqual(failureOf(again), {
        url: `https://${SPP}${MODULES}`,
        status: 400,
        response: { Code: 60657, Message: "NodeId missing, invalid or not unique", InnerError: null },
      });
      assert.equal(sps.joined?.spp, SPP);
    }
  });

  it("reports a missing permission, and text when SPP does not respond with JSON", async () => {
    const { sps, client } = await promoted();
    spp.refusal = apiError(403, 60108, "Authorization for this request has failed");
    const refused = failureOf(await join(client));
    assert.deepEqual([refused.status, at(refused, "response").Code], [403, 60108]);
    spp.refusal = { status: 200, body: "<html>It works</html>" };
    assert.equal(failureOf(await join(client)).response, "<html>It works</html>");
    assert.equal(sps.joined, undefined);
  });

  it("reports a text and no status for an unknown name", async () => {
    const { client } = await promoted();
    const details = failureOf(await join(client, { spp: "192.0.2.77" }));
    assert.equal(details.status, null);
    assert.equal(details.url, `https://192.0.2.77${MODULES}`);
    assert.match(String(details.response), /^Error sending request: ConnectionError: /);
    assert.equal(spp.requests.length, 0);
  });

  it("connects to loopback addresses only, whatever the address book contains", async () => {
    const { client } = await promoted();
    bench.addressBook.add("outside", { address: "192.0.2.77", port: 443 });
    assert.match(String(failureOf(await join(client, { spp: "outside" })).response), /ConnectionError/);
  });

  it("reports a text when SPP does not listen", async () => {
    const { client } = await promoted();
    await spp.stop();
    assert.match(String(failureOf(await join(client)).response), /ConnectionError: .*ECONNREFUSED/);
  });

  it("requires the given name or address in the certificate of SPP", async () => {
    await spp.stop();
    spp = await startSpp({ ipAddresses: [] });
    const { client } = await promoted();
    const details = failureOf(await join(client));
    assert.equal(details.status, null);
    assert.match(
      String(details.response),
      /SSLError: CertificateError: hostname '127.0.62.1' doesn't match 'spp.lab.example'$/,
    );
    assert.equal(spp.requests.length, 0);
    assert.equal((await join(client, { spp: "spp.lab.example" })).status, 200);
  });

  it("trusts only the given certificate chain", async () => {
    const { client } = await promoted();
    const other = await LabCertificateAuthority.create("other");
    const incomplete = [spp.certificate.certificatePem, spp.certificate.issuerPems[0]].join("");
    for (const spp_cert_chain of [other.certificatePem, incomplete, "no certificate", ""]) {
      assert.match(
        String(failureOf(await join(client, { spp_cert_chain })).response),
        /^Error sending request: SSLError/,
      );
    }
    assert.equal(spp.requests.length, 0);
  });

  it("reports a refused validation only in its log", async () => {
    const { sps, client } = await promoted();
    spp.validationRefusal = apiError(403, 60108, "Authorization for this request has failed");
    assert.equal((await join(client)).status, 200);
    await bench.waitUntil("failed", () => sps.joined?.phase === "failed");
    await bench.clock.wait(30);
    assert.deepEqual(defaultsOf(sps), []);
    assert.match(sps.log.join("\n"), /SPP-join: failed: .*PsmValidation answered 403/);
  });
});

describe("faults of the join", () => {
  withBench();

  it("join-address-typo: SPS cannot reach SPP", async () => {
    const { client } = await promoted();
    bench.faults.on("join-address-typo");
    const details = failureOf(await join(client));
    assert.deepEqual([details.status, typeof details.response], [null, "string"]);
    assert.equal(spp.requests.length, 0);
  });

  it("join-response-text: SPS reports the error of SPP as text", async () => {
    const { client } = await promoted();
    bench.faults.on("join-response-text");
    await join(client);
    const { response, status } = failureOf(await join(client));
    assert.equal(status, 400);
    assert.equal(JSON.parse(String(response)).Code, 60657);
  });

  it("join-no-policies: SPP trusts SPS, but SPS creates no objects", async () => {
    const { sps, client } = await promoted();
    bench.faults.on("join-no-policies");
    await join(client);
    await bench.waitUntil("trusted", () => spp.isTrusted(sps.nodeId));
    await bench.clock.wait(40);
    assert.deepEqual([sps.joined?.phase, defaultsOf(sps)], ["validated", []]);
  });
});
