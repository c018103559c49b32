import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import { describe, it } from "mocha";
import { checkDefinition, checkSite, definitionSchema } from "./validate";

const valid = { name: "branches", program: "./site", sites: [{ name: "berlin", spp: "10.0.0.2" }] };

function problemsOf(content: unknown): readonly string[] {
  const checked = checkDefinition(content);
  return checked.ok ? [] : checked.problems;
}

describe("rollout.yaml", () => {
  it("needs a name, a program and sites only", () => {
    const checked = checkDefinition(valid);
    assert.ok(checked.ok);
    assert.equal(checked.value.parallelism, 5);
    assert.equal(checked.value.onFailure, "hold");
  });

  it("names the path, the value and what is allowed", () => {
    const sites = [{ name: "berlin", spp: "" }];
    assert.deepEqual(problemsOf({ ...valid, sites, parallelism: 0, waves: [{ percent: 120 }], onFailure: "panic" }), [
      "Invalid value for sites[0].spp: empty text. Allowed values are: text that is not empty.",
      "Invalid value for waves[0].percent: 120. Allowed values are: 1 to 100.",
      "Invalid value for parallelism: 0. Allowed values are: 1 to 500.",
      "Invalid value for onFailure: panic. Allowed values are: stop, hold, continue.",
    ]);
  });

  it("names missing and unknown properties", () => {
    const { name: _none, ...rest } = valid;
    assert.deepEqual(problemsOf({ ...rest, wave: [], sites: [{ name: "a", spp: "b", colour: "red" }] }), [
      "Invalid value for name: it is missing. Allowed values are: 1 to 64 letters, digits, dots, hyphens and underscores.",
      "Unknown property sites[0].colour. Remove it or correct its name.",
      "Unknown property wave. Remove it or correct its name.",
    ]);
  });

  it("names the properties of a group of sites", () => {
    assert.deepEqual(problemsOf({ ...valid, sites: { csv: "sites.csv", colour: "red" } }), [
      "Unknown property sites.colour. Remove it or correct its name.",
    ]);
    assert.deepEqual(problemsOf({ ...valid, sites: "berlin" }), [
      "Invalid value for sites: berlin. Allowed values are: a list of sites, or a group with csv or stacks.",
    ]);
  });

  it("refuses an empty file and a file of another kind", () => {
    assert.deepEqual(problemsOf(null), [
      "Invalid value for the file: it is empty. Allowed values are: a group of properties.",
    ]);
    assert.deepEqual(problemsOf([1]), [
      "Invalid value for the file: it is a list. Allowed values are: a group of properties.",
    ]);
  });

  it("names the place of a site from another file", () => {
    assert.deepEqual(checkSite({ name: "a b", spp: "x" }, "sites.csv line 3"), {
      ok: false,
      problems: [
        "sites.csv line 3: Invalid value for name: a b. Allowed values are: 1 to 64 letters, digits, dots, hyphens and underscores.",
      ],
    });
  });

  it("has a published schema that accepts and refuses the same", () => {
    const published = JSON.parse(readFileSync(join(__dirname, "../schema/rollout.schema.json"), "utf8"));
    assert.deepEqual(published, JSON.parse(JSON.stringify(definitionSchema())), "run npm run docs");
    const accepts = new Ajv({ strict: false }).compile(published);
    assert.equal(accepts(valid), true);
    assert.equal(accepts({ ...valid, waves: [{ percent: 120 }] }), false);
    assert.equal(accepts({ ...valid, colour: "red" }), false);
  });
});
