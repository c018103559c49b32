import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { z } from "zod";
import {
  countOpenRequests,
  readAdminRoles,
  readNewestBackup,
  readSessionModuleRows,
  readSppMembers,
} from "./appliance-reads";
import type { SppClient } from "./client";

/** A client that answers everything with this, and tells what it was asked. */
function answering(answer: unknown): { client: SppClient; asked: string[] } {
  const asked: string[] = [];
  const get = async (service: string, path: string, shape: z.ZodType) => {
    asked.push(`${service} ${path}`);
    return shape.parse(answer);
  };
  return { client: { get } as unknown as SppClient, asked };
}

describe("reading of SPP's session modules", () => {
  const row = { Id: 3, NodeId: "n1", Trusted: true, CertificateUserThumbprint: "AB", OneTimeToken: "secret" };

  it("asks for split rows, too, and keeps nothing of the handshake", async () => {
    const { client, asked } = answering([
      { ...row, SpsNetworkAddress: "10.0.0.1", CreatedDate: "2026-05-20T08:00:00Z" },
    ]);
    assert.deepEqual(await readSessionModuleRows(client), [
      {
        ...{ id: 3, nodeId: "n1", addresses: ["10.0.0.1"], isTrusted: true, isConnected: true },
        createdAt: Date.parse("2026-05-20T08:00:00Z"),
      },
    ]);
    assert.deepEqual(asked, ["core Cluster/SessionModules?includeDisconnected=true"]);
  });

  it("tells a split row by its missing thumbprint, and refuses one that does not say", async () => {
    const split = await readSessionModuleRows(answering([{ ...row, CertificateUserThumbprint: null }]).client);
    assert.deepEqual([split[0]?.isConnected, split[0]?.createdAt, split[0]?.addresses], [false, undefined, []]);
    await assert.rejects(readSessionModuleRows(answering([{ Id: 3, NodeId: "n1", Trusted: true }]).client));
  });
});

describe("reading of SPP's backups", () => {
  it("finds the newest that is not still being made", async () => {
    const { client, asked } = answering([
      { Status: "Complete", CreatedOn: "2026-05-18T02:00:00Z", Password: "secret" },
      { Status: "Archiving", CreatedOn: "2026-05-19T02:00:00Z" },
      { Status: "InProcess", CreatedOn: "2026-05-20T02:00:00Z" },
    ]);
    assert.equal(await readNewestBackup(client), Date.parse("2026-05-19T02:00:00Z"));
    assert.deepEqual(asked, ["appliance Backups?fields=Status,CreatedOn"]);
  });

  it("finds none where there is none", async () => {
    assert.equal(await readNewestBackup(answering([]).client), undefined);
    assert.equal(
      await readNewestBackup(answering([{ Status: "InProcess", CreatedOn: "2026-05-20T02:00:00Z" }]).client),
      undefined,
    );
  });
});

describe("reading of SPP's access requests, roles and members", () => {
  it("counts every request that is not at its end", async () => {
    const states = ["New", "SessionInitialized", "Expired", "Terminated", "Closed", "Complete", "Reclaimed"];
    assert.equal(await countOpenRequests(answering(states.map((State) => ({ State }))).client), 4);
  });

  it("takes no roles for an empty list", async () => {
    assert.deepEqual(await readAdminRoles(answering({ AdminRoles: null }).client), []);
    assert.deepEqual(await readAdminRoles(answering({ AdminRoles: ["Auditor"] }).client), ["Auditor"]);
  });

  it("takes absent members of a member for unknown", async () => {
    const { client } = answering([
      { Id: "1", IsLeader: true, Ipv4Address: "10.0.0.5", Ipv6Address: null },
      { Id: "2" },
    ]);
    assert.deepEqual(await readSppMembers(client), [
      { applianceId: "1", isLeader: true, ipv4Address: "10.0.0.5", ipv6Address: undefined },
      { applianceId: "2", isLeader: false, ipv4Address: undefined, ipv6Address: undefined },
    ]);
  });
});
