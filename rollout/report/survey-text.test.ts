import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { SurveyedSite } from "../machine/survey";
import { surveyJson, surveyLine, surveyLines } from "./survey-text";

const surveyed = (name: string, more: Partial<SurveyedSite>): SurveyedSite => ({
  site: { name, stack: name, spp: "10.0.0.5", labels: {} },
  outcome: "done",
  isNew: false,
  changes: [],
  messages: [],
  ...more,
});
const SITES = [
  surveyed("oslo", { isNew: true, changes: [{ operation: "create", resource: "SppJoin oslo-join" }] }),
  surveyed("rome", {}),
  surveyed("bonn", { outcome: "unreachable", messages: ["spp 10.0.0.5: connect: no answer [SG1010]"] }),
];

describe("the report of rollout preview and rollout refresh", () => {
  it("has one line for each site as soon as it is read", () => {
    assert.deepEqual(
      SITES.map((one) => surveyLine("preview", one)),
      [
        "oslo: 1 create (new stack)",
        "rome: no changes",
        "bonn: unreachable: spp 10.0.0.5: connect: no answer [SG1010]",
      ],
    );
    assert.equal(surveyLine("refresh", surveyed("new", { outcome: "absent", isNew: true })), "new: not rolled out yet");
    assert.equal(surveyLine("refresh", surveyed("rome", {})), "rome: no drift");
  });

  it("shows failures first, then changes, then the counts", () => {
    assert.deepEqual(surveyLines("preview", "branches", SITES, ["ulm"]), [
      "Failures",
      "  1 site: bonn",
      "    spp 10.0.0.5: connect: no answer [SG1010]",
      "",
      "Changes",
      "  1 site: oslo",
      "    create SppJoin SITE-join",
      "",
      "frozen, never touched: ulm",
      "",
      "preview of branches: 4 sites, 1 to change, 1 unchanged, 1 unreachable, 1 frozen; nothing was changed",
    ]);
  });

  it("counts sites apart that refresh cannot compare, because they are not rolled out yet", () => {
    const sites = [surveyed("rome", {}), surveyed("kyiv", { outcome: "absent", isNew: true })];
    assert.deepEqual(surveyLines("refresh", "branches", sites, []), [
      "not rolled out yet: kyiv",
      "",
      "refresh of branches: 2 sites, 0 drifted, 1 unchanged, 1 not rolled out yet; nothing was changed",
    ]);
  });

  it("has every site and every folded row in its JSON form", () => {
    const report = JSON.parse(JSON.stringify(surveyJson("branches", SITES, ["ulm"])));
    assert.deepEqual(
      report.sites.map(({ site, outcome }: { site: string; outcome: string }) => `${site} ${outcome}`),
      ["oslo done", "rome done", "bonn unreachable"],
    );
    const { sites: _sites, ...folded } = report;
    assert.deepEqual(folded, {
      name: "branches",
      frozen: ["ulm"],
      unchanged: ["rome"],
      absent: [],
      changes: [{ sites: ["oslo"], changes: ["create SppJoin SITE-join"] }],
      causes: [{ sites: ["bonn"], text: "spp 10.0.0.5: connect: no answer [SG1010]" }],
    });
  });
});
