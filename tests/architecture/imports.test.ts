import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

const ROOT = resolve(__dirname, "../..");

/** One import: the file it stands in and what it names, both relative to the root where they are files. */
interface Import {
  file: string;
  target: string;
}

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !entry.name.endsWith(".test.ts"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** Whatever a file names in import, export-from, dynamic import or require. */
function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  const names = [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*|\brequire\(\s*)"([^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
  return names.map((name) => ({
    file,
    target: name.startsWith(".")
      ? relative(ROOT, resolve(ROOT, dirname(file), name))
          .split(sep)
          .join("/")
      : name,
  }));
}

const all = (folder: string) => filesBelow(folder).flatMap(importsOf);
const within = (path: string, folders: readonly string[]) =>
  folders.some((folder) => path === folder || path.startsWith(`${folder}/`));

/** Imports from `folders` (but not `except`) that name something in `forbidden`. */
function offending(folders: string[], forbidden: string[], except: string[] = []): string[] {
  return folders
    .flatMap(all)
    .filter(({ file, target }) => !within(file, except) && within(target, forbidden))
    .map(({ file, target }) => `${file} imports ${target}`);
}

describe("the arrows between the folders", () => {
  it("let only the fronts and the published classes know Pulumi", () => {
    assert.deepEqual(offending(["provider"], ["@pulumi/pulumi"], ["provider/dynamic"]), []);
    assert.notDeepEqual(offending(["provider", "sdk"], ["@pulumi/pulumi"]), [], "the imports are not read at all");
  });

  it("let no appliance's client know a resource, the join or a front", () => {
    const clients = ["provider/core", "provider/https", "provider/sps", "provider/spp", "provider/ssh"];
    const above = ["provider/resources", "provider/join", "provider/dynamic", "provider/router", "sdk"];
    assert.deepEqual(offending(clients, above), []);
    assert.deepEqual(offending(["provider/sps"], ["provider/spp"]), []);
    assert.deepEqual(
      offending(["provider/core"], ["provider/https", "provider/sps", "provider/spp", "provider/ssh"]),
      [],
    );
  });

  it("keep the planning of redirections free of input and output", () => {
    const io = [
      "node:fs",
      "node:fs/promises",
      "node:net",
      "node:tls",
      "node:child_process",
      "undici",
      "ssh2",
      "provider/ssh",
      "provider/https",
    ];
    assert.deepEqual(offending(["provider/router"], io), []);
  });

  it("let the join know no resource, and no resource a front", () => {
    assert.deepEqual(offending(["provider/join", "provider/router"], ["provider/resources", "provider/dynamic"]), []);
    assert.deepEqual(offending(["provider/resources"], ["provider/dynamic", "sdk"]), []);
  });

  it("keep the lab and the provider apart, so that both can be wrong only independently", () => {
    assert.deepEqual(offending(["lab"], ["provider", "sdk"]), []);
    assert.deepEqual(offending(["provider", "sdk"], ["lab", "tools", "tests", "benchmarks", "examples"]), []);
  });

  it("make no circle between the folders of the provider", () => {
    const folderOf = (path: string) => path.split("/").slice(0, 2).join("/");
    const arrows = new Map<string, Set<string>>();
    for (const { file, target } of all("provider")) {
      if (!target.startsWith("provider/") || folderOf(file) === folderOf(target)) continue;
      arrows.set(folderOf(file), (arrows.get(folderOf(file)) ?? new Set()).add(folderOf(target)));
    }
    const reach = (from: string, seen: string[] = []): string[] =>
      [...(arrows.get(from) ?? [])].flatMap((next) =>
        seen.includes(next) ? [[...seen, next].join(" -> ")] : reach(next, [...seen, next]),
      );
    assert.ok(arrows.size >= 5, "the imports are not read at all");
    assert.deepEqual(
      [...arrows.keys()].flatMap((folder) => reach(folder, [folder])),
      [],
    );
  });
});
