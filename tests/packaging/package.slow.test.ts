import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import { builtinModules } from "node:module";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { CATALOGUE } from "../../provider/core/errors";

const root = path.resolve(__dirname, "../..");
const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));

/** Without install scripts: ssh2's optional native code needs a compiler and is not tested here. */
const INSTALL = [
  "install",
  "--prefer-offline",
  "--ignore-scripts",
  "--no-package-lock",
  "--no-progress",
  "--loglevel=error",
];

describe("the packed package", () => {
  let folder = "";
  let project = "";
  let files: string[] = [];
  let bytes = Number.NaN;

  before(function () {
    this.timeout(240_000);
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "safeguard-package-")));
    project = path.join(folder, "project");
    fs.mkdirSync(project);
    fs.writeFileSync(path.join(project, "package.json"), '{"name":"empty","version":"1.0.0","private":true}\n');
    const [packed] = JSON.parse(run("npm", ["pack", "--json", "--pack-destination", folder], root));
    files = packed.files.map((file: { path: string }) => file.path);
    bytes = packed.size;
    const sdk = JSON.parse(
      fs.readFileSync(path.join(root, "node_modules/@pulumi/pulumi/package.json"), "utf8"),
    ).version;
    run("npm", [...INSTALL, path.join(folder, packed.filename), `@pulumi/pulumi@${sdk}`], project);
  });

  after(function () {
    // On a loaded machine, deleting an installed project takes longer than the default time limit.
    this.timeout(120_000);
    fs.rmSync(folder, { recursive: true, force: true });
  });

  function run(command: string, args: string[], cwd: string): string {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  }

  /** Runs a program in the project and parses its output as JSON. */
  function outputOf(file: string, program: string): unknown {
    fs.writeFileSync(path.join(project, file), program);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: project, encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout);
  }

  it("stays below 1 MB, without anything of rollouts", () => {
    assert.ok(bytes < 1_000_000, `${bytes} bytes`);
    const ofRollouts = /dbos|pglite|^pg$/;
    assert.deepEqual(
      fs.readdirSync(path.join(project, "node_modules")).filter((name) => ofRollouts.test(name)),
      [],
    );
  });

  it("packs only the compiled library, its types, the documents and the examples", () => {
    const documents = [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "docs/checks/README.md",
      "docs/schemas/connect.json",
      "docs/schemas/safeguard.json",
      "package.json",
    ];
    const errors = files.filter((file) => /^docs\/errors\/(SG\d{4}|README)\.md$/.test(file));
    assert.equal(errors.length, Object.keys(CATALOGUE).length + 1);
    const isPage = (file: string) =>
      /^docs\/(resources\/|errors\/|router-linux\/)?[\w-]+\.md$|^examples\/(single-site|many-sites|policy-pack|router-[\w-]+)\/[\w./]+$/.test(
        file,
      );
    const others = files.filter((file) => !file.startsWith("dist/") && !isPage(file));
    assert.deepEqual(others.sort(), documents);
    assert.deepEqual(
      files.filter((file) => /^docs\/(lab|findings)\.md$/.test(file)),
      [],
      "pages about the repository only",
    );
    const unexpected = files.filter(
      (file) => file.startsWith("dist/") && !/^dist\/(cli|provider|sdk)\/.*\.(js|d\.ts)$/.test(file),
    );
    assert.deepEqual(unexpected, []);
    assert.deepEqual(
      files.filter((file) => /\.test\.|\.map$|(^|\/)(lab|tests|tools)\//.test(file)),
      [],
    );
    assert.ok(files.includes("dist/sdk/nodejs/index.js"));
    assert.ok(files.includes("dist/provider/dynamic/host.js"));
  });

  it("packs every file that its README and its pages link to", () => {
    const installed = path.join(project, "node_modules", manifest.name);
    const pages = files.filter((file) => file.endsWith(".md"));
    assert.ok(pages.includes("README.md") && pages.length > 100);
    const broken = pages.flatMap((page) => {
      const text = fs.readFileSync(path.join(installed, page), "utf8").replace(/```[\s\S]*?```|`[^`\n]*`/g, "");
      return [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target = ""]) => target)
        .filter((target) => !target.includes("://"))
        .filter((target) => !fs.existsSync(path.join(installed, path.dirname(page), target)))
        .map((target) => `${page}: ${target}`);
    });
    assert.deepEqual(broken, []);
  });

  it("installs the command pulumi-safeguard", () => {
    const command = path.join(project, "node_modules", ".bin", "pulumi-safeguard");
    const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
    assert.deepEqual([status, stdout], [0, `${manifest.version}\n`]);
  });

  it("packs no path of the machine", () => {
    const installed = path.join(project, "node_modules", manifest.name);
    const withPath = files.filter((file) => fs.readFileSync(path.join(installed, file), "utf8").includes(root));
    assert.deepEqual(withPath, []);
  });

  it("declares every package that the packed code requires", () => {
    const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
    const required = new Set<string>();
    for (const file of files.filter((name) => name.endsWith(".js"))) {
      const text = fs.readFileSync(path.join(project, "node_modules", manifest.name, file), "utf8");
      for (const [, name = ""] of text.matchAll(/(?<![.\w])(?:require|import)\("([^."][^"]*)"\)/g)) {
        const bare = name.split("/").slice(0, name.startsWith("@") ? 2 : 1);
        required.add(bare.join("/"));
      }
    }
    const undeclared = [...required].filter(
      (name) => !declared.includes(name) && !name.startsWith("node:") && !builtinModules.includes(name),
    );
    assert.deepEqual(
      undeclared.filter((name) => name !== manifest.name),
      [],
    );
  });

  for (const entry of [manifest.name, `${manifest.name}/dynamic-host`]) {
    it(`exports the same names from ${entry} to CommonJS and to ES modules`, () => {
      const required = outputOf("names.cjs", `console.log(JSON.stringify(Object.keys(require("${entry}")).sort()));`);
      const imported = outputOf(
        "names.mjs",
        `console.log(JSON.stringify(Object.keys(await import("${entry}")).sort()));`,
      );
      assert.ok(Array.isArray(required) && Array.isArray(imported));
      assert.notEqual(required.length, 0);
      const added = ["default", "module.exports", "__esModule"];
      assert.deepEqual(
        imported.filter((name) => !added.includes(name)),
        required.filter((name) => !added.includes(name)),
      );
    });
  }

  it("exports the four resource classes", () => {
    const program = `const safeguard = require("${manifest.name}");
      console.log(JSON.stringify(["SpsCluster", "SppJoin", "RouterRedirection", "JoinGuard"].map((name) => typeof safeguard[name])));`;
    assert.deepEqual(outputOf("classes.cjs", program), ["function", "function", "function", "function"]);
  });

  it("gives a TypeScript program its types and only its public entries", function () {
    this.timeout(90_000);
    fs.writeFileSync(
      path.join(project, "program.ts"),
      `import { JoinGuard, RouterRedirection, SppJoin, SpsCluster } from "${manifest.name}";
       export const classes = [JoinGuard, RouterRedirection, SppJoin, SpsCluster];
       // @ts-expect-error a file that is not a public entry
       export * as hidden from "${manifest.name}/dist/provider/core/errors";
       // @ts-expect-error a resource without its inputs
       new SpsCluster("name");`,
    );
    const compiler = path.join(root, "node_modules/typescript/bin/tsc");
    const types = path.join(root, "node_modules/@types");
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "node16"];
    const { status, stdout } = spawnSync(
      process.execPath,
      [compiler, ...options, "--typeRoots", types, "--types", "node", "program.ts"],
      { cwd: project, encoding: "utf8" },
    );
    assert.equal(stdout, "");
    assert.equal(status, 0);
  });
});
