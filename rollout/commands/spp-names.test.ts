import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { sppNameProblems } from "./spp-names";

const NAMES: Record<string, string[]> = {
  "spp.example.com": ["10.0.0.2"],
  "vault.example.com": ["10.0.0.3", "10.0.0.2"],
  "other.example.com": ["10.0.0.9"],
};
const resolve = async (name: string) => NAMES[name] ?? [];

describe("the names of SPPs in a plan", () => {
  it("pass when each is an SPP of its own, or is not known here", async () => {
    const spps = ["spp.example.com", "other.example.com", "10.0.0.7", "unknown-1", "unknown-2"];
    assert.deepEqual(await sppNameProblems(spps, resolve), []);
  });

  it("are refused when two lead to one SPP", async () => {
    assert.deepEqual(await sppNameProblems(["10.0.0.2", "spp.example.com"], resolve), [
      "sites: spp.example.com and 10.0.0.2 are one SPP; set the same spp for all of its sites.",
    ]);
    assert.deepEqual(await sppNameProblems(["spp.example.com", "10.0.0.2", "vault.example.com"], resolve), [
      "sites: 10.0.0.2 and spp.example.com are one SPP; set the same spp for all of its sites.",
      "sites: vault.example.com and spp.example.com are one SPP, both 10.0.0.2; set the same spp for all of its sites.",
    ]);
  });

  it("are resolved as this machine does", async () => {
    assert.deepEqual(await sppNameProblems(["localhost", "127.0.0.1", "::1", "name.invalid"]), [...(await expected())]);
  });
});

/** The address of localhost differs between machines. */
async function expected(): Promise<string[]> {
  const { lookup } = await import("node:dns/promises");
  const own = (await lookup("localhost", { all: true })).map(({ address }) => address);
  return ["127.0.0.1", "::1"]
    .filter((address) => own.includes(address))
    .map((address) => `sites: ${address} and localhost are one SPP; set the same spp for all of its sites.`);
}
