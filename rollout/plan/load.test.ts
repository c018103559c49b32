import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { DefinitionError, loadRollout, rolloutName } from "./load";

describe("loading a rollout", () => {
  let folder = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "rollout-load-"));
    mkdirSync(join(folder, "site/node_modules"), { recursive: true });
    write("site/index.ts", "export {};\n");
    write("site/Pulumi.yaml", "name: p\nruntime: nodejs\n");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function write(file: string, text: string): void {
    writeFileSync(join(folder, file), text);
  }

  function load(text: string) {
    write("rollout.yaml", text);
    return loadRollout(join(folder, "rollout.yaml"));
  }

  function problemsOf(text: string): readonly string[] {
    try {
      load(text);
    } catch (error) {
      assert.ok(error instanceof DefinitionError, String(error));
      return error.problems;
    }
    return [];
  }

  const list =
    "name: branches\nprogram: site\nsites:\n  - { name: berlin, spp: 10.0.0.2, config: { 'site:sps': 10.1.0.1 } }\n";

  it("reads sites from a list, with their configuration beside the plan", () => {
    const { plan, config, programFolder } = load(list);
    assert.deepEqual(plan.sites, { berlin: { name: "berlin", stack: "berlin", spp: "10.0.0.2", labels: {} } });
    assert.deepEqual(config, { berlin: { "site:sps": "10.1.0.1" } });
    assert.equal(programFolder, join(folder, "site"));
  });

  it("reads the name without the sites and the program, which may be edited just now", () => {
    write("rollout.yaml", "name: branches\nprogram: gone\nsites: { csv: gone.csv }\n");
    assert.equal(rolloutName(join(folder, "rollout.yaml")), "branches");
    write("rollout.yaml", "name: branches\n");
    assert.throws(() => rolloutName(join(folder, "rollout.yaml")), DefinitionError);
  });

  it("reads sites from a CSV file with labels, configuration and quotes", () => {
    write(
      "sites.csv",
      '\uFEFFname,spp,frozen,label:region,config:site:title\r\nberlin,10.0.0.2,,eu,"Berlin, ""Mitte"""\r\n\r\nparis,,true,eu,\r\n',
    );
    const { plan, config } = load("name: b\nprogram: site\nsites: { csv: sites.csv, spp: 10.9.9.9 }\n");
    assert.deepEqual(plan.sites, {
      berlin: { name: "berlin", stack: "berlin", spp: "10.0.0.2", labels: { region: "eu" } },
    });
    assert.deepEqual(plan.frozen, ["paris"]);
    assert.deepEqual(config, { berlin: { "site:title": 'Berlin, "Mitte"' }, paris: {} });
  });

  it("takes the SPP and labels of each stack from its configuration", () => {
    write("site/Pulumi.yaml", "name: p\nruntime: yaml\n");
    write("site/Pulumi.eu-1.yaml", "config: { p:spp: SPP.example.com, 'p:region': eu, 'p:tier': 1 }\n");
    write("site/Pulumi.us-1.yaml", "config: { other:key: 1 }\n");
    const from = "sppFrom: spp, labels: { region: us }, labelsFrom: { region: p:region, tier: tier }";
    const definition = (more: string) => `name: b\nprogram: site\nsites: { stacks: "Pulumi.*.yaml", ${from}${more} }\n`;
    assert.deepEqual(load(definition(", spp: 10.0.0.9")).plan.sites, {
      "eu-1": { name: "eu-1", stack: "eu-1", spp: "spp.example.com", labels: { region: "eu", tier: "1" } },
      "us-1": { name: "us-1", stack: "us-1", spp: "10.0.0.9", labels: { region: "us" } },
    });
    write("site/Pulumi.eu-1.yaml", "config: { p:spp: { secure: v1abc } }\n");
    assert.deepEqual(problemsOf(definition("")), [
      "Pulumi.eu-1.yaml: Invalid value for spp: it is a group. Allowed values are: a host name or an IP address.",
      "Pulumi.us-1.yaml: Invalid value for spp: empty text. Allowed values are: a host name or an IP address.",
    ]);
  });

  it("keeps why a site is frozen, from a CSV file too, and refuses a reason without a frozen site", () => {
    const rows = "name,spp,frozen,frozenReason\nberlin,10.0.0.2,,\nparis,10.0.0.2,true,it closes in May\n";
    write("sites.csv", rows);
    const definition = "name: b\nprogram: site\nsites: { csv: sites.csv }\n";
    const { frozen, frozenReasons } = load(definition).plan;
    assert.deepEqual([frozen, frozenReasons], [["paris"], { paris: "it closes in May" }]);
    write("sites.csv", rows.replace("true", "false"));
    assert.deepEqual(problemsOf(definition), [
      "sites.csv line 3: frozenReason: the site is not frozen; set frozen: true, or remove the reason.",
    ]);
  });

  it("names file and line of every faulty row", () => {
    write("sites.csv", "name,spp,frozen\nberlin,,\nparis,10.0.0.2,maybe\n");
    assert.deepEqual(problemsOf("name: b\nprogram: site\nsites: { csv: sites.csv }\n"), [
      "sites.csv line 2: Invalid value for spp: empty text. Allowed values are: a host name or an IP address.",
      'sites.csv line 3: Invalid value for frozen: "maybe", which is text. Allowed values are: true, false.',
    ]);
  });

  it("makes a site of each stack settings file that matches", () => {
    for (const stack of ["eu-1", "eu-2", "us-1"]) write(`site/Pulumi.${stack}.yaml`, "config: {}\n");
    const { plan } = load("name: b\nprogram: site\nsites: { stacks: Pulumi.eu-*.yaml, spp: 10.0.0.2 }\n");
    assert.deepEqual(Object.keys(plan.sites), ["eu-1", "eu-2"]);
    assert.deepEqual(problemsOf("name: b\nprogram: site\nsites: { stacks: Pulumi.asia-*.yaml, spp: 10.0.0.2 }\n"), [
      `sites.stacks: no stack settings file in ${join(folder, "site")} matches Pulumi.asia-*.yaml; correct the pattern.`,
    ]);
  });

  it("finds files by absolute paths and from other folders", () => {
    write("site/../sites.csv", "name,spp\noslo,10.0.0.2\n");
    for (const csv of [join(folder, "sites.csv"), "./sites.csv", "site/../sites.csv"])
      for (const program of ["site", join(folder, "site")])
        assert.deepEqual(Object.keys(load(`name: b\nprogram: ${program}\nsites: { csv: ${csv} }\n`).plan.sites), [
          "oslo",
        ]);
    write("site/Pulumi.eu-1.yaml", "config: {}\n");
    for (const stacks of ["Pulumi.*.yaml", "./Pulumi.eu-?.yaml", join(folder, "site/Pulumi.eu-*.yaml")]) {
      const { plan } = load(`name: b\nprogram: site\nsites: { stacks: "${stacks}", spp: 10.0.0.2 }\n`);
      assert.deepEqual(Object.keys(plan.sites), ["eu-1"], stacks);
    }
    assert.deepEqual(problemsOf("name: b\nprogram: site\nsites: { stacks: other/Pulumi.eu-*.yaml, spp: 10.0.0.2 }\n"), [
      `sites.stacks: stack settings files are in ${join(folder, "site")}; write Pulumi.eu-*.yaml alone.`,
    ]);
  });

  it("finds stack settings files where the project keeps them, and leaves them out of the fingerprint", () => {
    rmSync(join(folder, "site/Pulumi.yaml"), { force: true });
    write("site/Pulumi.yml", "name: p\nruntime: yaml\nstackConfigDir: stacks\n");
    const definition = "name: b\nprogram: site\nsites: { stacks: Pulumi.*.yml, spp: 10.0.0.2 }\n";
    assert.deepEqual(problemsOf(definition), [
      `sites.stacks: no stack settings file in ${join(folder, "site/stacks")} matches Pulumi.*.yml; correct the pattern.`,
    ]);
    mkdirSync(join(folder, "site/stacks"));
    for (const file of ["eu.yml", "eu.yaml", "yml"]) write(`site/stacks/Pulumi.${file}`, "config: {}\n");
    const { plan } = load(definition);
    assert.deepEqual(Object.keys(plan.sites), ["eu"]);
    write("site/stacks/Pulumi.eu.yml", "config: { a: b }\n");
    assert.equal(load(definition).plan.fingerprint, plan.fingerprint);
    write("site/stacks/Pulumi.eu.yaml", "no settings\n");
    assert.notEqual(load(definition).plan.fingerprint, plan.fingerprint);
  });

  it("names what is wrong with files", () => {
    assert.deepEqual(problemsOf("name: b\nprogram: nowhere\nsites: [{ name: a, spp: b }]\n"), [
      `program: the folder ${join(folder, "nowhere")} does not exist; correct the path.`,
    ]);
    assert.deepEqual(problemsOf("name: b\nprogram: site\nsites: { csv: none.csv }\n"), [
      "the file does not exist; correct the path or its rights.",
    ]);
    assert.deepEqual(problemsOf("name: b\nprogram: site\nsites: [{ name: a }]\n"), [
      "line 3: Invalid value for sites[0].spp: it is missing. Allowed values are: a host name or an IP address.",
    ]);
    assert.match(
      problemsOf("name: b\nname: c\n")[0] ?? "",
      /^line 2, column 1: Map keys must be unique; correct the YAML\.$/,
    );
  });

  it("refuses a CSV file of which it would read a part, with the line", () => {
    const problemOf = (text: string) => {
      write("sites.csv", text);
      return problemsOf("name: b\nprogram: site\nsites: { csv: sites.csv }\n").join("\n");
    };
    const quote =
      "a quote has no partner, or stands within a field; put the field in quotes, and each quote in it twice.";
    for (const [text, problem] of [
      ['name,spp\nrome,x\noslo,"x\nparis,x\n', `sites.csv line 3: ${quote}`],
      ['name,spp,config:rack\noslo,x,5" left\n', `sites.csv line 2: ${quote}`],
      ['name,spp\n"oslo" x,x\n', `sites.csv line 2: ${quote}`],
      [
        "name,spp\noslo,x,y\n",
        "sites.csv line 2: it has more fields than the header has columns (2); put fields with commas in quotes, or add the column.",
      ],
      ["name,spp,spp\noslo,x,y\n", "sites.csv line 1: two columns have the name spp; remove one."],
      ["name,,spp\noslo,x,y\n", "sites.csv line 1: column 2 has no name; give it one, or remove it."],
      ["name;spp\noslo;x\n", "sites.csv header: its columns are separated by semicolons; separate them by commas."],
      ["Name,spp\noslo,x\n", "sites.csv header: Unknown column Name. Did you mean name?"],
      [
        "name,spp,region\noslo,x,eu\nrome,x,eu\n",
        "sites.csv header: Unknown column region. Columns are name, stack, spp, frozen, frozenReason, label:NAME, config:NAME.",
      ],
      ["name,spp\noslo,x\nrome,x\noslo,y\n", "sites.csv line 4: the site oslo is in line 2 already; rename one."],
    ] as const)
      assert.equal(problemOf(text), problem);
    write("sites.csv", 'name,spp,,\r\r\n oslo , "x" ,,\r\nrome,y,FALSE,\r'.replace(",,\r", ",frozen,\r"));
    const { plan } = load("name: b\nprogram: site\nsites: { csv: sites.csv }\n");
    assert.deepEqual(
      Object.values(plan.sites).map(({ name, spp }) => [name, spp]),
      [
        ["oslo", "x"],
        ["rome", "y"],
      ],
    );
  });

  it("refuses YAML that has no one meaning, with the place", () => {
    const problemOf = (text: string) => problemsOf(`name: b\nprogram: site\n${text}`).join("\n");
    assert.equal(problemOf("sites: [*none]\n"), "line 3: nothing above has the anchor &none; correct the YAML.");
    assert.equal(
      problemOf("sites: [{ name: a, spp: x }]\n---\nname: c\n"),
      "line 4, column 1: A second document begins here; correct the YAML.",
    );
    assert.match(
      problemOf("\tsites: []\n"),
      /^line 3, column 1: Tabs are not allowed as indentation; correct the YAML\.$/,
    );
    assert.match(problemOf("parallelism: !few 3\n"), /^line 3, column 14: Unresolved tag: !few; correct the YAML\.$/);
    const bomb = ["a: &a [x, x, x, x, x, x, x, x, x]"];
    for (const [name, of] of ["ba", "cb", "dc"]) bomb.push(`${name}: &${name} [${`*${of}, `.repeat(9)}]`);
    assert.match(problemOf(`${bomb.join("\n")}\n`), /^Excessive alias count .*; write the values without anchors\.$/);
    // An anchor itself is no mistake.
    const { plan } = load("name: b\nprogram: site\nsites: [{ name: a, spp: &spp x }, { name: b, spp: *spp }]\n");
    assert.deepEqual(
      Object.values(plan.sites).map(({ spp }) => spp),
      ["x", "x"],
    );
  });

  it("refuses a folder that holds no program", () => {
    const problemOf = (program: string) =>
      problemsOf(`name: b\nprogram: ${program}\nsites: [{ name: a, spp: x }]\n`).map((text) =>
        text.replaceAll(folder, ""),
      );
    assert.deepEqual(problemOf("rollout.yaml"), ["program: the folder /rollout.yaml is a file; correct the path."]);
    assert.deepEqual(problemOf("."), [
      `program: the folder ${""} has no Pulumi.yaml; correct the path, or run pulumi new there.`,
    ]);
    write("site/Pulumi.yaml", "name: p\nname: q\n");
    assert.deepEqual(problemOf("site"), [
      "program: /site/Pulumi.yaml: line 2, column 1: Map keys must be unique; correct the YAML.",
    ]);
  });

  it("changes the fingerprint with the program, the configuration and the definition only", () => {
    const { fingerprint } = load(list).plan;
    write("site/node_modules/other.js", "1");
    write("site/Pulumi.berlin.yaml", "encryptionsalt: v1\n");
    // What `rollout report` writes where it runs in the folder of the program.
    write("site/branches.3.html", "<!doctype html>\n");
    assert.equal(load(list).plan.fingerprint, fingerprint);
    const others = [list.replace("10.1.0.1", "10.1.0.2"), `${list}parallelism: 2\n`].map(
      (text) => load(text).plan.fingerprint,
    );
    write("site/index.ts", "export const changed = 1;\n");
    others.push(load(list).plan.fingerprint);
    assert.equal(new Set([fingerprint, ...others]).size, 4);
  });

  it("changes the fingerprint with the lockfile of a workspace and the installed version of the provider", () => {
    const manifest = (version: string) => JSON.stringify({ name: "pulumi-safeguard", version });
    const prints = [load(list).plan.fingerprint];
    write("package-lock.json", "1");
    prints.push(load(list).plan.fingerprint);
    write("package-lock.json", "2");
    prints.push(load(list).plan.fingerprint);
    mkdirSync(join(folder, "site/node_modules/pulumi-safeguard"));
    write("site/node_modules/pulumi-safeguard/package.json", manifest("0.1.0"));
    prints.push(load(list).plan.fingerprint);
    write("site/node_modules/pulumi-safeguard/package.json", manifest("0.1.1"));
    prints.push(load(list).plan.fingerprint);
    assert.equal(new Set(prints).size, 5);
    mkdirSync(join(folder, "site/.git"));
    const inRepository = load(list).plan.fingerprint;
    write("package-lock.json", "of another repository");
    assert.equal(load(list).plan.fingerprint, inRepository);
  });

  it("changes the fingerprint with files behind links, and follows no circle", () => {
    for (const name of ["shared", "lib"]) mkdirSync(join(folder, name));
    write("shared/addresses.json", "1");
    write("lib/join.ts", "1");
    symlinkSync("../shared/addresses.json", join(folder, "site/addresses.json"));
    symlinkSync("../lib", join(folder, "site/lib"));
    symlinkSync("..", join(folder, "lib/above"));
    symlinkSync("nowhere", join(folder, "site/broken"));
    const { fingerprint } = load(list).plan;
    write("shared/addresses.json", "2");
    const other = load(list).plan.fingerprint;
    write("lib/join.ts", "2");
    assert.equal(new Set([fingerprint, other, load(list).plan.fingerprint]).size, 3);
  });
});
