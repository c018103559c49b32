import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import type { Browser } from "playwright-core";
import { examine } from "../../benchmarks/doctor/examine";
import { LabSite } from "../../benchmarks/doctor/lab-site";
import { diagnosisPage } from "../../provider/diagnosis/html/page";
import { topologySvg } from "../../provider/diagnosis/picture/svg";
import { diagnosisOf } from "../../provider/diagnosis/report";
import { rolloutPage } from "../../rollout/report/page";
import { planFor, Simulation } from "../../rollout/testing/simulation";
import type { SiteReport } from "../../sdk/nodejs/diagnose";
import { skipTests } from "../contract/skip";
import { FAULTY, HOSTILE, HOSTILE_NAME, WORKING } from "../support/topologies";
import { browserProblem, elementsOfXml, lookAt, startBrowser, textsOutside, VIEWS, type View } from "./browser";

const ORIGIN = { madeAt: new Date("2026-05-20T08:00:00Z"), version: "0.1.0" };
const FAILURE = "sps 10.0.0.1: log in: user admin was refused; correct username or password [SG1013]";

/** The views in which each page is examined. */
const ALL = Object.keys(VIEWS) as View[];
const LOOKS = {
  "one site": ALL,
  "many sites": ["light", "phone"],
  "hostile site": ["phone", "print"],
  rollout: ALL,
} as const satisfies Record<string, readonly View[]>;

/** Pages and pictures as users get them, by name. */
type Files = Record<"one site" | "many sites" | "hostile site" | "rollout" | "picture", string>;

describe("pages in a browser", function () {
  this.timeout(300_000);
  let browser: Browser;
  let folder: string;
  let files: Files;

  before(async function () {
    if (browserProblem !== undefined) return skipTests(this, browserProblem);
    folder = mkdtempSync(join(tmpdir(), "safeguard-pages-"));
    const { working, failing } = await reports();
    const many = [{ ...working, topology: FAULTY }, failing, { ...failing, site: "linz" }];
    files = {
      "one site": written("one-site.html", diagnosisPage(diagnosisOf([failing]), ORIGIN)),
      "many sites": written("many-sites.html", diagnosisPage(diagnosisOf(many), ORIGIN)),
      "hostile site": written("hostile-site.html", diagnosisPage(diagnosisOf([hostile(failing)]), ORIGIN)),
      rollout: written("rollout.html", rollout()),
      picture: written("picture.svg", topologySvg([WORKING, FAULTY, HOSTILE])),
    };
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  function written(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  }

  for (const [name, views] of Object.entries(LOOKS) as [keyof typeof LOOKS, readonly View[]][]) {
    for (const view of views) {
      it(`shows ${name} in the view ${view} without a request, a violation or a hidden width`, async () => {
        assert.deepEqual(await lookAt(browser, files[name], view, name), {
          requests: [],
          messages: [],
          overflow: 0,
          violations: [],
        });
      });
    }
  }

  it("shows a picture of its own in light, dark and print without a request", async () => {
    for (const view of ["light", "dark", "print"] as const) {
      const { requests, messages } = await lookAt(browser, files.picture, view, "picture");
      assert.deepEqual([requests, messages], [[], []]);
    }
  });

  it("keeps every text of a picture within its box, whatever the names", async () => {
    for (const name of ["picture", "hostile site", "many sites"] as const) {
      assert.deepEqual(await textsOutside(browser, files[name]), []);
    }
  });

  it("reads a picture with hostile names as XML of known elements only", async () => {
    const names = new Set(await elementsOfXml(browser, files.picture));
    const known = ["circle", "desc", "g", "path", "polygon", "polyline", "rect", "style", "svg", "text", "title"];
    assert.deepEqual([...names].sort(), known);
  });

  it("finds the violations, requests and widths that a bad page has", async () => {
    const bad = written(
      "bad.html",
      `<!doctype html><html><title>x</title><body style="width:3000px"><img src="none.png"><p style="color:#ccc">pale</p>`,
    );
    const { requests, messages, overflow, violations } = await lookAt(browser, bad, "light", "bad");
    assert.deepEqual([requests.length, messages.length, overflow > 1000], [1, 1, true]);
    const rules = violations.map((text) => text.split(":")[0]);
    for (const rule of ["color-contrast", "html-has-lang", "image-alt"]) assert.ok(rules.includes(rule), rule);
  });
});

/** Reports of the lab: on a joined pair that works, and on the same while SPP does not answer. */
async function reports(): Promise<{ working: SiteReport; failing: SiteReport }> {
  const lab = await LabSite.start({ members: 1 });
  try {
    const working = await examine(lab.site());
    lab.pair.bench.faults.on("spp-5xx");
    return { working, failing: await examine(lab.site({ name: "salzburg" })) };
  } finally {
    await lab.stop();
  }
}

/** The same with hostile texts everywhere. */
function hostile(report: SiteReport): SiteReport {
  const checks = report.checks.map((check) => ({
    ...check,
    title: `${check.title} ${HOSTILE_NAME}`,
    text: HOSTILE_NAME,
    object: `sps ${HOSTILE_NAME}`,
    remedy: HOSTILE_NAME,
  }));
  return { ...report, site: HOSTILE_NAME, checks, topology: HOSTILE };
}

/** The page of a rollout in which a site failed, was retried, and others still wait. */
function rollout(): string {
  const simulation = new Simulation(planFor(12, { onFailure: "hold" }, 3), Date.UTC(2026, 4, 20, 8));
  simulation.finish("site-0");
  simulation.finish("site-1", { outcome: "failed", message: FAILURE, code: "SG1013" });
  simulation.operator("retried", "site-1");
  simulation.finish("site-1", { outcome: "failed", message: FAILURE, code: "SG1013" });
  simulation.finish("site-2", { outcome: "unreachable", message: "spp 10.0.0.5: no answer [SG1010]", code: "SG1010" });
  const { plan } = simulation.state;
  const record = { id: "branches.7", name: "branches", number: 7, file: "/r.yaml", plan, createdAt: 0 };
  return rolloutPage(record, simulation.events);
}
