import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { afterEach, describe, it } from "mocha";
import { Harness, HOST_NAME } from "./testing/harness";
import { DEVIATIONS, OpenApi } from "./testing/openapi";

const CORE = "/service/core/v4";
const APPLIANCE = "/service/appliance/v4";

/** Published operations that this appliance does not have. The test sends a request to all others. */
const ABSENT = [
  "GET /service/core/v4/ServicesConfig",
  "GET /service/core/v4/ServicesConfig/{serviceName}",
  // The appliance was never in quarantine.
  "GET /service/appliance/v4/SupportBundle/Quarantine",
  "POST /service/core/v4/AccessRequests/ActiveSessions/Terminate",
  "POST /service/core/v4/AccessRequests/{id}/Cancel",
  "POST /service/core/v4/AccessRequests/{id}/CheckIn",
  "POST /service/core/v4/AccessRequests/{id}/Close",
  "POST /service/core/v4/SslCertificates",
  "DELETE /service/core/v4/SslCertificates/{thumbprint}",
  "PUT /service/core/v4/SslCertificates/{thumbprint}/Appliances",
  "PUT /service/core/v4/Cluster/SessionModules/{id}/Members/{memberId}/ManagedNetworks",
  "PUT /service/core/v4/Cluster/SessionModules/{id}/Members/{memberId}/ManagedNetworks/{operation}",
];

type Json = Record<string, unknown>;

describe("responses of the simulated SPP", () => {
  let harness: Harness;
  afterEach(() => harness.stop());

  const rows = async (path: string, token: string) => (await harness.request("GET", path, { token })).json as Json[];

  it("validates the response of each published operation except the listed ones", async () => {
    harness = await Harness.start({ roles: ["ApplianceAdmin", "OperationsAdmin", "PolicyAdmin", "Auditor"] }, 100);
    const token = await harness.login();
    const nodeId = "46f97a58-4028-467d-9a22-9cfe78ae3e1c";
    const { Id: id } = await harness.join(token, nodeId);
    await harness.until(async () => {
      const found = await rows(`${CORE}/Cluster/SessionModules/ConnectionPolicies`, token);
      return found.length > 0 ? found : undefined;
    });
    const [request] = await rows(`${CORE}/AccessRequests`, token);
    const [backup] = await rows(`${APPLIANCE}/Backups`, token);
    const issuer = new X509Certificate(harness.spp.certificate.issuerPems[0] ?? "");
    const values: [RegExp, unknown][] = [
      [/SessionModules\/\{id\}/, `SessionModules/${id}`],
      [/\{memberId\}/, nodeId],
      [/\{policyId\}/, `ssh-${nodeId}`],
      [/AccessRequests\/\{id\}/, `AccessRequests/${request?.Id}`],
      [/Backups\/\{id\}/, `Backups/${backup?.Id}`],
      [/Members\/\{id\}/, `Members/${harness.spp.context.identity.applianceId}`],
      [/NetworkInterfaces\/\{id\}/, "NetworkInterfaces/X0"],
      [/AccessPolicies\/\{id\}/, "AccessPolicies/5"],
      [/AuthenticationProviders\/\{id\}/, "AuthenticationProviders/-1"],
      [/Settings\/\{id\}/, "Settings/Token%20Lifetime"],
      [/TrustedCertificates\/\{thumbprint\}/, `TrustedCertificates/${issuer.fingerprint.replaceAll(":", "")}`],
      [/\{thumbprint\}/, harness.spp.certificate.thumbprint],
      [/\{accessRequestRole\}/, "Admin"],
    ];
    const bodies: [RegExp, Json][] = [
      [/Throughput/, { TargetApplianceId: harness.spp.context.identity.applianceId, MbToTransfer: 10 }],
      [/Service\/Debug/, { NetworkDebugEnabled: true, Services: [{ Id: "Core", LogLevel: "Debug" }] }],
      [/NetworkDiagnostics/, { NetworkAddress: HOST_NAME }],
      [/Settings/, { Value: "86400" }],
      [/SessionModules\/\d/, { Id: id, NodeId: nodeId }],
      [/AccessRequestBroker|StreamService/, { Enabled: true }],
      [/LoginResponse|SessionModules$/, {}],
    ];
    const absent: string[] = [];
    const statuses = new Map<string, number>();
    const operations = Object.entries(new OpenApi().document.paths).flatMap(([template, methods]) =>
      Object.keys(methods).map((method) => ({ template, method: method.toUpperCase() })),
    );
    const last = (method: string, template: string) =>
      Number(method === "DELETE") + 2 * Number(template.includes("Logout"));
    operations.sort((left, right) => last(left.method, left.template) - last(right.method, right.template));
    for (const { template, method } of operations) {
      let path = template;
      for (const [pattern, value] of values) path = path.replace(pattern, String(value));
      const body = bodies.find(([pattern]) => pattern.test(path))?.[1];
      const ask = method === "GET" || method === "DELETE" || !body ? { token } : { token, json: body };
      const answer = await harness.request(method as "GET" | "POST", path, ask);
      if (answer.status === 404) absent.push(`${method} ${template}`);
      else statuses.set(`${method} ${template}`, answer.status);
    }
    assert.deepEqual(absent.sort(), [...ABSENT].sort());
    const refused = [...statuses].filter(([, status]) => status >= 300).map(([operation]) => operation);
    assert.deepEqual(refused.sort(), [
      "POST /service/core/v4/Cluster/SessionModules",
      "POST /service/core/v4/Token/LoginResponse",
    ]);
  });

  it("lists each known deviation of the published documents", async () => {
    harness = await Harness.start();
    const known = new OpenApi().document["x-known-deviations"];
    assert.equal(known.length, 8);
    const keys = [
      "InnerError",
      "ModelState",
      "/RSTS",
      "format",
      "201, 202, 204",
      "count",
      "fields",
      "Base64CertificateData",
    ];
    for (const [index, key] of keys.entries()) {
      assert(DEVIATIONS[index]?.where.includes(key), `${key}: ${known[index]}`);
    }
    assert.equal(DEVIATIONS.length, 11);
  });

  it("finds no violation in a correct response and one in each wrong response", async () => {
    harness = await Harness.start();
    const openApi = new OpenApi();
    const violations = (path: string, status: number, text: string, contentType = "application/json") =>
      openApi.violations({ method: "GET", path, status, contentType, text }).length;
    assert.equal(violations(`${CORE}/AuditLog/StreamService`, 200, '{"Enabled":true}'), 0);
    assert.equal(violations(`${CORE}/AuditLog/StreamService`, 200, '{"Enabled":"true"}'), 1);
    assert.equal(violations(`${CORE}/AuditLog/StreamService`, 200, '{"Enabled":true,"Extra":1}'), 1);
    assert.equal(violations(`${CORE}/AuditLog/StreamService`, 418, "{}"), 1);
    assert.equal(violations(`${CORE}/AuditLog/StreamService`, 404, "{}"), 1);
    assert.equal(violations(`${CORE}/AuditLog/StreamService`, 200, '{"Enabled":true}', "text/plain"), 1);
    assert.equal(violations(`${CORE}/Nothing`, 200, "{}"), 1);
    assert.equal(violations(`${CORE}/Cluster/SessionModules`, 200, '[{"Id":1}]'), 1);
    assert.equal(violations(`${CORE}/Cluster/SessionModules?fields=Id`, 200, '[{"Id":1}]'), 0);
    assert.equal(violations(`${CORE}/Cluster/SessionModules?count=true`, 200, "1"), 0);
    assert.equal(violations(`${CORE}/Me`, 401, '{"Code":60094,"Message":"","InnerError":null}'), 0);
    assert.equal(violations(`${CORE}/Me`, 401, '{"code":60094}'), 1);
  });
});
