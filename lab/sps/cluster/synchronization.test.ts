import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { JsonObject } from "../state/json";
import { withTestBench } from "../testing/hooks";
import type { TestBench } from "../testing/test-bench";
import { at } from "../testing/test-client";

let bench: TestBench;
const STATUS = "/api/cluster/status";

describe("synchronization of managed hosts", () => {
  withTestBench((created) => {
    bench = created;
  });

  it("applies policies but no network settings after a commit", async () => {
    const { central, member } = await bench.startCluster({ syncSeconds: 30 });
    await bench.waitUntilSynchronized(central, member);
    const ownNics = member.sps.object("/api/configuration/network/nics/nic1");
    const before = await central.client.nodeStatus(member.sps.nodeId);
    await central.client.put("/api/configuration/ssh/options", { service: { log_level: 7 } });
    await central.client.expect(200, central.client.commit());
    assert.equal((await central.client.nodeStatus(member.sps.nodeId)).sync_status, "pending");
    await bench.waitUntilSynchronized(central, member);
    assert.equal(at(member.sps.object("/api/configuration/ssh/options"), "service").log_level, 7);
    assert.deepEqual(member.sps.object("/api/configuration/network/nics/nic1"), ownNics);
    assert.equal(member.sps.clusterListenAddress, member.sps.clusterAddress);
    const after = await central.client.nodeStatus(member.sps.nodeId);
    const hashOf = (status: JsonObject) => at(status, "configuration_sync").downloaded_xml_hash;
    assert.match(String(hashOf(after)), /^[0-9a-f]{32}$/);
    assert.notEqual(hashOf(after), hashOf(before));
    assert.deepEqual(at(after, "configuration_sync", "issues"), {});
  });

  it("reports health every 10 s and shows none after a minute without reports", async () => {
    const { central, member } = await bench.startCluster();
    await bench.waitUntilSynchronized(central, member);
    const first = await central.client.nodeStatus(member.sps.nodeId);
    assert.equal(first.fqdn, member.sps.hostName);
    assert.equal(at(first, "health_status").total_sessions, 0);
    const lastSeen = (status: JsonObject) => Date.parse(String(status.last_seen));
    await bench.clock.wait(25);
    const later = lastSeen(await central.client.nodeStatus(member.sps.nodeId)) - lastSeen(first);
    assert.ok(later >= 10_000, `${later} ms`);
    await member.sps.stop();
    await bench.clock.wait(65);
    assert.equal((await central.client.nodeStatus(member.sps.nodeId)).health_status, null);
    const own = await central.client.nodeStatus(central.sps.nodeId);
    assert.deepEqual([own.health_status, own.sync_status, own.last_seen], [null, "n/a", undefined]);
    const one = await central.client.get(`${STATUS}/${member.sps.nodeId}`);
    assert.equal(one.body.key, member.sps.nodeId);
    assert.equal((await central.client.get(`${STATUS}/unknown`)).status, 404);
  });

  it("spells the synchronization status in the form of the variant", async () => {
    const { central, member } = await bench.startCluster();
    await bench.waitUntilSynchronized(central, member);
    const seen: unknown[] = [];
    for (const spelling of ["kebab", "spaces", "upper-snake", "upper-kebab"] as const) {
      central.sps.variant.syncStatusSpelling = spelling;
      seen.push((await central.client.nodeStatus(member.sps.nodeId)).sync_status);
    }
    assert.deepEqual(seen, ["up-to-date", "up to date", "UP_TO_DATE", "UP-TO-DATE"]);
  });

  it("does not synchronize while the fault sps-sync-stuck is on", async () => {
    bench.faults.on("sps-sync-stuck");
    const { central, member } = await bench.startCluster();
    await bench.clock.wait(40);
    assert.equal((await central.client.nodeStatus(member.sps.nodeId)).sync_status, "not-fetched");
    bench.faults.off("sps-sync-stuck");
    await bench.waitUntilSynchronized(central, member);
    bench.faults.on("sps-sync-stuck");
    assert.equal((await central.client.nodeStatus(member.sps.nodeId)).sync_status, "pending");
  });

  it("shows warnings as issues, and errors or another version as outdated", async () => {
    const { central, member } = await bench.startCluster();
    await bench.waitUntilSynchronized(central, member);
    const warning = { message: "collision on port 22", paths: ["/api/configuration/ssh/connections/1"] };
    member.sps.reportIssues({ warnings: [warning] });
    const issues = async () => {
      await bench.clock.wait(12);
      const status = await central.client.nodeStatus(member.sps.nodeId);
      return [status.sync_status, at(status, "configuration_sync", "issues")];
    };
    assert.deepEqual(await issues(), ["up-to-date", { warnings: [warning] }]);
    member.sps.reportIssues({ errors: [warning] });
    assert.deepEqual(await issues(), ["outdated", { errors: [warning] }]);

    const older = await bench.startSps({ firmwareVersion: "7.5.1" });
    await older.client.enableClusterInterface();
    await bench.addMember(central, older);
    await central.client.setRoles(older.sps.nodeId, older.sps.clusterAddress, ["managed-host", "search-local"]);
    const isOutdated = async () => (await central.client.nodeStatus(older.sps.nodeId)).sync_status === "outdated";
    await bench.waitUntil("outdated", isOutdated);
  });

  it("does not synchronize members without the role managed-host", async () => {
    const central = await bench.startSps();
    const member = await bench.startSps();
    await central.client.promote();
    await member.client.enableClusterInterface();
    member.sps.addObject("/api/configuration/ssh/connections", { name: "own" });
    await bench.addMember(central, member);
    await bench.waitUntil("member knows its cluster", () => member.sps.nodes.length === 2);
    await bench.clock.wait(20);
    const status = await central.client.nodeStatus(member.sps.nodeId);
    assert.deepEqual([status.sync_status, status.configuration_sync], ["n/a", undefined]);
    const names = [...member.sps.objects("/api/configuration/ssh/connections").values()].map(({ name }) => name);
    assert.deepEqual(names, ["ssh_all", "own"]);
    await central.client.setRoles(member.sps.nodeId, member.sps.clusterAddress, ["managed-host", "search-local"]);
    await bench.waitUntilSynchronized(central, member);
    assert.equal(member.sps.objects("/api/configuration/ssh/connections").size, 1);
  });

  it("enables and disables the configuration synchronization plugin", async () => {
    const { sps, client } = await bench.startSps();
    const path = "/api/cluster/configuration_sync_plugin";
    const key = sps.addObject("/api/configuration/plugins/configuration_sync", { name: "filter" });
    await client.logIn();
    assert.deepEqual((await client.put(path, { enabled: true, plugin: key })).body.plugin, { key, meta: {} });
    assert.deepEqual((await client.post(path, { enabled: false })).body.plugin, { key: null, meta: {} });
    assert.equal((await client.put(path, { enabled: true, plugin: "missing" })).status, 400);
    assert.equal((await client.put(path, {})).status, 400);
  });
});
