import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { withTestBench } from "../testing/hooks";
import type { TestBench } from "../testing/test-bench";
import { at, list, statusAndType, type TestClient } from "../testing/test-client";

let bench: TestBench;
const INSTANCES = "/api/configuration/policies/aa_plugin_instances";
const PLUGINS = "/api/configuration/plugins/aa";

/** All names below a path, found by following links only. */
async function namesUnder(client: TestClient, path: string): Promise<string[]> {
  const { body } = await client.expect(200, client.get(path));
  if (!Array.isArray(body.items))
    return typeof at(body, "body").name === "string" ? [String(at(body, "body").name)] : [];
  const names: string[] = [];
  for (const item of list(body.items)) {
    const known = item.name ?? at(item, "body").name;
    if (typeof known === "string") names.push(known);
    else names.push(...(await namesUnder(client, String(at(item, "meta").href))));
  }
  return names;
}

function withBench(): void {
  withTestBench((created) => {
    bench = created;
  });
}

describe("configuration of SPS", () => {
  withBench();

  it("links all folders, lists and objects of the configuration", async () => {
    for (const firmwareVersion of ["6.0.12", "8.0.0"]) {
      const { sps, client } = await bench.startSps({ firmwareVersion });
      await client.logIn();
      const plugin = sps.addObject(PLUGINS, { name: "my_plugin" });
      sps.addObject(INSTANCES, { name: "Safeguard_Default_x", plugin });
      sps.addObject("/api/configuration/rdp/connections", { name: "rdp_1" });
      const names = await namesUnder(client, "/api/configuration");
      for (const name of ["my_plugin", "Safeguard_Default_x", "rdp_1", "ssh_all", "nightly"]) {
        assert.equal(names.filter((found) => found === name).length, 1, `${name} on ${firmwareVersion}`);
      }
    }
  });

  it("shows list items in the form of the variant", async () => {
    const cases = [
      [{ listItems: "with-body" }, ["body", "key", "meta"]],
      [{ listItems: "key-only" }, ["key", "meta"]],
      [{ pluginInstanceItems: "with-name" }, ["key", "meta", "name"]],
    ] as const;
    for (const [variant, members] of cases) {
      const { sps, client } = await bench.startSps({ variant });
      sps.addObject(INSTANCES, { name: "x", plugin: sps.addObject(PLUGINS, { name: "p" }) });
      await client.logIn();
      const [item = {}] = list((await client.get(INSTANCES)).body.items);
      assert.deepEqual(Object.keys(item).sort(), members);
    }
  });

  it("creates, changes and deletes objects, but keeps referenced ones", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    const plugin = String((await client.expect(201, client.post(PLUGINS, { name: "p" }))).body.key);
    assert.match(plugin, /^[0-9a-f]{20}$/);
    const made = await client.expect(201, client.post(INSTANCES, { name: "i", plugin }));
    const href = String(at(made.body, "meta").href);
    const read = await client.get(href);
    assert.deepEqual(at(read.body, "body"), {
      name: "i",
      plugin: { key: plugin, meta: { href: `${PLUGINS}/${plugin}` } },
    });
    assert.equal(at(read.body, "meta").previous, null);
    assert.equal(statusAndType(await client.delete(`${PLUGINS}/${plugin}`)), "400 SemanticError");
    assert.equal(statusAndType(await client.put(href, at(read.body, "body"))), "400 MalformedRequest");
    assert.equal(statusAndType(await client.put(href, { name: "i", plugin: "missing" })), "400 SemanticError");
    assert.equal(statusAndType(await client.post(INSTANCES, { plugin })), "400 SemanticError");
    await client.expect(200, client.put(href, { name: "j", plugin }));
    await client.expect(200, client.delete(href));
    await client.expect(200, client.delete(`${PLUGINS}/${plugin}`));
    assert.equal(statusAndType(await client.delete(href)), "404 NotFound");
    await client.expect(200, client.commit());
    assert.equal(sps.objects(INSTANCES).size + sps.objects(PLUGINS).size, 0);
  });

  it("lists the addresses of network interfaces in ordered maps", async () => {
    const { client } = await bench.startSps({
      clusterAddress: "172.16.9.2",
      extraNics: [{ nic: "nic2", address: "172.16.9.20/24" }],
    });
    await client.logIn();
    const nics = list((await client.get("/api/configuration/network/nics")).body.items).map(({ key }) => key);
    assert.deepEqual(nics, ["nic1", "nic2", "nic3"]);
    const interfaces = at((await client.get("/api/configuration/network/nics/nic2")).body, "body", "interfaces");
    const [id] = interfaces["@order"] as string[];
    const addresses = at(interfaces, id ?? "", "addresses");
    const order = addresses["@order"] as string[];
    assert.deepEqual(
      order.map((key) => addresses[key]),
      ["172.16.9.2/24", "172.16.9.20/24"],
    );
    assert.equal((await client.put("/api/configuration/network/nics/nic2", {})).status, 405);
  });

  it("answers a PUT with 200 or 201, by variant", async () => {
    for (const putStatus of [200, 201] as const) {
      const { client } = await bench.startSps({ variant: { putStatus } });
      await client.logIn();
      assert.equal((await client.put("/api/configuration/ssh/options", {})).status, putStatus);
    }
  });

  it("shows the system backup policy as reference or as key, by variant", async () => {
    const path = "/api/configuration/management/system_backup";
    const cases = [
      ["object", { key: "-100", meta: { href: "/api/configuration/policies/backup_policies/-100" } }],
      ["key", "-100"],
    ] as const;
    for (const [backupPolicyReference, shown] of cases) {
      const { sps, client } = await bench.startSps({ variant: { backupPolicyReference } });
      await client.logIn();
      assert.deepEqual(at((await client.get(path)).body, "body").backup_policy, shown);
      sps.setSystemBackup(false);
      assert.equal(at((await client.get(path)).body, "body").backup_policy, null);
    }
    const { client } = await bench.startSps({ hasSystemBackup: false });
    await client.logIn();
    assert.equal(at((await client.get(path)).body, "body").backup_policy, null);
  });

  it("shows a disabled cluster interface without a listen address", async () => {
    for (const [disabledListenAddress, body] of [
      ["null", { enabled: false, listen_address: null }],
      ["absent", { enabled: false }],
    ] as const) {
      const { client } = await bench.startSps({ variant: { disabledListenAddress } });
      await client.logIn();
      assert.deepEqual(at((await client.get("/api/configuration/local_services/cluster")).body, "body"), body);
    }
  });
});
