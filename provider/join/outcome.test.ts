import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { type ScriptedAppliance, scriptedSps } from "../../tests/support/scripted-appliance";
import { operationContext } from "../core/context";
import { SpsClient } from "../sps/client";
import { awaitPolicies } from "./outcome";

const CONNECTIONS = "/api/configuration/ssh/connections";
const PLUGINS = "/api/configuration/plugins/aa";
const POLICIES = "/api/configuration/policies/ticketing";

describe("the wait for the objects that SPS creates at a join", () => {
  let sps: ScriptedAppliance | undefined;
  let client: SpsClient | undefined;
  afterEach(async () => {
    await client?.close();
    await sps?.stop();
  });

  /** What SPS shows of a list, at each walk one element on; the last one stays. */
  async function showing(lists: Record<string, string[][]>): Promise<SpsClient> {
    const answers: Record<string, unknown> = {};
    for (const [path, steps] of Object.entries(lists)) {
      const parent = path.slice(0, path.lastIndexOf("/"));
      answers[parent] = { items: [{ key: path.slice(parent.length + 1), meta: { href: path } }] };
      let walk = 0;
      Object.defineProperty(answers, path, {
        get() {
          const names = steps[Math.min(walk++, steps.length - 1)];
          return {
            items: (names ?? []).map((name) => ({ key: name, meta: { href: `${path}/${name}` }, body: { name } })),
          };
        },
      });
    }
    sps = await scriptedSps(answers);
    client = await SpsClient.open(sps.connection, operationContext());
    return client;
  }

  const walks = () => sps?.asked.filter((request) => request === `GET ${PLUGINS}`).length;

  it("waits for the objects of a join while no connection exists and more may be added", async () => {
    const [one, two, end] = [["safeguard_default_aa_plugin"], ["safeguard_default_aa"], ["safeguard_default_ssh"]];
    const lists = {
      [PLUGINS]: [[], one],
      [POLICIES]: [[], [], [], [], two],
      [CONNECTIONS]: [[], [], [], [], [], [], [], end],
    };
    const pace = { walkEvery: -1, settled: Number.POSITIVE_INFINITY };
    assert.equal(await awaitPolicies({ sps: await showing(lists) }, 30, operationContext(), pace), 3);
    assert.equal(walks(), 9);
  });

  it("ends the wait after a long quiet time when the account may not read connections", async () => {
    const lists = { [PLUGINS]: [[], ["safeguard_default_aa_plugin"]], [POLICIES]: [[], [], ["safeguard_default_aa"]] };
    const pace = { walkEvery: -1, settled: 0 };
    assert.equal(await awaitPolicies({ sps: await showing(lists) }, 30, operationContext(), pace), 2);
    assert.equal(walks(), 4);
  });

  it("ends the wait at the second read when all objects of the join exist", async () => {
    const lists = { [PLUGINS]: [["safeguard_default_aa_plugin"]], [CONNECTIONS]: [["safeguard_default_ssh"]] };
    assert.equal(await awaitPolicies({ sps: await showing(lists) }, 30, operationContext()), 2);
    assert.deepEqual([walks(), sps?.asked.filter((request) => request === `GET ${CONNECTIONS}`).length], [2, 2]);
  });
});
