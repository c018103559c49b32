import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { type Import, publishedDependencies, readSources, type SourceFile } from "./source-files";

/** The folders of the provider that each folder may import. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  https: ["core"],
  sps: ["core", "https"],
  spp: ["core", "https"],
  ssh: ["core"],
  router: ["core", "ssh", "https"],
  join: ["core", "https", "sps", "spp"],
  diagnosis: ["core", "https", "sps", "spp", "ssh", "router", "join"],
  resources: ["core", "https", "sps", "spp", "ssh", "router", "join", "diagnosis"],
  dynamic: ["core", "resources"],
  plugin: ["core", "resources"],
};

const PULUMI = /^@pulumi\//;

/** The published functions, which need no resource. */
const FUNCTIONS = ["diagnose", "preflight", "status", "topology"].map((name) => `sdk/nodejs/${name}.ts`);

describe("imports", () => {
  let provider: SourceFile[];
  let sdk: SourceFile[];
  let cli: SourceFile[];
  let lab: SourceFile[];

  before(() => {
    provider = readSources("provider");
    sdk = readSources("sdk");
    cli = readSources("cli");
    lab = readSources("lab");
  });

  /** The imports that break a rule, as `file → target`. */
  function offences(files: readonly SourceFile[], isOffence: (found: Import, file: SourceFile) => boolean): string[] {
    return files.flatMap((file) =>
      file.imports.filter((found) => isOffence(found, file)).map(({ target }) => `${file.path} → ${target}`),
    );
  }

  const published = (files: readonly SourceFile[]) => files.filter(({ isTest }) => !isTest);
  const folderOf = (path: string) => path.split("/")[1] ?? "";

  it("recognizes imports of files, packages, types and folders", () => {
    const find = (path: string) => provider.find((file) => file.path === path)?.imports ?? [];
    const client = find("provider/sps/client.ts");
    assert.deepEqual(
      client.find(({ target }) => target === "provider/core/poll.ts"),
      { target: "provider/core/poll.ts", isOwn: true, isTypeOnly: false },
    );
    assert.deepEqual(
      client.find(({ target }) => target === "zod"),
      { target: "zod", isOwn: false, isTypeOnly: true },
    );
    const mixed = find("provider/resources/sps-cluster/schema.ts");
    assert.equal(mixed.find(({ target }) => target === "provider/core/unknown.ts")?.isTypeOnly, true);
    assert.equal(mixed.find(({ target }) => target === "provider/core/fields.ts")?.isTypeOnly, false);
    for (const [files, least] of [
      [provider, 60],
      [sdk, 3],
      [lab, 40],
    ] as const) {
      assert.ok(files.length >= least, `only ${files.length} files`);
    }
  });

  it("allows Pulumi's SDK in the fronts only", () => {
    const inner = published(provider).filter(({ path }) => !["dynamic", "plugin"].includes(folderOf(path)));
    assert.deepEqual(
      offences(inner, ({ target }) => PULUMI.test(target)),
      [],
    );
  });

  it("allows imports between the provider's folders in one direction only", () => {
    const folders = new Set(provider.map(({ path }) => folderOf(path)));
    assert.deepEqual(
      [...folders].filter((folder) => !(folder in MAY_IMPORT)),
      [],
      "folders without a rule",
    );
    const wrong = offences(published(provider), (found, { path }) => {
      if (!found.isOwn || !found.target.startsWith("provider/")) return false;
      const [from, to] = [folderOf(path), folderOf(found.target)];
      return from !== to && !MAY_IMPORT[from]?.includes(to);
    });
    assert.deepEqual(wrong, []);
  });

  it("finds no import cycle between the provider's folders", () => {
    const edges = new Map<string, Set<string>>();
    for (const { path, imports } of published(provider)) {
      for (const { target, isOwn } of imports) {
        const [from, to] = [folderOf(path), folderOf(target)];
        if (isOwn && target.startsWith("provider/") && from !== to) {
          edges.set(from, (edges.get(from) ?? new Set()).add(to));
        }
      }
    }
    assert.deepEqual(cyclesIn(edges), []);
  });

  it("finds no import cycle at run time between files of the provider, the SDK and the command", () => {
    const edges = new Map(
      published([...provider, ...sdk, ...cli]).map(({ path, imports }) => [
        path,
        new Set(imports.filter(({ isOwn, isTypeOnly }) => isOwn && !isTypeOnly).map(({ target }) => target)),
      ]),
    );
    assert.deepEqual(cyclesIn(edges), []);
  });

  it("keeps resources out of the clients and the core", () => {
    const inner = published(provider).filter(({ path }) =>
      ["core", "diagnosis", "https", "join", "router", "spp", "sps", "ssh"].includes(folderOf(path)),
    );
    assert.deepEqual(
      offences(inner, ({ target }) => /^provider\/(resources|dynamic|plugin)\//.test(target) || /^sdk\//.test(target)),
      [],
    );
  });

  // Written from the vendor's documents only, the lab can contradict the clients.
  it("keeps the product's own clients out of the lab", () => {
    assert.deepEqual(
      offences(published(lab), ({ target }) => /^(provider|sdk|examples)\//.test(target) || PULUMI.test(target)),
      [],
    );
  });

  it("allows published code to import published code only", () => {
    assert.deepEqual(
      offences(published([...provider, ...sdk]), ({ target, isOwn }) => isOwn && !/^(provider|sdk)\//.test(target)),
      [],
    );
    const allowed = [...publishedDependencies(), "@pulumi/pulumi"];
    const foreign = offences(published([...provider, ...sdk, ...cli]), ({ target, isOwn }, { path }) => {
      // Users' state stores the stubs, which load this package by its name.
      const isItself = target === "pulumi-safeguard" && path === "provider/dynamic/stubs.ts";
      return !isOwn && !isItself && !target.startsWith("node:") && !allowed.includes(target);
    });
    assert.deepEqual(foreign, []);
  });

  it("allows the published classes to import stubs, types, constants and Pulumi only", () => {
    const classes = published(sdk).filter(({ path }) => !FUNCTIONS.includes(path));
    const isConstant = (path: string) => provider.some((file) => file.path === path && file.imports.length === 0);
    const wrong = offences(classes, ({ target, isOwn, isTypeOnly }) => {
      if (!isOwn) return target !== "@pulumi/pulumi";
      const isAllowed = target === "provider/dynamic/stubs.ts" || isConstant(target);
      return !target.startsWith("sdk/") && !isAllowed && !(isTypeOnly && target.startsWith("provider/"));
    });
    assert.deepEqual(wrong, []);
  });

  it("keeps the provider's fronts and resources out of the published functions", () => {
    const functions = published(sdk).filter(({ path }) => FUNCTIONS.includes(path));
    assert.equal(functions.length, FUNCTIONS.length);
    const wrong = offences(functions, ({ target, isTypeOnly }) => {
      return !isTypeOnly && /^provider\/(resources|dynamic|plugin)\//.test(target);
    });
    assert.deepEqual(wrong, []);
  });

  // Nothing imports the command, so that a program never loads it.
  it("allows the command to import published functions, diagnosis and the core only", () => {
    const wrong = offences(published(cli), ({ target, isOwn, isTypeOnly }) => {
      const isAllowed = /^(cli|provider\/(core|diagnosis))\//.test(target) || FUNCTIONS.includes(target);
      return isOwn && !isAllowed && !isTypeOnly;
    });
    assert.deepEqual(wrong, []);
    assert.deepEqual(
      offences([...provider, ...sdk, ...lab], ({ target }) => target.startsWith("cli/")),
      [],
    );
  });
});

/** The cycles of a graph, each as its nodes in order. */
function cyclesIn(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found = new Set<string>();
  const finished = new Set<string>();
  const visit = (node: string, path: readonly string[]): void => {
    const start = path.indexOf(node);
    if (start >= 0) found.add([...path.slice(start), node].join(" → "));
    if (start >= 0 || finished.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...path, node]);
    finished.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return [...found];
}
