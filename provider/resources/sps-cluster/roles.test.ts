import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { scriptedSps } from "../../../tests/support/scripted-appliance";
import { operationContext } from "../../core/context";
import { SpsClient } from "../../sps/client";
import type { ConnectedNode } from "./nodes";
import { updateEntries } from "./roles";

describe("roles of nodes", () => {
  it("are given to no node that the cluster accepted and does not list", async () => {
    const sps = await scriptedSps({ "/api/cluster/nodes": { items: [] } });
    const client = await SpsClient.open(sps.connection, operationContext());
    const node = { client, ip: "10.0.0.2", nodeId: "two", roles: ["search-local"] } as unknown as ConnectedNode;
    const order = {} as unknown as Parameters<typeof updateEntries>[2];
    try {
      await assert.rejects(updateEntries(node, [node], order), { code: "SG1209" });
      assert.deepEqual(sps.asked, ["GET /api/authentication", "GET /api/cluster/nodes"]);
    } finally {
      await client.close();
      await sps.stop();
    }
  });
});
