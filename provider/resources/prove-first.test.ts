import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { failureOf } from "../../tests/support/failure";
import { RecordingLog } from "../../tests/support/recording-log";
import { type OperationContext, operationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import type { PreviewResult } from "./operations";
import { proveRouters } from "./prove-first";

type Asked = Parameters<typeof proveRouters>[1];
const FAULT = "router 10.0.0.1: verify host key: it changed; correct hostKey [SG3002]";

/** Proves routers whose previews have these results, by name. Returns the asked inputs and the warnings. */
async function prove(
  results: Record<string, Partial<PreviewResult>>,
  preview?: "never",
  routerUrns: Record<string, string> = {},
) {
  const log = new RecordingLog();
  const asked: Record<string, unknown>[] = [];
  const routers = Object.fromEntries(Object.keys(results).map((name) => [name, { name, ...(preview && { preview }) }]));
  const operations = {
    check: (inputs: Record<string, unknown>) => ({ inputs, failures: [], notes: [] }),
    async preview(_olds: unknown, news: object, { resource }: OperationContext) {
      const { name } = news as { name: string };
      asked.push({ ...news, ...(resource && { urn: resource.urn }) });
      return { outputs: {}, failures: [], notes: [], ...results[name] };
    },
  };
  const later = { routers, routerUrns } as never as Asked;
  const proof = proveRouters("sps 10.0.0.2", later, operationContext({ log }), operations);
  return { proof, asked, log };
}

describe("proof of the routers of later steps", () => {
  it("fails with the fault of each router that would be refused, by name", async () => {
    const fault = { failures: [{ path: "", reason: FAULT }] };
    const { proof } = await prove({ edge: fault, core: {}, branch: fault });
    const failure = await failureOf(proof, SafeguardError);
    assert.equal(
      failure.message,
      `sps 10.0.0.2: check routers: a later step would fail: edge: ${FAULT}; branch: ${FAULT}; fix the cause, then run pulumi up again; nothing was sent [SG2119]`,
    );
  });

  it("warns about a router that cannot be reached, and goes on", async () => {
    const notes = [
      { severity: "warning" as const, text: "it cannot be reached" },
      { severity: "info" as const, text: "it has no other redirections" },
    ];
    const { proof, log } = await prove({ edge: { notes } });
    await proof;
    assert.deepEqual(log.all, ["edge: it cannot be reached"]);
  });

  it("asks each router once, as for a redirection that may exist already", async () => {
    const { proof, asked } = await prove({ edge: {}, core: {} });
    await proof;
    assert.deepEqual(
      asked.sort((left, right) => String(left.name).localeCompare(String(right.name))),
      ["core", "edge"].map((name) => ({ name, preview: "always", adopt: true })),
    );
  });

  it("asks in the name of the redirection where its URN is known, and adopts nothing", async () => {
    const { proof, asked } = await prove({ edge: {} }, undefined, { edge: "urn:pulumi:dev::net::type::site-edge" });
    await proof;
    assert.deepEqual(asked, [{ name: "edge", preview: "always", urn: "urn:pulumi:dev::net::type::site-edge" }]);
  });

  it("asks no router whose preview is switched off", async () => {
    const { proof, asked } = await prove({ edge: { failures: [{ path: "", reason: FAULT }] } }, "never");
    await proof;
    assert.deepEqual(asked, []);
  });
});
