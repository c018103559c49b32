import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { ScriptedAppliance } from "../../tests/support/scripted-appliance";
import { operationContext } from "../core/context";
import { SppClient } from "./client";
import { findSessionModule, linkState, listSessionModules } from "./session-modules";

describe("how SPP stands with an SPS node", () => {
  const row = { Id: 3, NodeId: "ABC", Trusted: false, CertificateUserThumbprint: null as string | null };

  it("follows from its entry: none, disconnected, not trusted yet, trusted", () => {
    assert.equal(linkState(undefined), "none");
    assert.equal(linkState({ isConnected: false, isTrusted: false }), "disconnected");
    assert.equal(linkState({ isConnected: false, isTrusted: true }), "disconnected");
    assert.equal(linkState({ isConnected: true, isTrusted: false }), "untrusted");
    assert.equal(linkState({ isConnected: true, isTrusted: true }), "trusted");
  });

  describe("as SPP tells it", () => {
    const endings: (() => unknown)[] = [];
    afterEach(async () => {
      for (const end of endings.splice(0).reverse()) await end();
    });

    async function spp(answers: Record<string, unknown>): Promise<{ client: SppClient; asked: string[] }> {
      const server = await ScriptedAppliance.start(({ path }) => {
        const body = answers[path.split("?")[0]?.replace("/service/core/v4/", "") ?? ""];
        return body === undefined ? { status: 404 } : { status: 200, body: JSON.stringify(body) };
      });
      endings.push(() => server.stop());
      const client = SppClient.anonymous(server.connection, operationContext());
      endings.push(() => client.close());
      return {
        client,
        get asked() {
          return server.asked.map((request) => decodeURIComponent(request));
        },
      };
    }

    it("finds the entry by node id, whatever the case, disconnected ones too, asking for every field it needs", async () => {
      const rows = [
        { ...row, Id: 1, NodeId: "abcd" },
        { ...row, Id: 2 },
        { ...row, Id: 3, NodeId: "xyz" },
      ];
      const { client } = await spp({ "Cluster/SessionModules": rows });
      assert.equal((await findSessionModule(client, "abc"))?.id, 2);
      assert.equal(await findSessionModule(client, "ab"), undefined);
    });

    it("names the thumbprint among the fields, because its absence would look like a disconnected entry", async () => {
      const found = await spp({ "Cluster/SessionModules": [] });
      await findSessionModule(found.client, "abc");
      assert.deepEqual(found.asked, [
        "GET /service/core/v4/Cluster/SessionModules?includeDisconnected=true&fields=Id,NodeId,SpsNetworkAddress,SpsHostName,Trusted,CertificateUserThumbprint,FirmwareVersion,CreatedDate",
      ]);
    });

    it("keeps nothing of the handshake, and takes a missing thumbprint for a disconnected entry", async () => {
      const full = { ...row, Trusted: true, CertificateUserThumbprint: "AB", OneTimeToken: "secret" };
      const dated = { ...full, SpsNetworkAddress: "10.0.0.1", CreatedDate: "2026-05-20T08:00:00Z" };
      const { client } = await spp({ "Cluster/SessionModules": [dated, { ...full, CertificateUserThumbprint: null }] });
      const common = { id: 3, nodeId: "ABC", isTrusted: true };
      assert.deepEqual(await listSessionModules(client), [
        {
          ...{ ...common, addresses: ["10.0.0.1"], isConnected: true, certificateUserThumbprint: "AB" },
          createdDate: "2026-05-20T08:00:00Z",
        },
        { ...common, addresses: [], isConnected: false, certificateUserThumbprint: "", createdDate: "" },
      ]);
    });

    it("refuses an answer that leaves the thumbprint out", async () => {
      const { client } = await spp({ "Cluster/SessionModules": [{ Id: 1, NodeId: "abc", Trusted: true }] });
      await assert.rejects(findSessionModule(client, "abc"), { code: "SG1012" });
    });
  });
});
