import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { LabCertificateAuthority } from "../../common/certificates";
import { type JoinSite, joinFailure, SPP, safeguardDefaults, withJoinSite } from "../testing/join-site";
import { apiError } from "../testing/stub-spp";
import { at } from "../testing/test-client";

let site: JoinSite;
const MODULES = "/service/core/v3/Cluster/SessionModules";

describe("failed join of SPS to SPP", () => {
  withJoinSite((started) => {
    site = started;
  });

  it("reports the error of SPP at the second join of a node", async () => {
    for (const joinFailedStatus of [400, 500, 502]) {
      const { sps, client } = await site.startPromoted({ variant: { joinFailedStatus } });
      await site.join(client);
      const again = await site.join(client);
      assert.equal(again.status, joinFailedStatus);
      assert.deepEqual(joinFailure(again), {
        url: `https://${SPP}${MODULES}`,
        status: 400,
        response: { Code: 60657, Message: "NodeId missing, invalid or not unique", InnerError: null },
      });
      assert.equal(sps.joined?.spp, SPP);
    }
  });

  it("reports a missing permission, and text when SPP does not respond with JSON", async () => {
    const { sps, client } = await site.startPromoted();
    site.spp.refusal = apiError(403, 60108, "Authorization for this request has failed");
    const refused = joinFailure(await site.join(client));
    assert.deepEqual([refused.status, at(refused, "response").Code], [403, 60108]);
    site.spp.refusal = { status: 200, body: "<html>It works</html>" };
    assert.equal(joinFailure(await site.join(client)).response, "<html>It works</html>");
    assert.equal(sps.joined, undefined);
  });

  it("reports a text and no status for an unknown name", async () => {
    const { client } = await site.startPromoted();
    const details = joinFailure(await site.join(client, { spp: "192.0.2.77" }));
    assert.equal(details.status, null);
    assert.equal(details.url, `https://192.0.2.77${MODULES}`);
    assert.match(String(details.response), /^Error sending request: ConnectionError: /);
    assert.equal(site.spp.requests.length, 0);
  });

  it("connects to loopback addresses only, whatever the address book contains", async () => {
    const { client } = await site.startPromoted();
    site.bench.addressBook.add("outside", { address: "192.0.2.77", port: 443 });
    assert.match(String(joinFailure(await site.join(client, { spp: "outside" })).response), /ConnectionError/);
  });

  it("reports a text when SPP does not listen", async () => {
    const { client } = await site.startPromoted();
    await site.spp.stop();
    assert.match(String(joinFailure(await site.join(client)).response), /ConnectionError: .*ECONNREFUSED/);
  });

  it("requires the given name or address in the certificate of SPP", async () => {
    await site.restartSpp([]);
    const { client } = await site.startPromoted();
    const details = joinFailure(await site.join(client));
    assert.equal(details.status, null);
    assert.match(
      String(details.response),
      /SSLError: CertificateError: hostname '127.0.62.1' doesn't match 'spp.lab.example'$/,
    );
    assert.equal(site.spp.requests.length, 0);
    assert.equal((await site.join(client, { spp: "spp.lab.example" })).status, 200);
  });

  it("trusts only the given certificate chain", async () => {
    const { client } = await site.startPromoted();
    const other = await LabCertificateAuthority.create("other");
    const incomplete = [site.spp.certificate.certificatePem, site.spp.certificate.issuerPems[0]].join("");
    for (const spp_cert_chain of [other.certificatePem, incomplete, "no certificate", ""]) {
      assert.match(
        String(joinFailure(await site.join(client, { spp_cert_chain })).response),
        /^Error sending request: SSLError/,
      );
    }
    assert.equal(site.spp.requests.length, 0);
  });

  it("reports a refused validation only in its log", async () => {
    const { sps, client } = await site.startPromoted();
    site.spp.validationRefusal = apiError(403, 60108, "Authorization for this request has failed");
    assert.equal((await site.join(client)).status, 200);
    await site.bench.waitUntil("failed", () => sps.joined?.phase === "failed");
    await site.bench.clock.wait(30);
    assert.deepEqual(safeguardDefaults(sps), []);
    assert.match(sps.log.join("\n"), /SPP-join: failed: .*PsmValidation answered 403/);
  });
});

describe("faults of the join", () => {
  withJoinSite((started) => {
    site = started;
  });

  it("join-address-typo: SPS cannot reach SPP", async () => {
    const { client } = await site.startPromoted();
    site.bench.faults.on("join-address-typo");
    const details = joinFailure(await site.join(client));
    assert.deepEqual([details.status, typeof details.response], [null, "string"]);
    assert.equal(site.spp.requests.length, 0);
  });

  it("join-response-text: SPS reports the error of SPP as text", async () => {
    const { client } = await site.startPromoted();
    site.bench.faults.on("join-response-text");
    await site.join(client);
    const { response, status } = joinFailure(await site.join(client));
    assert.equal(status, 400);
    assert.equal(JSON.parse(String(response)).Code, 60657);
  });

  it("join-no-policies: SPP trusts SPS, but SPS creates no objects", async () => {
    const { sps, client } = await site.startPromoted();
    site.bench.faults.on("join-no-policies");
    await site.join(client);
    await site.bench.waitUntil("trusted", () => site.spp.isTrusted(sps.nodeId));
    await site.bench.clock.wait(40);
    assert.deepEqual([sps.joined?.phase, safeguardDefaults(sps)], ["validated", []]);
  });
});
