import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import {
  clusterInterfaceAnswer,
  errorAnswer,
  infoAnswer,
  listAnswer,
  nicAnswer,
  nodeAnswer,
  transactionAnswer,
} from "./answers";

describe("answers of SPS", () => {
  it("lists the addresses of a network card in the appliance's order", () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[0-9a-f]{4,8}$/), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(ids, fc.array(fc.ipV4(), { minLength: 5, maxLength: 5 }), (order, ips) => {
        const entries = order.map((id, index) => [id, `${ips[index]}/24`] as const);
        const addresses = { ...Object.fromEntries([...entries].reverse()), "@order": order };
        const body = { interfaces: { "@order": ["c0"], c0: { name: "mgmt", vlantag: null, addresses } } };
        const [only] = nicAnswer.parse({ key: "nic1", body, meta: {} }).body.interfaces;
        assert.deepEqual(
          only?.value.addresses,
          entries.map(([id, value]) => ({ id, value })),
        );
      }),
    );
  });

  it("accepts an ordered map without its order", () => {
    const body = { interfaces: { c0: { addresses: { a1: "10.0.0.1/24" } } } };
    assert.deepEqual(nicAnswer.parse({ body }).body.interfaces, [
      { id: "c0", value: { addresses: [{ id: "a1", value: "10.0.0.1/24" }] } },
    ]);
  });

  it("refuses an ordered map with a missing or invalid entry", () => {
    const interfaces = (addresses: object) => ({ body: { interfaces: { "@order": ["c0"], c0: { addresses } } } });
    assert.equal(nicAnswer.safeParse(interfaces({ "@order": ["a1"] })).success, false);
    assert.equal(nicAnswer.safeParse(interfaces({ "@order": ["a1"], a1: { ip: "10.0.0.1" } })).success, false);
    assert.equal(nicAnswer.safeParse({ body: {} }).success, false);
  });

  it("reads the listen address as reference, as key, as null or not at all", () => {
    const key = "nic1.interfaces.c0.addresses.a1";
    const forms = [{ listen_address: { key, meta: {} } }, { listen_address: key }, { listen_address: null }, {}];
    assert.deepEqual(
      forms.map((form) => clusterInterfaceAnswer.parse({ body: { enabled: true, ...form } }).body.listen_address),
      [key, key, undefined, undefined],
    );
    assert.equal(clusterInterfaceAnswer.safeParse({ body: {} }).success, false);
  });

  it("reads the transaction status in both documented shapes", () => {
    assert.equal(transactionAnswer.parse({ body: { status: "open", commit_message: null }, meta: {} }), "open");
    assert.equal(transactionAnswer.parse({ key: "transaction", transaction: { status: "closed" } }), "closed");
    assert.equal(transactionAnswer.parse({}), "unknown");
  });

  it("reads list items with a body, with a name, or with only key and link", () => {
    const items = [
      { key: "a", body: { name: "one" }, meta: { href: "/x/a" } },
      { key: -100, name: "two", meta: { href: "/x/-100" } },
      { key: "c", meta: { href: "/x/c" } },
      { meta: { href: "/x/d" } },
    ];
    assert.deepEqual(listAnswer.parse({ items, meta: { self: "/x/a" } }), { items, meta: { self: "/x/a" } });
    assert.deepEqual(listAnswer.parse({ meta: {} }).items, []);
    assert.deepEqual(listAnswer.parse({ items: null }).items, []);
  });

  it("reads roles as a list, as null or as absent", () => {
    for (const roles of [[], null, undefined]) {
      assert.deepEqual(nodeAnswer.parse({ body: { address: "10.0.0.1", roles } }).body.roles, []);
      assert.deepEqual(infoAnswer.parse({ body: { firmware_version: "8.0.0", roles } }).body.roles, []);
    }
    assert.equal(infoAnswer.safeParse({ body: { hostname: "sps1" } }).success, false);
  });

  it("reads errors with a type, and an optional message and details", () => {
    assert.equal(errorAnswer.parse({ error: { type: "NotFound" } }).error.type, "NotFound");
    assert.equal(errorAnswer.safeParse({ message: "x" }).success, false);
  });
});
