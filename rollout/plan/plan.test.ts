import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { SiteDefinition } from "./definition";
import { planOf } from "./plan";
import { checkDefinition } from "./validate";

const base = { name: "branches", program: "." };

function siteList(count: number, change: (n: number) => Partial<SiteDefinition> = () => ({})): SiteDefinition[] {
  return Array.from({ length: count }, (_, n) => ({ name: `site-${n}`, spp: "10.0.0.2", ...change(n) }));
}

function plan(sites: SiteDefinition[], settings: object = {}) {
  const checked = checkDefinition({ ...base, sites, ...settings });
  if (!checked.ok) assert.fail(checked.problems.join("\n"));
  return planOf(checked.value, sites);
}

function wavesOf(sites: SiteDefinition[], settings: object = {}) {
  const planned = plan(sites, settings);
  if (!planned.ok) assert.fail(planned.problems.join("\n"));
  return Object.fromEntries(planned.plan.waves.map((wave) => [wave.name, wave.sites]));
}

function problemsOf(sites: SiteDefinition[], settings: object = {}) {
  const planned = plan(sites, settings);
  return planned.ok ? [] : planned.problems;
}

describe("the plan of a rollout", () => {
  it("puts all sites into one wave by default", () => {
    assert.deepEqual(wavesOf(siteList(2)), { "wave-1": ["site-0", "site-1"] });
  });

  it("takes the canary first, then the waves in their order", () => {
    const sites = siteList(10, (n) => ({ labels: { region: n % 2 ? "us" : "eu" } }));
    const settings = {
      canary: { sites: ["site-3"] },
      waves: [{ name: "us", label: "region=us" }, { count: 1 }, { percent: 25 }, { rest: true }],
    };
    assert.deepEqual(wavesOf(sites, settings), {
      canary: ["site-3"],
      us: ["site-1", "site-5", "site-7", "site-9"],
      "wave-2": ["site-0"],
      "wave-3": ["site-2", "site-4", "site-6"],
      "wave-4": ["site-8"],
    });
  });

  it("needs no further wave when the canary has all sites", () => {
    assert.deepEqual(wavesOf(siteList(2), { canary: { count: 5 } }), { canary: ["site-0", "site-1"] });
  });

  it("keeps frozen sites out of every wave and lists them", () => {
    const planned = plan(siteList(3, (n) => ({ frozen: n === 1 })));
    assert.ok(planned.ok);
    assert.deepEqual(planned.plan.waves[0]?.sites, ["site-0", "site-2"]);
    assert.deepEqual(planned.plan.frozen, ["site-1"]);
  });

  it("names an SPP in one way however its sites spell it", () => {
    const spellings = ["SPP.example.com", " spp.example.com", "spp.example.com."];
    const planned = plan(siteList(3, (n) => ({ spp: spellings[n] ?? "" })));
    assert.ok(planned.ok);
    assert.deepEqual(
      Object.values(planned.plan.sites).map(({ spp }) => spp),
      ["spp.example.com", "spp.example.com", "spp.example.com"],
    );
  });

  it("holds no value of configuration", () => {
    const planned = plan(siteList(1, () => ({ config: { "site:password": "planted-secret" } })));
    assert.ok(planned.ok);
    assert.ok(!JSON.stringify(planned).includes("planted-secret"));
  });

  it("refuses sites that no wave takes", () => {
    assert.deepEqual(problemsOf(siteList(6), { waves: [{ count: 1 }] }), [
      "waves: sites site-1, site-2, site-3 and 2 more are in no wave; add a wave with rest: true at the end.",
    ]);
  });

  it("refuses a wave without sites", () => {
    assert.deepEqual(problemsOf(siteList(1), { waves: [{ rest: true }, { count: 1 }] }), [
      "waves[1]: no site is left for this wave; remove it or change its selection.",
    ]);
  });

  it("reports every contradiction at once", () => {
    const sites = siteList(3, (n) => (n === 2 ? { name: "site-0", stack: "other" } : {}));
    const settings = {
      canary: { sites: ["site-0"], window: { from: "20:00", to: "20:00", timezone: "Mars/Olympus" } },
    };
    assert.deepEqual(problemsOf(sites, settings), [
      "sites: two sites have the name site-0; rename one.",
      "canary.window: from and to are both 20:00; set a later time.",
      "Invalid value for canary.window.timezone: Mars/Olympus. Allowed values are: IANA time zones such as Europe/Berlin.",
    ]);
  });

  it("refuses a window that is too short for a change and its rollback", () => {
    const window = { from: "23:50", to: "00:05" };
    assert.deepEqual(problemsOf(siteList(2), { canary: { count: 1, window }, waves: [{ rest: true, window }] }), [
      "canary.window: it is open for 15 min, and a change with its rollback takes 20 min; open it for longer, or set changeSeconds to how long a change takes.",
      "waves[0].window: it is open for 15 min, and a change with its rollback takes 20 min; open it for longer, or set changeSeconds to how long a change takes.",
    ]);
    assert.deepEqual(problemsOf(siteList(1), { canary: { count: 1, window }, changeSeconds: 450 }), []);
  });

  it("names the canary site that is missing or frozen", () => {
    const sites = siteList(2, (n) => ({ frozen: n === 1 }));
    assert.deepEqual(problemsOf(sites, { canary: { sites: ["site-1"] } }), [
      "canary.sites: site-1 is frozen; remove it or correct its name.",
    ]);
    assert.deepEqual(problemsOf(sites, { canary: { sites: ["elsewhere"] } }), [
      "canary.sites: elsewhere is not in sites; remove it or correct its name.",
    ]);
  });

  it("puts each site that is not frozen into exactly one wave", () => {
    const wave = fc.oneof(
      fc.record({ count: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ label: fc.constantFrom("region=eu", "region=us") }),
    );
    const someSites = fc.array(fc.record({ region: fc.constantFrom("eu", "us", "asia"), frozen: fc.boolean() }), {
      minLength: 1,
      maxLength: 60,
    });
    let planned = 0;
    fc.assert(
      fc.property(
        someSites,
        fc.array(wave, { maxLength: 4 }),
        fc.option(fc.integer({ min: 1, max: 9 })),
        (rows, given, count) => {
          const sites = rows.map(({ region, frozen }, n) => ({ name: `s${n}`, spp: "a", labels: { region }, frozen }));
          const settings = { waves: [...given, { rest: true }], ...(count === null ? {} : { canary: { count } }) };
          const result = plan(sites, settings);
          if (!result.ok) return;
          planned += 1;
          const inWaves = result.plan.waves.flatMap((one) => one.sites).sort();
          const active = sites.filter(({ frozen }) => !frozen).map(({ name }) => name);
          assert.deepEqual(inWaves, active.sort());
          assert.ok(result.plan.waves.every((one) => one.sites.length > 0));
        },
      ),
      { numRuns: 2_000 },
    );
    assert.ok(planned > 30, `only ${planned} plans`);
  });
});
