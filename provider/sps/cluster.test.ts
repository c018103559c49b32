import assert from "node:assert/strict";
import fc from "fast-check";
import { afterEach, describe, it } from "mocha";
import type { SpsVariant } from "../../lab/sps/variant";
import { formatSyncStatus } from "../../lab/sps/web/cluster-status";
import { ScriptedAppliance, scriptedSps } from "../../tests/support/scripted-appliance";
import { operationContext } from "../core/context";
import { SpsClient } from "./client";
import { isInSync, listNodes, readInfo, readSyncStates, sameRoles } from "./cluster";

describe("the spelling of synchronization states", () => {
  it("does not matter: words, separators and case", () => {
    const separator = fc.constantFrom("-", "_", " ", "  ", "_ ");
    const letters = fc.constantFrom(
      (text: string) => text,
      (text: string) => text.toUpperCase(),
      (text: string) => text.replace(/\b./g, (letter) => letter.toUpperCase()),
    );
    fc.assert(
      fc.property(separator, separator, letters, (first, second, spell) => {
        assert.equal(isInSync(spell(`up${first}to${second}date`)), true);
        assert.equal(isInSync(spell(`not${first}fetched`)), false);
      }),
    );
    assert.equal(isInSync("UpToDate"), true);
  });

  it("of everything else is not in sync", () => {
    for (const status of [
      "n/a",
      "pending",
      "outdated",
      "not-fetched",
      "unknown",
      "",
      "not-up-to-date",
      "up-to-date?",
    ]) {
      assert.equal(isInSync(status), false, status);
    }
    const text = fc.string().filter((status) => !/^up[\s_-]*to[\s_-]*date$/i.test(status));
    fc.assert(fc.property(text, (status) => assert.equal(isInSync(status), false)));
  });

  it("is read as every version of the appliance writes it", () => {
    const spellings: SpsVariant["syncStatusSpelling"][] = ["kebab", "spaces", "upper-snake", "upper-kebab"];
    for (const spelling of spellings) {
      assert.equal(isInSync(formatSyncStatus(spelling, "up-to-date")), true, spelling);
      for (const status of ["n/a", "not-fetched", "pending", "outdated"] as const) {
        assert.equal(isInSync(formatSyncStatus(spelling, status)), false, `${spelling} ${status}`);
      }
    }
  });
});

describe("roles", () => {
  const roles = fc.uniqueArray(fc.constantFrom("central-management", "managed-host", "search-local", "search-minion"));

  it("are the same in any order", () => {
    fc.assert(
      fc.property(roles, fc.func(fc.integer()), (given, rank) => {
        const shuffled = [...given].sort((a, b) => Number(rank(a)) - Number(rank(b)));
        assert.equal(sameRoles(given, shuffled), true);
      }),
    );
  });

  it("differ when one is more, less or another", () => {
    fc.assert(
      fc.property(roles, (given) => {
        assert.equal(sameRoles(given, [...given, "search-master"]), false);
        if (given.length > 0) assert.equal(sameRoles(given.slice(1), given), false);
      }),
    );
  });
});

describe("what a node says of its cluster", () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  async function open(sps: ScriptedAppliance): Promise<SpsClient> {
    endings.push(() => sps.stop());
    const client = await SpsClient.open(sps.connection, operationContext());
    endings.push(() => client.close());
    return client;
  }

  it("are the nodes with their addresses and roles, and which of them it is", async () => {
    const client = await open(
      await scriptedSps({
        "/api/cluster/nodes": {
          items: [
            { key: "one", meta: { href: "/api/cluster/nodes/one" } },
            { meta: { href: "/api/cluster/nodes/two" } },
          ],
          meta: { self: "/api/cluster/nodes/two" },
        },
        "/api/cluster/nodes/one": { key: "one", body: { address: "10.0.0.1", roles: ["central-management"] } },
        "/api/cluster/nodes/two": { key: "two", body: { address: "10.0.0.2" } },
      }),
    );
    assert.deepEqual(await listNodes(client), {
      nodes: [
        { nodeId: "one", address: "10.0.0.1", roles: ["central-management"] },
        { nodeId: "two", address: "10.0.0.2", roles: [] },
      ],
      selfId: "two",
    });
  });

  it("outside any cluster are none, whether it answers with an empty list or a refusal", async () => {
    const none = { nodes: [], selfId: undefined };
    assert.deepEqual(await listNodes(await open(await scriptedSps({ "/api/cluster/nodes": { items: [] } }))), none);
    assert.deepEqual(await listNodes(await open(await scriptedSps({}))), none);
  });

  for (const status of [401, 403, 500]) {
    it(`are not known where it answers ${status}`, async () => {
      const login = { status: 200, headers: { "set-cookie": "session_id=abc" } };
      const sps = await ScriptedAppliance.start(({ path }) => (path === "/api/authentication" ? login : { status }));
      await assert.rejects(listNodes(await open(sps)), { status });
    });
  }

  it("is who it is, with a name put together", async () => {
    const body = { hostname: "sps1", domainname: "lab.example", firmware_version: "8.0.0", roles: ["search-local"] };
    const client = await open(await scriptedSps({ "/api/info": { key: "about_info", body } }));
    assert.deepEqual(await readInfo(client), {
      hostName: "sps1.lab.example",
      firmwareVersion: "8.0.0",
      roles: ["search-local"],
    });
  });

  it("is asked again after a login when it answers as to anybody", async () => {
    let logins = 0;
    const anybody = { hostname: "sps1", domainname: "lab.example" };
    const sps = await ScriptedAppliance.start(({ path }) => {
      if (path === "/api/authentication") logins += 1;
      const body = logins < 2 ? anybody : { ...anybody, firmware_version: "8.0.0", roles: [] };
      return { status: 200, headers: { "set-cookie": "session_id=abc" }, body: JSON.stringify({ body }) };
    });
    assert.equal((await readInfo(await open(sps))).firmwareVersion, "8.0.0");
    assert.deepEqual(sps.asked, [
      "GET /api/authentication",
      "GET /api/info",
      "GET /api/authentication",
      "GET /api/info",
    ]);
  });

  it("of synchronization is in sync only without errors", async () => {
    const issues = (errors: unknown[]) => ({ configuration_sync: { issues: { errors } } });
    const client = await open(
      await scriptedSps({
        "/api/cluster/status": {
          items: [
            { key: "one", fqdn: "sps1.lab", sync_status: "n/a" },
            {
              key: "two",
              fqdn: "sps2.lab",
              last_seen: "2026-01-20T09:00:30Z",
              sync_status: "UP_TO_DATE",
              ...issues([]),
            },
            { key: "three", last_seen: "2026-01-20T09:00:30Z", sync_status: "up-to-date", ...issues([{}, {}]) },
            { key: "four", sync_status: null },
          ],
        },
      }),
    );
    assert.deepEqual(
      (await readSyncStates(client)).map(({ silentSeconds: _age, ...state }) => state),
      [
        { nodeId: "one", hostName: "sps1.lab", synchronized: false, lastSeen: undefined, status: "n/a" },
        {
          nodeId: "two",
          hostName: "sps2.lab",
          synchronized: true,
          lastSeen: "2026-01-20T09:00:30Z",
          status: "UP_TO_DATE",
        },
        {
          nodeId: "three",
          hostName: "",
          synchronized: false,
          lastSeen: "2026-01-20T09:00:30Z",
          status: "up-to-date, 2 errors",
        },
        { nodeId: "four", hostName: "", synchronized: false, lastSeen: undefined, status: "unknown" },
      ],
    );
  });
});
