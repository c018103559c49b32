import { createHash } from "node:crypto";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";

/** Folders whose content follows from other files, or that a run writes itself. */
const IGNORED = new Set(["node_modules", ".git", ".pulumi", ".rollout"]);

/**
 * Settings of stacks: Pulumi writes to them when it creates a stack and when a run sets the configuration of its site. Each site compares its
 * own ones before its change.
 */
const STACK_SETTINGS = /^Pulumi\.[^/]+\.yaml$/;

/**
 * A fingerprint of all that decides what the sites get: the given data, and every file in the folder of the program but the
 * settings of its stacks. Two fingerprints differ when one of them changes; the order of properties does not matter.
 */
export function programFingerprint(folder: string, data: unknown): string {
  const hash = createHash("sha256").update(canonical(data));
  for (const file of filesIn(folder, "").filter((name) => !STACK_SETTINGS.test(name))) {
    const content = createHash("sha256")
      .update(readFileSync(join(folder, file)))
      .digest("hex");
    hash.update(`\n${content} ${file}`);
  }
  return hash.digest("hex").slice(0, 16);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  );
}

/** Follows links, except those that lead back into a folder above. */
function filesIn(folder: string, below: string, above: readonly string[] = []): string[] {
  const real = realpathSync(join(folder, below));
  if (above.includes(real)) return [];
  return readdirSync(real)
    .filter((name) => !IGNORED.has(name))
    .flatMap((name) => {
      const path = below === "" ? name : `${below}/${name}`;
      const found = statSync(join(real, name), { throwIfNoEntry: false });
      return found?.isDirectory() ? filesIn(folder, path, [...above, real]) : found?.isFile() ? [path] : [];
    })
    .sort();
}
