import "reflect-metadata"; // Required by @peculiar/x509.
import assert from "node:assert/strict";
import { createPublicKey, X509Certificate } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { describe, it } from "mocha";
import { type JoinSite, SPP, safeguardDefaults, withJoinSite } from "../testing/join-site";
import { at, list } from "../testing/test-client";

let site: JoinSite;
const MODULES = "/service/core/v3/Cluster/SessionModules";
const VALIDATION = "/service/a2a/v2/PsmValidation";

describe("join of SPS to SPP", () => {
  withJoinSite((started) => {
    site = started;
  });

  it("requests a session module, validates itself and creates the default policies", async () => {
    const { sps, client } = await site.startPromoted({ joinSeconds: 50, policySeconds: 50 });
    const reply = await site.join(client);
    assert.equal(reply.status, 200);
    const [request] = site.spp.requests;
    assert.deepEqual([request?.method, request?.path, request?.authorization], ["POST", MODULES, "Bearer token-1"]);
    const { CertificateUserCsr: csr, ...rest } = request?.body ?? {};
    assert.deepEqual(rest, {
      NodeId: sps.nodeId,
      SpsNetworkAddress: sps.endpoint.address,
      SpsHostName: sps.hostName,
      FirmwareVersion: "8.0.0",
    });
    assert.equal(await new x509.Pkcs10CertificateRequest(String(csr)).verify(), true);
    assert.deepEqual([sps.joined?.phase, site.spp.isTrusted(sps.nodeId)], ["requested", false]);

    await site.bench.waitUntil("trusted", () => site.spp.isTrusted(sps.nodeId));
    const [, validated] = site.spp.requests;
    assert.equal(validated?.path, VALIDATION);
    assert.deepEqual(validated?.body, { NodeId: sps.nodeId, OneTimeToken: "one-time-1" });
    assert.equal(validated?.authorization, undefined);
    assert.deepEqual(safeguardDefaults(sps), []);

    await site.bench.waitUntil("policies", () => sps.joined?.phase === "complete");
    assert.equal(safeguardDefaults(sps).length, 10);
    assert.equal(site.spp.requests.length, 2);
    const [instance] = sps.objects("/api/configuration/policies/aa_plugin_instances").values();
    assert.ok(sps.object(`/api/configuration/plugins/aa/${String(instance?.plugin)}`));
    assert.equal(sps.log.join("\n").includes("token-1"), false);
  });

  it("takes at least the configured number of appliance seconds", async () => {
    const { sps, client } = await site.startPromoted({ joinSeconds: 60, policySeconds: 30 });
    const begun = site.bench.clock.now().getTime();
    const elapsedUntil = async (phase: string) => {
      await site.bench.waitUntil(phase, () => sps.joined?.phase === phase);
      return (site.bench.clock.now().getTime() - begun) / 1000;
    };
    await site.join(client);
    const validated = await elapsedUntil("validated");
    const complete = await elapsedUntil("complete");
    assert.ok(validated >= 60 && complete >= validated + 25, `${validated} s, ${complete} s`);
  });

  it("presents the certificate that SPP signed for the key of the request", async () => {
    const { sps, client } = await site.startPromoted();
    let signed = "";
    site.spp.clientCertificate = async (csr) => {
      signed = (await site.bench.authority.signRequest(csr)).certificatePem;
      return signed;
    };
    await site.join(client);
    await site.bench.waitUntil("trusted", () => site.spp.isTrusted(sps.nodeId));
    assert.equal(site.spp.requests[1]?.clientName, `SPS-${sps.nodeId}`);
    const csr = new x509.Pkcs10CertificateRequest(String(site.spp.requests[0]?.body.CertificateUserCsr));
    const key = createPublicKey({ key: Buffer.from(csr.publicKey.rawData), format: "der", type: "spki" });
    assert.equal(new X509Certificate(signed).publicKey.equals(key), true);
  });

  it("overwrites objects with the same name and keeps their keys", async () => {
    const { sps, client } = await site.startPromoted();
    const key = sps.addObject("/api/configuration/ssh/channel_policies", { name: "safeguard_default", mine: true });
    await site.join(client);
    await site.bench.waitUntil("policies", () => sps.joined?.phase === "complete");
    assert.deepEqual(sps.joined?.overwritten, ["safeguard_default"]);
    assert.deepEqual(sps.object(`/api/configuration/ssh/channel_policies/${key}`), { name: "safeguard_default" });
  });

  it("makes managed hosts fetch the configuration again after a join", async () => {
    const { central, member } = await site.bench.startCluster({ syncSeconds: 30 });
    const status = async () => {
      const { body } = await central.client.get("/api/cluster/status");
      return list(body.items).find(({ key }) => key === member.sps.nodeId)?.sync_status;
    };
    await site.bench.waitUntil("in sync", async () => (await status()) === "up-to-date");
    await site.join(central.client);
    await site.bench.waitUntil("policies", () => central.sps.joined?.phase === "complete");
    assert.equal(await status(), "pending");
    await site.bench.waitUntil("in sync", async () => (await status()) === "up-to-date");
    assert.equal(safeguardDefaults(member.sps).length, 10);
  });

  it("answers a successful join with the status of the variant", async () => {
    for (const joinAnswerStatus of [200, 201, 202, 204] as const) {
      const { client } = await site.startPromoted({ variant: { joinAnswerStatus } });
      const reply = await site.join(client);
      assert.deepEqual([reply.status, reply.bytes.length > 0], [joinAnswerStatus, joinAnswerStatus < 202]);
    }
  });

  it("refuses a join before promotion, without its members or in a transaction", async () => {
    const single = await site.bench.startSps();
    await single.client.logIn();
    assert.equal((await site.join(single.client)).status, 400);
    const { sps, client } = await site.startPromoted();
    const incomplete = await client.post("/api/cluster/spp", { spp: SPP, spp_api_token: "token-1" });
    assert.deepEqual([incomplete.status, at(incomplete.body, "error").type], [400, "MalformedRequest"]);
    await client.post("/api/transaction");
    const inTransaction = await site.join(client);
    assert.deepEqual([inTransaction.status, at(inTransaction.body, "error").type], [400, "SemanticError"]);
    assert.equal(site.spp.requests.length, 0);
    sps.variant.joinWithOpenTransaction = "accepted";
    assert.equal((await site.join(client)).status, 200);
    assert.equal(sps.openTransactions, 1);
  });

  it("shows the joined SPP when the variant says so", async () => {
    const answers: unknown[] = [];
    for (const sppRead of [200, 404, 405] as const) {
      const { client } = await site.startPromoted({ variant: { sppRead } });
      await site.join(client);
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
