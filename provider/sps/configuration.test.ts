import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { SpsVariant } from "../../lab/sps/variant";
import { ScriptedAppliance, scriptedSps } from "../../tests/support/scripted-appliance";
import { scriptedClients } from "../../tests/support/scripted-clients";
import { Site } from "../../tests/support/site";
import { SpsClient } from "./client";
import { findDefaultObjects } from "./configuration";

const POLICIES = "/api/configuration/policies";

describe("finding configuration objects by name", () => {
  describe("on a lab appliance", () => {
    let site: Site;
    let client: SpsClient;
    before(async () => {
      site = await Site.start({ spsCount: 1 });
      client = await SpsClient.open(site.sps(0), site.context());
    });
    after(async () => {
      await client.close();
      await site.stop();
    });

    it("finds no safeguard_default object on a fresh appliance", async () => {
      assert.deepEqual(await findDefaultObjects(client), { objects: [], forbidden: [] });
    });

    it("finds policies, plugins and protocol settings in any case and list format", async () => {
      const node = site.lab.sps[0];
      node.addObject(`${POLICIES}/credentialstores`, { name: "safeguard_default_store" });
      node.addObject(`${POLICIES}/aa_plugin_instances`, { name: "My_Safeguard_Default" });
      node.addObject(`${POLICIES}/credentialstores`, { name: "safeguard_de" });
      node.addObject("/api/configuration/plugins/aa", { name: "safeguard_default_aa" });
      node.addObject("/api/configuration/ssh/connections", { name: "SAFEGUARD_DEFAULT" });
      const variants: Partial<SpsVariant>[] = [
        { listItems: "with-body", pluginInstanceItems: "as-list" },
        { listItems: "key-only", pluginInstanceItems: "as-list" },
        { listItems: "with-body", pluginInstanceItems: "with-name" },
      ];
      for (const variant of variants) {
        Object.assign(node.variant, variant);
        assert.deepEqual(await findDefaultObjects(client), {
          objects: [
            { list: "/api/configuration/plugins/aa", name: "safeguard_default_aa" },
            { list: `${POLICIES}/aa_plugin_instances`, name: "My_Safeguard_Default" },
            { list: `${POLICIES}/credentialstores`, name: "safeguard_default_store" },
            { list: "/api/configuration/ssh/connections", name: "SAFEGUARD_DEFAULT" },
          ],
          forbidden: [],
        });
      }
      assert.ok(node.traffic.requests.every(({ method }) => method === "GET"));
    });
  });

  describe("with scripted answers", () => {
    const { sps: open } = scriptedClients();

    it("skips protocols that the version lacks, and follows links to any list", async () => {
      const client = await open(
        await scriptedSps({
          [POLICIES]: { items: [{ key: "new_kind", meta: { href: "/api/elsewhere" } }] },
          "/api/elsewhere": { items: [{ key: "a", body: { name: "x safeguard_default x" } }] },
        }),
      );
      assert.deepEqual(await findDefaultObjects(client), {
        objects: [{ list: "/api/elsewhere", name: "x safeguard_default x" }],
        forbidden: [],
      });
    });

    it("reports unreadable lists, so that they do not count as empty", async () => {
      const login = { status: 200, headers: { "set-cookie": "session_id=abc" } };
      const client = await open(
        await ScriptedAppliance.start(({ path }) => {
          if (path === "/api/authentication") return login;
          return { status: path === POLICIES ? 403 : 404, body: '{"error":{"type":"Unauthorized"}}' };
        }),
      );
      assert.deepEqual(await findDefaultObjects(client), { objects: [], forbidden: [POLICIES] });
    });

    it("fails when a list of policies cannot be read for another reason", async () => {
      const login = { status: 200, headers: { "set-cookie": "session_id=abc" } };
      const client = await open(
        await ScriptedAppliance.start(({ path }) => (path === "/api/authentication" ? login : { status: 500 })),
      );
      await assert.rejects(findDefaultObjects(client), { code: "SG1015", status: 500 });
    });
  });
});
