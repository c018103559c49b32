import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { scriptedSps } from "../../tests/support/scripted-appliance";
import { scriptedClients } from "../../tests/support/scripted-clients";
import { findJoinObjects, looksJoined } from "./configuration";

const PLUGINS = "/api/configuration/plugins/aa";

describe("traces of a join to SPP", () => {
  const { sps: open } = scriptedClients();

  async function shows(answers: Record<string, unknown>): Promise<boolean> {
    return looksJoined(await open(await scriptedSps(answers)));
  }

  const answers: [string, Record<string, unknown>, boolean][] = [
    ["nothing is told", {}, false],
    [
      "an item has such a name in its body",
      { [PLUGINS]: { items: [{ body: { name: "Safeguard_Default_AA" } }] } },
      true,
    ],
    ["an item has such a name itself", { [PLUGINS]: { items: [{ name: "safeguard_default" }] } }, true],
    ["all items have other names", { [PLUGINS]: { items: [{ name: "default" }, { body: { name: "x" } }] } }, false],
    [
      "only the object itself has a name, such a one",
      {
        [PLUGINS]: { items: [{ key: "a1", meta: { href: `${PLUGINS}/a1` } }] },
        [`${PLUGINS}/a1`]: { body: { name: "safeguard_default_aa" } },
      },
      true,
    ],
    ["an object cannot be read", { [PLUGINS]: { items: [{ key: "a1" }] } }, false],
  ];
  for (const [what, told, expected] of answers) {
    it(`are ${expected ? "seen" : "not seen"} when ${what}`, async () => {
      assert.equal(await shows(told), expected);
    });
  }

  it("are all that is looked for where there are any, else every object of such a name", async () => {
    const telnet = "/api/configuration/telnet";
    const elsewhere = {
      [telnet]: { items: [{ key: "channel_policies" }] },
      [`${telnet}/channel_policies`]: { items: [{ name: "safeguard_default_telnet" }] },
    };
    const joined = { ...elsewhere, [PLUGINS]: { items: [{ name: "safeguard_default_aa" }] } };
    const names = async (told: Record<string, unknown>) =>
      (await findJoinObjects(await open(await scriptedSps(told)))).objects.map(({ name }) => name);
    assert.deepEqual(await names(joined), ["safeguard_default_aa"]);
    assert.deepEqual(await names(elsewhere), ["safeguard_default_telnet"]);
    assert.deepEqual(await names({}), []);
  });
});
