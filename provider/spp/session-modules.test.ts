import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { scriptedClients } from "../../tests/support/scripted-clients";
import { findSessionModule, linkState, listSessionModules } from "./session-modules";

describe("the link state of an SPS node on SPP", () => {
  const row = { Id: 3, NodeId: "ABC", Trusted: false, CertificateUserThumbprint: null as string | null };

  it("derives the link state from the entry: none, disconnected, untrusted or trusted", () => {
    assert.equal(linkState(undefined), "none");
    assert.equal(linkState({ isConnected: false, isTrusted: false }), "disconnected");
    assert.equal(linkState({ isConnected: false, isTrusted: true }), "disconnected");
    assert.equal(linkState({ isConnected: true, isTrusted: false }), "untrusted");
    assert.equal(linkState({ isConnected: true, isTrusted: true }), "trusted");
  });

  describe("read from SPP", () => {
    const { spp } = scriptedClients();

    it("finds the entry by node id in any case, even a disconnected one, with all fields", async () => {
      const rows = [
        { ...row, Id: 1, NodeId: "abcd" },
        { ...row, Id: 2 },
        { ...row, Id: 3, NodeId: "xyz" },
      ];
      const { client } = await spp({ "Cluster/SessionModules": rows });
      assert.equal((await findSessionModule(client, "abc"))?.id, 2);
      assert.equal(await findSessionModule(client, "ab"), undefined);
    });

    it("requests the thumbprint, because without it an entry would look disconnected", async () => {
      const found = await spp({ "Cluster/SessionModules": [] });
      await findSessionModule(found.client, "abc");
      assert.deepEqual(found.asked, [
        "GET /service/core/v4/Cluster/SessionModules?includeDisconnected=true&fields=Id,NodeId,SpsNetworkAddress,SpsHostName,Trusted,CertificateUserThumbprint,FirmwareVersion,CreatedDate",
      ]);
    });

    it("drops the handshake secrets, and treats a null thumbprint as disconnected", async () => {
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

    it("refuses an answer without the thumbprint", async () => {
      const { client } = await spp({ "Cluster/SessionModules": [{ Id: 1, NodeId: "abc", Trusted: true }] });
      await assert.rejects(findSessionModule(client, "abc"), { code: "SG1012" });
    });
  });
});
