import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { stackSettingsPlace } from "./stack-settings";

/** Folders whose content follows from other files, or that a run writes itself. */
const IGNORED = new Set(["node_modules", ".git", ".pulumi", ".rollout"]);

/**
 * Whether a file holds the settings of a stack. Pulumi writes to them when it creates a stack and when a run sets the configuration of its site.
 * Each site compares its own ones before its change.
 */
function isStackSettings(folder: string): (file: string) => boolean {
  const { folder: place, extension } = stackSettingsPlace(folder);
  const prefix = join(relative(folder, place), "Pulumi.").replaceAll("\\", "/");
  return (file) => {
    const name = file.startsWith(prefix) ? file.slice(prefix.length) : "";
    return name.endsWith(extension) && name.length > extension.length && !name.includes("/");
  };
}

/** A report that a command has written into its folder under the name that it has by default, such as `branches.3.html`. */
const isReportOf = (name: string) => (file: string) =>
  file.startsWith(`${name}.`) && /^\d+\.html$/.test(file.slice(name.length + 1));

/**
 * A fingerprint of all that decides what the sites get: the given data, every file in the folder of the program but the settings of its
 * stacks and the reports of the rollout, the lockfile of its packages, and the installed version of the provider. Two fingerprints differ
 * when one of these changes; the order of properties does not matter.
 */
export function programFingerprint(folder: string, rollout: string, data: unknown): string {
  const hash = createHash("sha256").update(canonical({ data, provider: providerVersion(folder) }));
  const leftOut = [isStackSettings(folder), isReportOf(rollout)];
  for (const file of filesIn(folder, "").filter((name) => !leftOut.some((isLeftOut) => isLeftOut(name)))) {
    const content = createHash("sha256")
      .update(readFileSync(join(folder, file)))
      .digest("hex");
    hash.update(`\n${content} ${file}`);
  }
  const lockfile = nearestLockfile(folder);
  if (lockfile !== undefined) hash.update("\nlockfile ").update(readFileSync(lockfile));
  return hash.digest("hex").slice(0, 16);
}

const LOCKFILES = ["package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb"];

/** The lockfile of a program: in its folder, or of the workspace that it belongs to, up to the root of its repository. */
function nearestLockfile(folder: string): string | undefined {
  const found = LOCKFILES.map((name) => join(folder, name)).find(existsSync);
  if (found !== undefined) return found;
  const above = dirname(folder);
  return above === folder || existsSync(join(folder, ".git")) ? undefined : nearestLockfile(above);
}

/** The version of the provider that a program has installed; absent where it has none, as a program in another language. */
function providerVersion(folder: string): string | undefined {
  try {
    const manifest = createRequire(join(folder, "package.json")).resolve("pulumi-safeguard/package.json");
    return JSON.parse(readFileSync(manifest, "utf8")).version;
  } catch {
    // It is not installed there, nor in a folder above.
    return undefined;
  }
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
