import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ipv4Addresses, ownAddress } from "./address";

describe("address of the cluster interface", () => {
  it("uses an IPv4 address unchanged without a name lookup", async () => {
    const resolve = () => assert.fail("it was resolved");
    assert.deepEqual(await ipv4Addresses("sps x", "10.0.0.1", resolve), ["10.0.0.1"]);
  });

  it("resolves a host name to all its A records", async () => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return ["10.0.0.1", "10.0.1.1"];
    };
    assert.deepEqual(await ipv4Addresses("sps x", "sps1.lab.example", resolve), ["10.0.0.1", "10.0.1.1"]);
    assert.deepEqual(asked, ["sps1.lab.example"]);
    assert.deepEqual(await ipv4Addresses("sps x", "localhost"), ["127.0.0.1"]);
  });

  for (const [what, resolve] of [
    ["has no A record", async () => []],
    ["is not known", () => Promise.reject(new Error("ENOTFOUND"))],
  ] as const) {
    it(`fails when the host name ${what}`, async () => {
      await assert.rejects(ipv4Addresses("sps ipv6.lab.example", "ipv6.lab.example", resolve), {
        message:
          "sps ipv6.lab.example: resolve the address of the cluster interface: ipv6.lab.example has no IPv4 address; set listenAddress to the IPv4 address of the node [SG1010]",
      });
    });
  }

  it("picks the address that the node has when a name has several", async () => {
    const own = async () => ["10.0.0.10", "10.0.1.1"];
    assert.equal(await ownAddress(["10.0.0.1", "10.0.1.1"], own), "10.0.1.1");
    assert.equal(await ownAddress(["10.0.0.1", "10.0.0.2"], own), "10.0.0.1");
    assert.equal(await ownAddress(["10.0.0.1"], () => assert.fail("it was asked")), "10.0.0.1");
  });
});
