import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, it } from "mocha";

const root = path.resolve(__dirname, "../..");
const recordedFolder = path.join(root, "tests/contract/recorded");
const compiled = path.join(root, "dist/provider/dynamic/stubs.js");

const stubs = {
  SpsCluster: "spsClusterStub",
  SppJoin: "sppJoinStub",
  RouterRedirection: "routerRedirectionStub",
  JoinGuard: "joinGuardStub",
} as const;
type TypeName = keyof typeof stubs;
const types = Object.keys(stubs) as TypeName[];
const METHODS = ["configure", "check", "diff", "create", "read", "update", "delete"];

/** The way `new pulumi.dynamic.Resource` serializes a provider object, for a file of stubs, in a plain Node program. */
const PROGRAM = `
  const [pulumi, file, withoutTypescript] = process.argv.slice(1);
  if (withoutTypescript === "true") {
    const { Module } = require("node:module");
    const resolve = Module._resolveFilename;
    Module._resolveFilename = function (name, ...rest) {
      if (name === "typescript") throw Object.assign(new Error("absent"), { code: "MODULE_NOT_FOUND" });
      return resolve.call(this, name, ...rest);
    };
  }
  const { runtime } = require(pulumi);
  const stubs = require(file);
  const names = Object.keys(stubs).filter((name) => name !== "__esModule");
  Promise.all(
    names.map(async (name) => {
      const provider = stubs[name];
      return [name, (await runtime.serializeFunction(() => provider, { allowSecrets: true })).text];
    }),
  ).then((texts) => console.log(JSON.stringify(Object.fromEntries(texts))));
`;

interface Place {
  what: string;
  node?: string;
  file?: string;
  withoutTypescript?: boolean;
}

function serialize({ node = process.execPath, file = compiled, withoutTypescript = false }: Place) {
  const pulumi = path.join(root, "node_modules/@pulumi/pulumi");
  const env = { ...process.env, NODE_OPTIONS: "" };
  const args = ["-e", PROGRAM, "--", pulumi, file, String(withoutTypescript)];
  const output = execFileSync(node, args, { encoding: "utf8", stdio: "pipe", cwd: path.dirname(file), env });
  return JSON.parse(output) as Record<string, string>;
}

const recorded = (type: TypeName) => fs.readFileSync(path.join(recordedFolder, `${type}.stub.txt`), "utf8");

/** Node programs of other versions that the set-up has fetched for this checkout. */
function otherNodes(): string[] {
  const cache = path.join(root, "node_modules/.cache/pulumi-safeguard");
  if (!fs.existsSync(cache)) return [];
  return fs
    .readdirSync(cache)
    .filter((name) => /^node-\d+$/.test(name))
    .flatMap((name) => {
      const packages = path.join(cache, name, "node_modules");
      return fs.readdirSync(packages).map((folder) => path.join(packages, folder, "bin/node"));
    })
    .filter((file) => fs.existsSync(file));
}

describe("provider text in users' states", () => {
  let installed = "";
  before(() => {
    installed = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "safeguard-stubs-")));
    const folder = path.join(installed, "node_modules/pulumi-safeguard/dist/provider/dynamic");
    fs.mkdirSync(folder, { recursive: true });
    fs.copyFileSync(compiled, path.join(folder, "stubs.js"));
  });
  after(() => fs.rmSync(installed, { recursive: true, force: true }));

  const places: Place[] = [
    { what: `compiled under Node ${process.versions.node}` },
    ...otherNodes().map((node) => ({ what: `compiled under ${path.relative(root, node)}`, node })),
    {
      what: "installed in a user's project without TypeScript",
      file: "node_modules/pulumi-safeguard/dist/provider/dynamic/stubs.js",
      withoutTypescript: true,
    },
  ];
  for (const place of places) {
    it(`matches the recorded text exactly when ${place.what}`, () => {
      const file = place.file && path.join(installed, place.file);
      const texts = serialize({ ...place, file });
      assert.deepEqual(Object.keys(texts).sort(), Object.values(stubs).sort());
      for (const type of types) assert.equal(texts[stubs[type]], recorded(type), type);
    }).timeout(60_000);
  }

  it("has exactly one recorded text per resource type", () => {
    assert.deepEqual(fs.readdirSync(recordedFolder).sort(), types.map((type) => `${type}.stub.txt`).sort());
  });

  for (const type of types) {
    it(`${type} text names the stable entry point and no path of the build machine`, () => {
      const text = recorded(type);
      const required = [...text.matchAll(/require\(([^)]*)\)/g)].map(([, name]) => name);
      assert.deepEqual(required, Array(METHODS.length).fill('"pulumi-safeguard/dynamic-host"'));
      assert.doesNotMatch(text, /node_modules|\bimport\b|file:/);
      for (const folder of [root, os.homedir(), os.tmpdir(), path.dirname(process.execPath)]) {
        assert.equal(text.includes(folder), false, folder);
      }
      assert.doesNotMatch(text, /["'`](\/|[A-Za-z]:\\)/, "an absolute path");
    });

    it(`${type} text calls every method of its own resource`, () => {
      const called = [...recorded(type).matchAll(/dynamic-host"\)\.(\w+)\.(\w+)\(/g)];
      assert.deepEqual(called.map(([, , method]) => method).sort(), [...METHODS].sort());
      assert.deepEqual([...new Set(called.map(([, resource]) => resource))], [type]);
    });
  }
});
