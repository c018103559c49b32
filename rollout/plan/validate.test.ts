import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import fc from "fast-check";
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
      "Invalid value for sites[0].spp: empty text. Allowed values are: a host name or an IP address.",
      "Invalid value for waves[0].percent: 120. Allowed values are: 1 to 100.",
      "Invalid value for parallelism: 0. Allowed values are: 1 to 500.",
      "Invalid value for onFailure: panic. Allowed values are: stop, hold, continue.",
    ]);
  });

  it("names missing and unknown properties", () => {
    const { name: _none, ...rest } = valid;
    assert.deepEqual(problemsOf({ ...rest, colours: [], sites: [{ name: "a", spp: "b", colour: "red" }] }), [
      "Invalid value for name: it is missing. Allowed values are: 1 to 64 letters, digits, dots, hyphens and underscores.",
      "Unknown property sites[0].colour. Remove it or correct its name.",
      "Unknown property colours. Remove it or correct its name.",
    ]);
  });

  it("finds the property that a misspelt one stands for, and does not miss it too", () => {
    const sites = [{ name: "berlin", ssp: "10.0.0.2" }];
    assert.deepEqual(problemsOf({ ...valid, sites, paralelism: 3, waves: [{ percnt: 5 }] }), [
      "Unknown property sites[0].ssp. Did you mean spp?",
      "Unknown property waves[0].percnt. Did you mean percent?",
      "Unknown property paralelism. Did you mean parallelism?",
    ]);
    assert.deepEqual(problemsOf({ ...valid, sites: { csv: "a.csv", stacks: "P*" } }), [
      "sites.stacks: it does not go with the others of sites; remove it or them.",
    ]);
  });

  it("says of which type a value is that looks right", () => {
    const sites = [{ name: "berlin", spp: "10.0.0.2", labels: { tier: 1 } }];
    assert.deepEqual(problemsOf({ ...valid, name: 42, sites, parallelism: "5" }), [
      "Invalid value for name: 42, which is a number. Allowed values are: 1 to 64 letters, digits, dots, hyphens and underscores.",
      "Invalid value for sites[0].labels.tier: 1, which is a number. Allowed values are: text in quotes.",
      'Invalid value for parallelism: "5", which is text. Allowed values are: 1 to 500.',
    ]);
  });

  it("takes a host name or an IP address for an SPP, and shows no password of a URL", () => {
    const sppOf = (spp: unknown) => problemsOf({ ...valid, sites: [{ name: "a", spp }] });
    for (const spp of ["10.0.0.2", "SPP.example.com.", "fd00::1", "::ffff:10.0.0.1", "spp_1"])
      assert.deepEqual(sppOf(spp), []);
    for (const spp of ["", " ", "10.0.0.2:443", "https://10.0.0.2/", "a b", "x\u001b[2J"])
      assert.equal(sppOf(spp).length, 1, spp);
    assert.deepEqual(sppOf("https://admin:hunter2@10.0.0.2"), [
      "Invalid value for sites[0].spp. Allowed values are: a host name or an IP address.",
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

  it("reports every contradiction at once", () => {
    const contradictory = {
      canary: { sites: ["berlin"], count: 1 },
      waves: [{ count: 1, percent: 5 }],
      failureBudget: { total: 1 },
    };
    assert.deepEqual(problemsOf({ ...valid, ...contradictory }), [
      "canary: set exactly one of sites and count.",
      "waves[0]: set exactly one of label, count, percent and rest.",
      "failureBudget: has no effect with onFailure: hold; remove it or set onFailure: continue.",
    ]);
  });

  it("has a published schema that is the one of the documentation", () => {
    assert.deepEqual(published, JSON.parse(JSON.stringify(definitionSchema())), "run npm run docs");
  });

  it("accepts and refuses the same as its published schema", () => {
    const accepts = new Ajv({ strict: false }).compile(published);
    const isSame = (content: unknown) =>
      assert.equal(checkDefinition(content).ok, accepts(content), JSON.stringify(content));
    for (const [isValid, more] of [
      [true, {}],
      [true, { name: "Branches" }],
      [false, { waves: [{ percent: 120 }] }],
      [false, { waves: [{ percent: 20, rest: true }] }],
      [false, { waves: [{}] }],
      [false, { canary: { soakSeconds: 5 } }],
      [false, { colour: "red" }],
      [false, { failureBudget: { total: 1 } }],
      [true, { failureBudget: { total: 1 }, onFailure: "continue" }],
      [false, { sites: [{ name: "a", spp: "x", frozenReason: "why" }] }],
      [false, { sites: [{ name: "a", spp: "x", config: { "": "y" } }] }],
    ] as const) {
      assert.equal(accepts({ ...valid, ...more }), isValid, JSON.stringify(more));
      isSame({ ...valid, ...more });
    }
    // Any value, a likely one or any other, in the place of any property or beside it.
    const likely = fc.constantFrom<unknown>(
      "",
      " ",
      "Oslo",
      "a=b",
      "20:00",
      "24:00",
      "fd00::1",
      0,
      1,
      0.5,
      100,
      501,
      true,
      false,
      null,
      {},
      [],
    );
    // Validation by zod leaves a key __proto__ out of any object.
    const any = fc.jsonValue({ maxDepth: 2 }).filter((one) => !JSON.stringify(one).includes('"__proto__"'));
    const value = fc.oneof(likely, any);
    const paths = pathsIn(WHOLE);
    const change = fc.tuple(fc.constantFrom(...paths), value, fc.boolean());
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const content = structuredClone(WHOLE);
        for (const [path, put, isRemoved] of changes) replace(content, path, isRemoved ? undefined : put);
        isSame(JSON.parse(JSON.stringify(content)));
      }),
      { numRuns: 500 },
    );
  });
});

const published = JSON.parse(readFileSync(join(__dirname, "../schema/rollout.schema.json"), "utf8"));

/** A definition that has every property, except those of the other forms of sites. */
const WHOLE = {
  name: "branches",
  program: "./site",
  sites: [
    { name: "a", stack: "s", spp: "x", labels: { r: "eu" }, config: { k: "v" }, frozen: true, frozenReason: "why" },
    { name: "b", spp: "y" },
  ],
  canary: { sites: ["b"], approval: true, soakSeconds: 1, doctor: true, trafficSeconds: 1 },
  waves: [
    { name: "w", label: "r=eu", window: { days: ["mon"], from: "20:00", to: "04:00", timezone: "UTC" } },
    { count: 1 },
    { percent: 5 },
    { rest: true },
  ],
  parallelism: 1,
  coolDownSeconds: 1,
  changeSeconds: 1,
  onFailure: "continue",
  failureBudget: { perWave: 1, total: 1 },
};

type Path = readonly (string | number)[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== "object") return [path];
  const keys = Array.isArray(value) ? [...value.keys()] : [...Object.keys(value), "other"];
  return [
    path,
    ...keys.flatMap((key) => pathsIn((value as Record<string | number, unknown>)[key], [...path, key])),
  ].filter((one) => one.length > 0);
}

function replace(content: unknown, path: Path, value: unknown): void {
  const group = path
    .slice(0, -1)
    .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | null)?.[key], content);
  const key = path.at(-1);
  if (typeof group === "object" && group !== null && key !== undefined)
    (group as Record<string | number, unknown>)[key] = value;
}
