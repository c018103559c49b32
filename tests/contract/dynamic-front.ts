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

/** The recorded texts: what stands in the states of users, so what has to work with the code of today. */
export const recordedText = (resource: string) =>
  fs.readFileSync(path.join(ROOT, "tests/contract/recorded", `${resource}.stub.txt`), "utf8");

/** Pulumi's own process for dynamic providers, which evaluates the text it is sent. */
export const dynamicFront: Front = {
  name: "dynamic provider",

  start(engineAddress) {
    linkPackage();
    const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    return startFront(script, engineAddress, __dirname);
  },

  type: (resource) => `pulumi-nodejs:dynamic/safeguard:${resource}`,

  dress: (resource, properties) => ({ ...properties, [PROVIDER_TEXT]: recordedText(resource) }),

  undress(resource, properties) {
    const { [PROVIDER_TEXT]: text, ...rest } = properties;
    assert.equal(text, recordedText(resource), "the provider's text must come back with every state");
    return withoutMarks(rest, "", secretPaths(resources[resource].inputs)) as Properties;
  },
};

/** A value without the marks of secrets. @throws AssertionError for a secret that has none */
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
