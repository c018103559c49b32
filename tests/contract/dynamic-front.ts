import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { runtime } from "@pulumi/pulumi";
import { UNKNOWN } from "./appliances";
import { type Front, linkPackage, ROOT, startFront } from "./front";

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
    return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, withoutMark(key, value)]));
  },
};

/** A value without the marks of secrets. @throws AssertionError for a credential that has none */
function withoutMark(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => withoutMark("", inner));
  const isCredential = ["password", "privateKey", "passphrase"].includes(key);
  if (value === null || typeof value !== "object") {
    assert.ok(!isCredential || value === UNKNOWN, `${key} is not marked as a secret`);
    return value;
  }
  if (runtime.isRpcSecret(value)) return runtime.unwrapRpcSecret(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutMark(name, inner)]));
}
