import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type ScriptedAppliance, scriptedSps } from "../../tests/support/scripted-appliance";
import { scriptedClients } from "../../tests/support/scripted-clients";
import type { SpsClient } from "./client";
import { listAddresses, planClusterInterface, readClusterInterface } from "./network";

const NICS = "/api/configuration/network/nics";
const CLUSTER = "/api/configuration/local_services/cluster";

/** A network card with one interface and these addresses, whose ids are a0, a1, … */
function nic(...cidrs: string[]) {
  const ids = cidrs.map((_, index) => `a${index}`);
  const addresses = { "@order": ids, ...Object.fromEntries(cidrs.map((cidr, index) => [`a${index}`, cidr])) };
  return { body: { interfaces: { "@order": ["c0"], c0: { name: "mgmt", addresses } } } };
}

function cards(...names: string[]) {
  return { items: names.map((key) => ({ key, meta: { href: `${NICS}/${key}` } })) };
}

describe("the network of an SPS node", () => {
  const { sps: open } = scriptedClients();

  async function node(answers: Record<string, unknown>): Promise<{ client: SpsClient; sps: ScriptedAppliance }> {
    const sps = await scriptedSps(answers);
    return { client: await open(sps), sps };
  }

  it("lists the addresses of all network cards without prefix lengths, with reference keys", async () => {
    const { client, sps } = await node({
      [NICS]: cards("nic1", "nic3"),
      [`${NICS}/nic1`]: nic("10.20.30.11/24", "fe80::1/64"),
      [`${NICS}/nic3`]: nic("192.168.0.1/16"),
    });
    assert.deepEqual(await listAddresses(client), [
      { ip: "10.20.30.11", referenceKey: "nic1.interfaces.c0.addresses.a0" },
      { ip: "192.168.0.1", referenceKey: "nic3.interfaces.c0.addresses.a0" },
    ]);
    assert.deepEqual(sps.asked.slice(1), [`GET ${NICS}`, `GET ${NICS}/nic1`, `GET ${NICS}/nic3`]);
  });

  for (const [name, list] of [
    ["are not listed", undefined],
    ["are listed without names", { items: [{}] }],
  ] as const) {
    it(`reads the three physical cards when cards ${name}`, async () => {
      const paths = ["nic1", "nic2", "nic3"].map((card) => `${NICS}/${card}`);
      const answers = Object.fromEntries(paths.map((path, index) => [path, nic(`10.0.${index}.1/24`)]));
      const { client } = await node({ ...answers, ...(list ? { [NICS]: list } : {}) });
      assert.deepEqual(
        (await listAddresses(client)).map(({ ip }) => ip),
        ["10.0.0.1", "10.0.1.1", "10.0.2.1"],
      );
    });
  }

  it("distinguishes network addresses that start alike", async () => {
    const answers: Record<string, unknown> = { [NICS]: cards("nic1") };
    const { client } = await node(answers);
    answers[`${NICS}/nic1`] = nic("10.0.0.10/24", "10.0.0.100/24", "110.0.0.1/24");
    await assert.rejects(planClusterInterface(client, "10.0.0.1"), {
      code: "SG1205",
      message:
        "sps 127.0.0.1: enable cluster interface: the node has no address 10.0.0.1; it has 10.0.0.10, 10.0.0.100, 110.0.0.1; set listenAddress to one of the node's addresses [SG1205]",
    });
    const hosts = fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        hosts,
        fc.nat(),
        fc.integer({ min: 8, max: 32 }),
        async ([wanted = 1, ...others], at, prefix) => {
          const cidrs = others.map((host) => `10.0.0.${host}/${prefix}`);
          const place = at % (cidrs.length + 1);
          cidrs.splice(place, 0, `10.0.0.${wanted}/${prefix}`);
          answers[`${NICS}/nic1`] = nic(...cidrs);
          const addresses = await listAddresses(client);
          const keys = addresses.filter(({ ip }) => ip === `10.0.0.${wanted}`).map(({ referenceKey }) => referenceKey);
          assert.deepEqual(keys, [`nic1.interfaces.c0.addresses.a${place}`]);
        },
      ),
      { numRuns: 25 },
    );
  });

  for (const [name, body] of [
    ["as a reference", { enabled: true, listen_address: { key: "nic1.interfaces.c0.addresses.a1", meta: {} } }],
    ["as a key", { enabled: true, listen_address: "nic1.interfaces.c0.addresses.a1" }],
  ] as const) {
    it(`plans no change when the cluster service already listens there, given ${name}`, async () => {
      const { client, sps } = await node({
        [NICS]: cards("nic1"),
        [`${NICS}/nic1`]: nic("10.0.0.1/24", "10.0.0.2/24"),
        [CLUSTER]: { body },
      });
      assert.equal(await planClusterInterface(client, "10.0.0.2"), undefined);
      assert.ok(await planClusterInterface(client, "10.0.0.1"), "another address is a change");
      assert.ok(sps.asked.every((request) => request.startsWith("GET ")));
    });
  }

  for (const [name, body, expected] of [
    ["an address", { enabled: true, listen_address: "nic1.interfaces.c0.addresses.a1" }, [true, "10.0.0.2"]],
    ["an IPv6 address", { enabled: true, listen_address: "nic1.interfaces.c0.addresses.a2" }, [true, undefined]],
    ["an address of no card", { enabled: true, listen_address: "bond0.interfaces.c0.addresses.a1" }, [true, undefined]],
    ["no address", { enabled: true, listen_address: null }, [true, undefined]],
    ["nothing", { enabled: false, listen_address: "nic1.interfaces.c0.addresses.a1" }, [false, undefined]],
  ] as const) {
    it(`reads whether the cluster service is enabled, and where, when it listens on ${name}`, async () => {
      const { client } = await node({
        [NICS]: cards("nic1"),
        [`${NICS}/nic1`]: nic("10.0.0.1/24", "10.0.0.2/24", "fd00::1/64"),
        [CLUSTER]: { body },
      });
      const { isEnabled, address } = await readClusterInterface(client);
      assert.deepEqual([isEnabled, address], expected);
    });
  }

  it("fails when the node accepts a cluster interface but does not keep it", async () => {
    const done = { body: {} };
    const { client } = await node({
      [NICS]: cards("nic1"),
      [`${NICS}/nic1`]: nic("10.0.0.1/24"),
      [CLUSTER]: { body: { enabled: false } },
      ...{ "/api/transaction": { ...done, meta: {} }, "/api/transaction/changes": { items: [] } },
    });
    const change = await planClusterInterface(client, "10.0.0.1");
    await assert.rejects(change?.(2) ?? assert.fail("it needs no change"), { code: "SG1206" });
  });

  for (const body of [
    { enabled: false, listen_address: null },
    { enabled: false },
    { enabled: false, listen_address: "nic1.interfaces.c0.addresses.a0" },
  ]) {
    it(`plans a change when the cluster service is ${JSON.stringify(body)}`, async () => {
      const { client } = await node({
        [NICS]: cards("nic1"),
        [`${NICS}/nic1`]: nic("10.0.0.1/24"),
        [CLUSTER]: { body },
      });
      assert.equal(typeof (await planClusterInterface(client, "10.0.0.1")), "function");
    });
  }
});
