import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { type Import, publishedDependencies, readSources, type SourceFile } from "./source-files";

/** Which folders of the provider each of them may import: arrows point one way. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  https: ["core"],
  sps: ["core", "https"],
  spp: ["core", "https"],
  ssh: ["core"],
  router: ["core"],
  join: ["core", "https", "sps", "spp"],
  resources: ["core", "https", "sps", "spp", "ssh", "router", "join"],
  dynamic: ["core", "resources"],
  plugin: ["core", "resources"],
};

/** Modules that reach outside the process. */
const INPUT_AND_OUTPUT = [
  "node:child_process",
  "node:dgram",
  "node:dns",
  "node:dns/promises",
  "node:fs",
  "node:fs/promises",
  "node:http",
  "node:http2",
  "node:https",
  "node:net",
  "node:os",
  "node:process",
  "node:readline",
  "node:timers",
  "node:timers/promises",
  "node:tls",
  "node:worker_threads",
  "ssh2",
  "undici",
];

const PULUMI = /^@pulumi\//;

/** What of the SDK works by itself, outside any resource. */
const FUNCTIONS = ["sdk/nodejs/cli.ts", "sdk/nodejs/error-links.ts", "sdk/nodejs/preflight.ts"];

describe("imports", () => {
  let provider: SourceFile[];
  let sdk: SourceFile[];
  let lab: SourceFile[];

  before(() => {
    provider = readSources("provider");
    sdk = readSources("sdk");
    lab = readSources("lab");
  });

  /** The imports of files that break a rule, as `file → target`. */
  function offences(files: readonly SourceFile[], isOffence: (found: Import, file: SourceFile) => boolean): string[] {
    return files.flatMap((file) =>
      file.imports.filter((found) => isOffence(found, file)).map(({ target }) => `${file.path} → ${target}`),
    );
  }

  const published = (files: readonly SourceFile[]) => files.filter(({ isTest }) => !isTest);
  const folderOf = (path: string) => path.split("/")[1] ?? "";

  it("are read: the test sees files, packages, types and folders", () => {
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

  it("of Pulumi's SDK stand in the fronts only", () => {
    const inner = published(provider).filter(({ path }) => !["dynamic", "plugin"].includes(folderOf(path)));
    assert.deepEqual(
      offences(inner, ({ target }) => PULUMI.test(target)),
      [],
    );
  });

  it("between the folders of the provider point one way", () => {
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

  it("between the folders of the provider make no circle, whatever the rules say", () => {
    const edges = new Map<string, Set<string>>();
    for (const { path, imports } of published(provider)) {
      for (const { target, isOwn } of imports) {
        const [from, to] = [folderOf(path), folderOf(target)];
        if (isOwn && target.startsWith("provider/") && from !== to) {
          edges.set(from, (edges.get(from) ?? new Set()).add(to));
        }
      }
    }
    assert.deepEqual(circles(edges), []);
  });

  it("between the files of the provider and the SDK make no circle at run time", () => {
    const edges = new Map(
      published([...provider, ...sdk]).map(({ path, imports }) => [
        path,
        new Set(imports.filter(({ isOwn, isTypeOnly }) => isOwn && !isTypeOnly).map(({ target }) => target)),
      ]),
    );
    assert.deepEqual(circles(edges), []);
  });

  it("of resources stand neither in the clients nor in the core", () => {
    const inner = published(provider).filter(({ path }) =>
      ["core", "https", "join", "router", "spp", "sps", "ssh"].includes(folderOf(path)),
    );
    assert.deepEqual(
      offences(inner, ({ target }) => /^provider\/(resources|dynamic|plugin)\//.test(target) || /^sdk\//.test(target)),
      [],
    );
  });

  it("of planning reach nothing outside the process", () => {
    const planning = published(provider).filter(({ path }) => /^provider\/router\/([\w-]+\/)?[\w.-]+\.ts$/.test(path));
    assert.ok(planning.some(({ path }) => path.startsWith("provider/router/linux/")));
    const wrong = offences(planning, ({ target, isOwn }) =>
      isOwn ? /^provider\/(ssh|https|sps|spp)\//.test(target) : INPUT_AND_OUTPUT.includes(target),
    );
    assert.deepEqual(wrong, []);
  });

  it("of the lab come from no client of this product, so that it can contradict them", () => {
    assert.deepEqual(
      offences(published(lab), ({ target }) => /^(provider|sdk|examples)\//.test(target) || PULUMI.test(target)),
      [],
    );
  });

  it("of what is published come from nothing that is not", () => {
    assert.deepEqual(
      offences(published([...provider, ...sdk]), ({ target, isOwn }) => isOwn && !/^(provider|sdk)\//.test(target)),
      [],
    );
    const allowed = [...publishedDependencies(), "@pulumi/pulumi"];
    const foreign = offences(published([...provider, ...sdk]), ({ target, isOwn }, { path }) => {
      // The stubs stand in users' states and find this very package again by its name.
      const isItself = target === "pulumi-safeguard" && path === "provider/dynamic/stubs.ts";
      return !isOwn && !isItself && !target.startsWith("node:") && !allowed.includes(target);
    });
    assert.deepEqual(foreign, []);
  });

  it("of the published classes are the stubs, types and constants of the provider, and Pulumi", () => {
    const classes = published(sdk).filter(({ path }) => !FUNCTIONS.includes(path));
    const isConstant = (path: string) => provider.some((file) => file.path === path && file.imports.length === 0);
    const wrong = offences(classes, ({ target, isOwn, isTypeOnly }) => {
      if (!isOwn) return target !== "@pulumi/pulumi";
      const isAllowed = target === "provider/dynamic/stubs.ts" || isConstant(target);
      return !target.startsWith("sdk/") && !isAllowed && !(isTypeOnly && target.startsWith("provider/"));
    });
    assert.deepEqual(wrong, []);
  });

  it("of the published functions reach the provider below its fronts and resources", () => {
    const functions = published(sdk).filter(({ path }) => FUNCTIONS.includes(path));
    assert.equal(functions.length, FUNCTIONS.length);
    const wrong = offences(functions, ({ target, isTypeOnly }) => {
      return !isTypeOnly && /^provider\/(resources|dynamic|plugin)\//.test(target);
    });
    assert.deepEqual(wrong, []);
  });
});

/** The ways round in a graph, each as its nodes in order; empty where there is none. */
function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found = new Set<string>();
  const finished = new Set<string>();
  const visit = (node: string, way: readonly string[]): void => {
    const start = way.indexOf(node);
    if (start >= 0) found.add([...way.slice(start), node].join(" → "));
    if (start >= 0 || finished.has(node)) return;
    for (const next of edges.get(node) ?? []) visit(next, [...way, node]);
    finished.add(node);
  };
  for (const node of edges.keys()) visit(node, []);
  return [...found];
}
