import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PlannedChange } from "./changes";
import { foldSurvey, type SurveyedSite } from "./survey";

const site = (name: string, stack = name) => ({ name, stack, spp: "10.0.0.5", labels: {} });
const good = (name: string, ...changes: PlannedChange[]): SurveyedSite => ({
  site: site(name),
  outcome: "done",
  isNew: false,
  changes,
  messages: [],
});
const bad = (name: string, ...messages: string[]): SurveyedSite => ({ ...good(name), outcome: "failed", messages });
const join = (name: string): PlannedChange => ({ operation: "create", resource: `SppJoin ${name}-join` });

describe("a report about many sites", () => {
  it("folds identical changes into one row with its sites, and leaves out sites without changes", () => {
    const update = { operation: "update", resource: "RouterRedirection edge", properties: ["probe"] };
    const surveyed = [good("bonn", update), good("oslo", join("oslo")), good("rome"), good("paris", join("paris"))];
    const { changes, unchanged } = foldSurvey(surveyed);
    assert.deepEqual(changes, [
      { sites: ["oslo", "paris"], value: ["create SppJoin SITE-join"] },
      { sites: ["bonn"], value: ["update RouterRedirection edge (probe)"] },
    ]);
    assert.deepEqual(unchanged, ["rome"]);
  });

  it("shows each cause once with its sites, also when one site has several", () => {
    const shared = "spp 10.0.0.5: log in: refused [SG2001]";
    const { causes } = foldSurvey([bad("oslo", "oslo-join: no cluster"), bad("a", shared, "a-join: no cluster")]);
    assert.deepEqual(causes, [
      { sites: ["oslo", "a"], value: "SITE-join: no cluster" },
      { sites: ["a"], value: shared },
    ]);
  });

  it("replaces whole names only", () => {
    const surveyed = [good("a", { operation: "create", resource: "Gate a-gate of area a.b" })];
    assert.deepEqual(foldSurvey(surveyed).changes[0]?.value, ["create Gate SITE-gate of area SITE.b"]);
  });

  it("replaces the name of a stack that holds that of its site", () => {
    const named = { ...good("oslo", { operation: "create", resource: "T acme/net/oslo" }) };
    const surveyed = [{ ...named, site: site("oslo", "acme/net/oslo") }];
    assert.deepEqual(foldSurvey(surveyed).changes[0]?.value, ["create T SITE"]);
  });
});
