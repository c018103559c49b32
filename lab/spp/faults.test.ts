import assert from "node:assert/strict";
import { connect } from "node:tls";
import { afterEach, describe, it } from "mocha";
import { FAULTS } from "../common/faults";
import type { SessionModule } from "./join/session-module";
import { ADDRESS, Harness } from "./testing/harness";

const CORE = "/service/core/v4";
const MODULES = `${CORE}/Cluster/SessionModules`;
const STATUS = "/service/notification/v4/Status";
const NODE = "46f97a58-4028-467d-9a22-9cfe78ae3e1c";

type Json = Record<string, unknown>;

describe("faults of the simulated SPP", () => {
  let harness: Harness;
  const tested = new Set<string>();
  afterEach(() => harness.stop());

  /** Defines the test of one fault. */
  const fault = (name: keyof typeof FAULTS, run: () => Promise<void>) => {
    tested.add(name);
    it(`${name}: ${FAULTS[name]}`, run);
  };
  const code = (answer: { json: unknown; status: number }) => [answer.status, (answer.json as Json | undefined)?.Code];
  const status = async () => (await harness.request("GET", STATUS)).json as Json;

  /** SHA-256 of the certificate of a new connection, and the error with which Node rejects it. */
  const served = () =>
    new Promise<{ sha256: string; refusal: string | undefined }>((resolve, reject) => {
      const { port, context } = harness.spp;
      const ca = context.options.authority.certificatePem;
      const socket = connect({ host: ADDRESS, port, ca, rejectUnauthorized: false }, () => {
        const sha256 = socket.getPeerCertificate().fingerprint256.replaceAll(":", "").toLowerCase();
        const reason: unknown = socket.authorizationError;
        socket.destroy();
        resolve({
          sha256,
          refusal: socket.authorized ? undefined : String(reason instanceof Error ? reason.message : reason),
        });
      });
      socket.on("error", reject);
    });

  fault("spp-certificate-mismatch", async () => {
    harness = await Harness.start();
    assert.deepEqual(await served(), { sha256: harness.spp.certificate.sha256, refusal: undefined });
    harness.faults.on("spp-certificate-mismatch");
    const other = await served();
    assert.notEqual(other.sha256, harness.spp.certificate.sha256);
    assert.match(other.refusal ?? "", /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/);
    harness.faults.off("spp-certificate-mismatch");
    assert.equal((await served()).sha256, harness.spp.certificate.sha256);
    const token = await harness.login();
    harness.faults.on("spp-certificate-mismatch");
    const [shown] = (await harness.request("GET", `${CORE}/SslCertificates`, { token })).json as Json[];
    assert.deepEqual([shown?.Subject, shown?.DnsNames], ["CN=another.invalid", ["another.invalid"]]);
  });

  fault("spp-untrusted-certificate", async () => {
    harness = await Harness.start();
    harness.faults.on("spp-untrusted-certificate");
    const other = await served();
    assert.notEqual(other.sha256, harness.spp.certificate.sha256);
    assert.match(other.refusal ?? "", /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO/);
  });

  fault("spp-not-spp", async () => {
    harness = await Harness.start();
    harness.faults.on("spp-not-spp");
    for (const [path, expected] of [
      ["/", 200],
      ["/RSTS/oauth2/token", 404],
      ["/service/notification/v3/Status", 404],
    ] as const) {
      const answer = await harness.request("GET", path);
      assert.equal(answer.status, expected);
      assert.match(String(answer.headers["content-type"]), /^text\/html/);
    }
  });

  fault("spp-replica", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    const row = (await harness.beginJoin(token, NODE)).json as SessionModule;
    harness.faults.on("spp-replica");
    const { IsPrimary: primary, IsReplica: replica } = await status();
    assert.deepEqual([primary, replica], [false, true]);
    const availability = (await harness.request("GET", `${STATUS}/Availability`)).json as Json;
    assert.equal(availability.PrimaryApplianceIpv4, "127.255.255.1");
    const leaders = await harness.request("GET", `${CORE}/Cluster/Members?filter=IsLeader eq true&fields=Name`, {
      token,
    });
    assert.deepEqual(leaders.json, [{ Name: "SPP-PRIMARY" }]);
    assert.deepEqual(code(await harness.beginJoin(token, NODE)), [403, 60418]);
    const json = { ...row, Description: "x" };
    assert.deepEqual(await harness.statusAndCode("PUT", `${MODULES}/${row.Id}`, { token, json }), [403, 60418]);
    assert.deepEqual(await harness.statusAndCode("DELETE", `${MODULES}/${row.Id}`, { token }), [403, 60418]);
    await harness.stop();
    harness = await Harness.start({ variants: { replicaRefusesDelete: false } });
    harness.faults.on("spp-replica");
    const refusal = await harness.statusAndCode("DELETE", `${MODULES}/1`, { token: await harness.login() });
    assert.deepEqual(refusal, [404, undefined]);
  });

  fault("spp-permissions", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    harness.faults.on("spp-permissions");
    assert.deepEqual(((await harness.request("GET", `${CORE}/Me`, { token })).json as Json).AdminRoles, ["Auditor"]);
    assert.deepEqual(code(await harness.beginJoin(token, NODE)), [403, 60108]);
    assert.deepEqual(await harness.statusAndCode("DELETE", `${MODULES}/1`, { token }), [403, 60108]);
  });

  fault("spp-credentials", async () => {
    harness = await Harness.start();
    harness.faults.on("spp-credentials");
    await assert.rejects(harness.login(), /Access denied\./);
  });

  fault("spp-second-factor", async () => {
    harness = await Harness.start();
    harness.faults.on("spp-second-factor");
    assert.equal(await harness.login(), null);
  });

  fault("spp-operation-running", async () => {
    harness = await Harness.start();
    harness.faults.on("spp-operation-running");
    const token = await harness.login();
    const running = (await harness.request("GET", `${CORE}/Cluster/Status`, { token })).json as Json;
    assert.equal(running.Operation, "AuditLogSync");
    assert.deepEqual(code(await harness.beginJoin(token, NODE)), [400, 60910]);
    harness.faults.off("spp-operation-running");
    assert.equal((await harness.beginJoin(token, NODE)).status, 200);
  });

  fault("spp-maintenance", async () => {
    harness = await Harness.start();
    harness.faults.on("spp-maintenance");
    const { ApplianceCurrentState: state, IsMaintenance: maintenance, IsSessionModuleJoined: joined } = await status();
    assert.deepEqual([state, maintenance, joined], ["Maintenance", true, null]);
    assert.equal((await harness.request("POST", "/RSTS/oauth2/token", { json: {} })).status, 503);
    assert.equal((await harness.request("GET", "/service/core/v3/Me")).status, 503);
    assert.equal((await harness.request("GET", "/service/appliance/v4/Version")).status, 200);
  });

  fault("join-already-linked", async () => {
    harness = await Harness.start();
    harness.faults.on("join-already-linked");
    const token = await harness.login();
    assert.deepEqual(code(await harness.beginJoin(token, NODE)), [400, 60657]);
    const running = (await harness.request("GET", `${CORE}/Cluster/Status`, { token })).json as Json;
    assert.equal(running.Operation, "None");
  });

  fault("join-over-five-minutes", async () => {
    harness = await Harness.start({}, 300);
    harness.faults.on("join-over-five-minutes");
    const token = await harness.login();
    const { OneTimeToken: secret } = (await harness.beginJoin(token, NODE)).json as SessionModule;
    assert.deepEqual(code(await harness.validate(NODE, secret ?? "")), [403, 60108]);
    harness.faults.off("join-over-five-minutes");
    assert.deepEqual(code(await harness.beginJoin(token, NODE)), [400, 60910]);
    await harness.clock.wait(310);
    await harness.join(token, NODE);
  });

  fault("join-never-trusted", async () => {
    harness = await Harness.start({}, 300);
    harness.faults.on("join-never-trusted");
    const token = await harness.login();
    const { OneTimeToken: secret } = (await harness.beginJoin(token, NODE)).json as SessionModule;
    assert.equal((await harness.validate(NODE, secret ?? "")).status, 200);
    await harness.clock.wait(310);
    const listed = (await harness.request("GET", MODULES, { token })).json as SessionModule[];
    assert.deepEqual(
      listed.map((row) => [row.NodeId, row.Trusted]),
      [[NODE, false]],
    );
    assert.equal((await status()).IsSessionModuleJoined, false);
    assert.equal(harness.spp.openAccessRequests, 2);
    assert.deepEqual(code(await harness.beginJoin(token, NODE)), [400, 60657]);
  });

  fault("join-no-policies", async () => {
    harness = await Harness.start({}, 300);
    harness.faults.on("join-no-policies");
    const token = await harness.login();
    await harness.join(token, NODE);
    await harness.clock.wait(60);
    assert.deepEqual((await harness.request("GET", `${MODULES}/ConnectionPolicies`, { token })).json, []);
  });

  fault("spp-answer-lost", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    harness.faults.on("spp-answer-lost");
    assert.equal((await harness.request("GET", MODULES, { token })).status, 200);
    assert.equal((await harness.request("DELETE", `${MODULES}/9`, { token })).status, 404);
    assert.deepEqual(harness.faults.list(), ["spp-answer-lost"]);
    await assert.rejects(harness.beginJoin(token, NODE), { code: "UND_ERR_SOCKET" });
    assert.equal(harness.spp.sessionModules.length, 1);
    assert.deepEqual(harness.faults.list(), []);
    const [lost] = harness.spp.traffic.requests.filter((request) => request.path.includes("/v3/"));
    assert.deepEqual([lost?.method, lost?.status], ["POST", undefined]);
    assert.equal((await harness.request("DELETE", `${MODULES}/1`, { token })).status, 204);
  });

  fault("spp-slow", async () => {
    harness = await Harness.start({}, 20);
    harness.faults.on("spp-slow");
    const started = harness.clock.now().getTime();
    await status();
    const seconds = (harness.clock.now().getTime() - started) / 1000;
    assert(seconds >= 4.9, `${seconds} s`);
  });

  fault("spp-5xx", async () => {
    harness = await Harness.start();
    harness.faults.on("spp-5xx");
    for (const path of ["/service/notification/v3/Status", "/RSTS/oauth2/token", "/service/core/v3/Me", "/"]) {
      const answer = await harness.request("GET", path);
      assert.deepEqual([answer.status, answer.text], [503, ""]);
    }
  });

  fault("spp-token-expired", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    harness.faults.on("spp-token-expired");
    assert.equal((await harness.request("GET", STATUS)).status, 200);
    assert.deepEqual(await harness.statusAndCode("GET", `${CORE}/Me`, { token }), [401, 60094]);
    assert.deepEqual(harness.faults.list(), []);
    assert.deepEqual(await harness.statusAndCode("GET", `${CORE}/Me`, { token }), [401, 60094]);
    assert.equal((await harness.request("GET", `${CORE}/Me`, { token: await harness.login() })).status, 200);
  });

  it("has a test for each fault of SPP", async () => {
    harness = await Harness.start();
    const sppFaults = Object.keys(FAULTS).filter((name) => name.startsWith("spp-"));
    for (const name of sppFaults) assert(tested.has(name), name);
  });

  it("handles a request and then cuts the connection when a test injects this", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    harness.spp.traffic.inject({ method: "POST", path: /SessionModules$/, effect: { kind: "cut-after" } });
    await assert.rejects(harness.beginJoin(token, NODE), { code: "UND_ERR_SOCKET" });
    assert.equal(harness.spp.sessionModules.length, 1);
  });
});
