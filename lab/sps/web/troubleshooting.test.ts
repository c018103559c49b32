import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { withTestBench } from "../testing/hooks";
import type { TestBench } from "../testing/test-bench";
import { at, list } from "../testing/test-client";

let bench: TestBench;

describe("troubleshooting of SPS", () => {
  withTestBench((created) => {
    bench = created;
  });

  it("collects a support bundle and offers it for download when finished", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    const path = "/api/troubleshooting/support-bundle";
    const started = await client.expect(201, client.post(path));
    const one = `${path}/${String(started.body.key)}`;
    assert.equal(at((await client.get(one)).body, "body").status, "running");
    assert.equal((await client.get(`${one}/download`)).status, 404);
    assert.equal((await client.post(path)).status, 409);
    sps.variant.bundleSecondStart = "running-job";
    assert.equal((await client.post(path)).body.key, started.body.key);
    await bench.waitUntil("finished", async () => at((await client.get(one)).body, "body").status === "finished");
    const download = await client.get(`${one}/download`);
    assert.equal(download.headers["content-type"], "application/gzip");
    assert.deepEqual([...download.bytes.subarray(0, 2)], [0x1f, 0x8b]);
    assert.equal(list((await client.get(path)).body.items).length, 1);
    assert.equal((await client.delete(one)).status, 200);
    assert.equal((await client.get(one)).status, 404);
  });

  it("resolves only names of the lab, over TCP or UDP", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    const path = "/api/tools/hosts-by-name";
    assert.deepEqual((await client.post(path, { name: sps.hostName, protocol: "TCP" })).body.hosts, [
      sps.endpoint.address,
    ]);
    assert.deepEqual((await client.post(path, { name: "example.com" })).body.hosts, []);
    assert.equal((await client.post(path, { name: "x", protocol: "ICMP" })).status, 400);
    assert.deepEqual(
      list((await client.get("/api/tools/")).body.items).map(({ key }) => key),
      ["hosts-by-name", "ldaptest"],
    );
  });

  it("links support bundles and tools from the root, also with two slashes at the end", async () => {
    const { client } = await bench.startSps();
    await client.logIn();
    const keys = async (path: string) =>
      list((await client.expect(200, client.get(path))).body.items).map(({ key }) => key);
    const roots = await keys("/api//");
    assert.deepEqual(roots, await keys("/api"));
    for (const key of ["firmware", "tools", "troubleshooting"]) assert.ok(roots.includes(key), key);
    assert.deepEqual(await keys("/api/troubleshooting"), ["support-bundle"]);
  });

  it("lists the firmware slots, of which one is running", async () => {
    const { client } = await bench.startSps({ firmwareVersion: "8.0.0" });
    await client.logIn();
    assert.deepEqual(
      list((await client.get("/api/firmware")).body.items).map(({ key }) => key),
      ["slots"],
    );
    const slots = list((await client.get("/api/firmware/slots")).body.items);
    assert.deepEqual(
      slots.map((slot) => [slot.key, at(slot, "body").version, at(slot, "body").current]),
      [
        ["1", "8.0.0", true],
        ["2", null, false],
      ],
    );
    const { body } = await client.get("/api/firmware/slots/1");
    assert.deepEqual(Object.keys(at(body, "body")), ["version", "current", "after_reboot", "upgrade_notes"]);
    assert.equal((await client.get("/api/firmware/slots/3")).status, 404);
  });

  it("has no support bundles, firmware slots and tools in 6.0", async () => {
    const { client } = await bench.startSps({ firmwareVersion: "6.0.12" });
    await client.logIn();
    assert.equal((await client.post("/api/troubleshooting/support-bundle")).status, 404);
    assert.equal((await client.get("/api/tools")).status, 404);
    assert.equal((await client.get("/api/firmware/slots")).status, 404);
    assert.equal((await client.get("/api/user/info")).status, 404);
    assert.equal((await client.get("/api/configuration/mssql")).status, 404);
  });
});
