import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "mocha";
import { Harness } from "../testing/harness";

const APPLIANCE = "/service/appliance/v4";
const CORE = "/service/core/v4";

describe("support data of the simulated SPP", () => {
  let harness: Harness;
  afterEach(() => harness.stop());

  it("collects a support bundle as a zip archive that unzip accepts", async () => {
    harness = await Harness.start({}, 100);
    const token = await harness.login();
    const path = `${APPLIANCE}/SupportBundle?includeEventLogs=false&logRetentionDays=1`;
    const answer = await harness.request("GET", path, { token, headers: { accept: "application/octet-stream" } });
    assert.deepEqual([answer.status, answer.headers["content-type"]], [200, "application/octet-stream"]);
    const directory = mkdtempSync(join(tmpdir(), "lab-bundle-"));
    try {
      writeFileSync(join(directory, "bundle.zip"), answer.bytes);
      const listed = execFileSync("unzip", ["-Z1", "bundle.zip"], { cwd: directory, encoding: "utf8" });
      execFileSync("unzip", ["-tq", "bundle.zip"], { cwd: directory });
      const day = (ago: number) =>
        new Date(harness.clock.now().getTime() - ago * 86_400_000).toISOString().slice(0, 10);
      assert.deepEqual(listed.trim().split("\n"), [
        "QuickGlance.txt",
        `Logs/Core-${day(0)}.log`,
        `Logs/Core-${day(1)}.log`,
      ]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("answers 429 to a second request while a bundle is collected, and to the quick glance", async () => {
    harness = await Harness.start({}, 20);
    const token = await harness.login();
    const first = harness.request("GET", `${APPLIANCE}/SupportBundle`, { token });
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const path of ["SupportBundle", "SupportBundle/QuickGlance"]) {
      const second = await harness.request("GET", `${APPLIANCE}/${path}`, { token });
      assert.equal(second.status, 429);
      assert.match(second.text, /Only one Support Bundle can be requested at a time\./);
    }
    assert.equal((await first).status, 200);
    const glance = await harness.request("GET", `${APPLIANCE}/SupportBundle/QuickGlance`, { token });
    assert.match(glance.text, /^Appliance: SPP1 \(00155D[0-9A-F]{6}\)\r\nVersion: 8\.0\.0\.21662\r\n$/);
  });

  it("gives bundles to ApplianceAdmin, SystemAuditor and Auditor, not to OperationsAdmin", async () => {
    harness = await Harness.start({}, 100);
    const path = `${APPLIANCE}/SupportBundle/QuickGlance`;
    for (const [role, status] of [
      ["OperationsAdmin", 403],
      ["SystemAuditor", 200],
      ["Auditor", 200],
    ] as const) {
      harness.spp.addUser(role, "secret", [role]);
      const token = await harness.login(role, "secret");
      assert.equal((await harness.request("GET", path, { token })).status, status, role);
      const quarantine = await harness.request("GET", `${APPLIANCE}/SupportBundle/Quarantine`, { token });
      assert.equal(quarantine.status, status === 403 ? 403 : 404, role);
    }
  });

  it("refuses numbers and flags of a bundle request that are not valid", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    for (const query of ["logRetentionDays=x", "includeEventLogs=perhaps", "includeSessionLogs=perhaps"]) {
      const path = `${APPLIANCE}/SupportBundle?${query}`;
      assert.deepEqual(await harness.statusAndCode("GET", path, { token }), [400, 70000], query);
    }
  });

  it("changes the levels of debug logging and keeps the levels of other services", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    const path = `${APPLIANCE}/Service/Debug`;
    const before = (await harness.request("GET", path, { token })).json as { Services: { LogLevel: string }[] };
    assert.deepEqual(
      [before.Services.length, new Set(before.Services.map((service) => service.LogLevel))],
      [16, new Set(["None"])],
    );
    const SyslogServer = { Name: "log", NetworkAddress: "192.0.2.9" };
    const json = { NetworkDebugEnabled: true, SyslogServer, Services: [{ Id: "Core", LogLevel: "Debug" }] };
    assert.equal((await harness.request("PUT", path, { token, json })).status, 200);
    const changed = (await harness.request("GET", `${path}?fields=Services,SyslogServer`, { token })).json as {
      SyslogServer: object;
      Services: { Id: string; LogLevel: string }[];
    };
    assert.deepEqual(changed.SyslogServer, SyslogServer);
    assert.deepEqual(
      changed.Services.filter((service) => service.LogLevel !== "None").map((service) => service.Id),
      ["Core"],
    );
    for (const wrong of [{ Id: "Other", LogLevel: "Debug" }, { Id: "Core", LogLevel: "Loud" }, null]) {
      const refused = { token, json: { Services: [wrong] } };
      assert.deepEqual(await harness.statusAndCode("PUT", path, refused), [400, 70008]);
    }
    harness.spp.addUser("operator", "secret", ["OperationsAdmin"]);
    const operator = await harness.login("operator", "secret");
    assert.deepEqual(await harness.statusAndCode("PUT", path, { token: operator, json }), [403, 60108]);
  });

  it("downloads a backup only when it is complete", async () => {
    harness = await Harness.start({}, 300);
    const token = await harness.login();
    const made = (await harness.request("POST", `${APPLIANCE}/Backups`, { token })).json as { Id: string };
    const path = `${APPLIANCE}/Backups/${made.Id}/Download`;
    assert.deepEqual(await harness.statusAndCode("GET", path, { token }), [400, 60287]);
    const file = await harness.until(async () => {
      const answer = await harness.request("GET", path, { token });
      return answer.status === 200 ? answer : undefined;
    });
    assert.match(file.text, new RegExp(`^lab backup ${made.Id} `));
    assert.deepEqual(await harness.statusAndCode("GET", `${APPLIANCE}/Backups/7/Download`, { token }), [400, 70003]);
  });

  it("lists the authority of its certificate as trusted", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    const listed = await harness.request("GET", `${CORE}/TrustedCertificates`, { token });
    const [found] = listed.json as { Base64CertificateData: string; Thumbprint: string; Subject: string }[];
    assert.deepEqual(
      [found?.Base64CertificateData, found?.Subject],
      [harness.spp.certificate.issuerPems[0], "CN=Lab Root"],
    );
    const one = `${CORE}/TrustedCertificates/${found?.Thumbprint.toLowerCase()}?fields=Subject`;
    assert.deepEqual((await harness.request("GET", one, { token })).json, { Subject: "CN=Lab Root" });
    assert.deepEqual(await harness.statusAndCode("GET", `${CORE}/TrustedCertificates/00`, { token }), [404, undefined]);
  });

  it("answers lists, objects and counts as CSV to clients that accept only that", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    const csv = async (path: string) => {
      const answer = await harness.request("GET", path, { token, headers: { accept: "text/csv" } });
      assert.match(String(answer.headers["content-type"]), /^text\/csv/);
      return answer.text;
    };
    assert.equal(
      await csv(`${CORE}/Cluster/Members?fields=Id,Name,IsLeader`),
      `Id,IsLeader,Name\r\n${harness.spp.context.identity.applianceId},true,SPP1\r\n`,
    );
    assert.equal(
      await csv(`${CORE}/Me?fields=Name,AdminRoles,Description`),
      'Name,AdminRoles,Description\r\nsafeguard-join,"[""ApplianceAdmin"",""OperationsAdmin""]",\r\n',
    );
    const refused = await harness.request("GET", `${CORE}/AccessPolicies`, { token, headers: { accept: "text/csv" } });
    assert.match(String(refused.headers["content-type"]), /^application\/json/);
  });

  it("reports connectivity, network, resources and uptime in the health of a member", async () => {
    const started = performance.now();
    harness = await Harness.start({}, 3600);
    await harness.clock.wait(3_661);
    const health = (await harness.request("GET", `${APPLIANCE}/ApplianceStatus/Health`)).json as {
      ApplianceId: string;
      ClusterConnectivity: { Status: string; NodeConnectivity: { ApplianceId: string; IsReachable: boolean }[] };
      NetworkInformation: { Ipv4Address: string };
      ResourceUsage: { Status: string };
      UpTime: { Days: number; Hours: number; Minutes: number };
    };
    const [node] = health.ClusterConnectivity.NodeConnectivity;
    assert.deepEqual([node?.ApplianceId, node?.IsReachable], [health.ApplianceId, true]);
    assert.deepEqual([health.ClusterConnectivity.Status, health.ResourceUsage.Status], ["Healthy", "Healthy"]);
    assert.equal(health.NetworkInformation.Ipv4Address, "127.88.3.4");
    // At this speed an hour takes one second, and a busy machine more than that for the request.
    const mostHours = Math.ceil((performance.now() - started) / 1000);
    const hours = health.UpTime.Days * 24 + health.UpTime.Hours;
    assert.ok(hours >= 1 && hours <= mostHours, `${hours} of at most ${mostHours}`);
  });
});
