import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { z } from "zod";
import {
  countOpenRequests,
  missingRoles,
  readAdminRoles,
  readClusterOperation,
  readSppMembers,
  seesAllRequests,
} from "./appliance-reads";
import { listBackups, newestComplete } from "./backups";
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

describe("reading SPP's backups", () => {
  it("finds the newest complete backup", async () => {
    const { client, asked } = answering([
      { Id: "a", Status: "Complete", CreatedOn: "2026-05-18T02:00:00Z", Password: "secret" },
      { Id: "b", Status: "Archiving", CreatedOn: "2026-05-19T02:00:00Z" },
      { Id: "c", Status: "InProcess", CreatedOn: "2026-05-20T02:00:00Z" },
    ]);
    const backups = await listBackups(client);
    assert.equal(newestComplete(backups)?.createdAt, Date.parse("2026-05-19T02:00:00Z"));
    assert.deepEqual(asked, ["appliance Backups?fields=Id,Status,CreatedOn"]);
    assert.doesNotMatch(JSON.stringify(backups), /secret/);
  });

  it("finds no backup when none exists", async () => {
    assert.equal(newestComplete([]), undefined);
    const { client } = answering([{ Id: "a", Status: "InProcess", CreatedOn: "2026-05-20T02:00:00Z" }]);
    assert.equal(newestComplete(await listBackups(client)), undefined);
  });
});

describe("reading SPP's access requests, roles and members", () => {
  it("counts every access request that is still open", async () => {
    const states = ["New", "SessionInitialized", "Expired", "Terminated", "Closed", "Complete", "Reclaimed"];
    assert.equal(await countOpenRequests(answering(states.map((State) => ({ State }))).client), 4);
  });

  it("treats missing roles as an empty list", async () => {
    assert.deepEqual(await readAdminRoles(answering({ AdminRoles: null }).client), []);
    assert.deepEqual(await readAdminRoles(answering({ AdminRoles: ["Auditor"] }).client), ["Auditor"]);
  });

  it("compares roles ignoring case, and rejects similar names", () => {
    assert.deepEqual(missingRoles(["operationsadmin", "APPLIANCEADMIN"]), []);
    assert.deepEqual(missingRoles(["OperationsAdmin", "ApplicationAuditor"]), ["ApplianceAdmin"]);
    assert.deepEqual([["policyadmin"], ["AUDITOR"], ["SystemAuditor"]].map(seesAllRequests), [true, true, false]);
  });

  it("treats the operation None as no operation", async () => {
    assert.equal(await readClusterOperation(answering({ Operation: "None", Started: null }).client), undefined);
    const patch = { name: "Patch", startedAt: "2026-05-20T08:00:00Z" };
    const { client } = answering({ Operation: patch.name, Started: patch.startedAt });
    assert.deepEqual(await readClusterOperation(client), patch);
  });

  it("treats missing fields of a member as unknown", async () => {
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
