import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { runtime } from "@pulumi/pulumi";
import { secretPaths } from "../../provider/core/json-schema";
import { resources } from "../../provider/resources";
import { UNKNOWN } from "./appliances";
import { type Front, linkPackage, ROOT, startFront } from "./front";
import type { Properties } from "./provider";

const PROVIDER_TEXT = "__provider";

/** The recorded text of a stub. Users' states store it, so it must work with the current code. */
export const recordedText = (resource: string) =>
  fs.readFileSync(path.join(ROOT, "tests/contract/recorded", `${resource}.stub.txt`), "utf8");

/** Pulumi's process for dynamic providers, which evaluates the stubs' text. */
export const dynamicFront: Front = {
  name: "dynamic provider",

  start(engineAddress) {
    linkPackage();
    const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    return startFront(script, engineAddress, __dirname);
  },

  type: (resource) => `pulumi-nodejs:dynamic/safeguard:${resource}`,

  encode: (resource, properties) => ({ ...properties, [PROVIDER_TEXT]: recordedText(resource) }),

  decode(resource, properties) {
    const { [PROVIDER_TEXT]: text, ...rest } = properties;
    assert.equal(text, recordedText(resource), "every state must contain the text of the stub");
    return withoutMarks(rest, "", secretPaths(resources[resource].inputs)) as Properties;
  },
};

/** Removes the marks of secrets. @throws AssertionError for a secret without a mark */
function withoutMarks(value: unknown, at: string, secrets: ReadonlySet<string>): unknown {
  if (runtime.isRpcSecret(value)) return runtime.unwrapRpcSecret(value);
  assert.ok(!secrets.has(at) || value === UNKNOWN, `${at} is not marked as a secret`);
  if (Array.isArray(value)) return value.map((inner) => withoutMarks(inner, `${at}[]`, secrets));
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([key, inner]) => [key, withoutMarks(inner, at === "" ? key : `${at}.${key}`, secrets)]),
  );
}
