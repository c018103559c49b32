import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { z } from "zod";
import type { Transport } from "../https/transport";
import { readAllowedEndpoints } from "./account";
import type { SpsClient } from "./client";
import { readGreeting } from "./greeting";
import { readSystemBackupPolicy } from "./system-backup";

function answering(answer: unknown): SpsClient {
  return { get: async (_path: string, shape: z.ZodType) => shape.parse(answer) } as unknown as SpsClient;
}

function greeted(status: number, text: string): Promise<Awaited<ReturnType<typeof readGreeting>>> {
  return readGreeting({ send: async () => ({ status, text, headers: {} }) } as unknown as Transport);
}

describe("the greeting of an SPS node without a login", () => {
  it("reads the wizard state of a node, in both answer formats", async () => {
    const expected = { isSps: true, setupStatus: "completed" };
    assert.deepEqual(await greeted(200, '{"status":"completed","meta":{"href":"/api/setup"}}'), expected);
    assert.deepEqual(await greeted(200, '{"body":{"status":"completed"},"key":"setup"}'), expected);
  });

  it("identifies an SPS even when it refuses to report its wizard state", async () => {
    const expected = { isSps: true, setupStatus: undefined };
    assert.deepEqual(await greeted(401, '{"error":{"type":"Unauthenticated"}}'), expected);
    assert.deepEqual(
      await greeted(404, '{"error":{"type":"NotFound","message":null,"details":{}},"meta":{}}'),
      expected,
    );
  });

  it("does not identify a web site or another product as SPS", async () => {
    for (const text of ["<html></html>", "", "[]", '{"Message":"no"}', '"completed"']) {
      assert.equal((await greeted(404, text)).isSps, false, text);
    }
  });
});

describe("the rights of an SPS account", () => {
  it("reads the rights of an account as paths and methods, in any spelling", async () => {
    const endpoints = [
      { url: "/api/cluster/", methods: ["get", "Post"] },
      { url: "https://sps1/api/transaction", methods: [] },
    ];
    const expected = [
      { path: "/api/cluster", methods: ["GET", "POST"] },
      { path: "/api/transaction", methods: [] },
    ];
    assert.deepEqual(await readAllowedEndpoints(answering({ user: { name: "x" }, endpoints })), expected);
    assert.deepEqual(await readAllowedEndpoints(answering({ body: { endpoints } })), expected);
  });

  it("treats rights that the node does not report as unknown", async () => {
    assert.equal(await readAllowedEndpoints(answering({ user: { name: "x" } })), undefined);
  });
});

describe("the system backup policy of SPS", () => {
  it("reads the backup policy as a reference, as a bare key, or as undefined", async () => {
    const read = (backup_policy: unknown) => readSystemBackupPolicy(answering({ body: { backup_policy } }));
    assert.equal(await read({ key: "-100", meta: { href: "/x" } }), "-100");
    assert.equal(await read("-100"), "-100");
    for (const none of [null, undefined, "", { key: null }]) assert.equal(await read(none), undefined);
  });
});
