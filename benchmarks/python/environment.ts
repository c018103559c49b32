import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const CACHE = resolve(__dirname, "../../node_modules/.cache/pulumi-safeguard");
const INSTALL_LIMIT_SECONDS = 600;

/** A Python environment for programs of others, which benchmarks run beside the product or against the lab. */
export interface PythonEnvironment {
  /** Folder of its programs. */
  bin: string;
  /** Why it could not be installed; undefined when it is there. */
  problem: string | undefined;
}

/** Where the programs of an environment are, once it is installed. */
export function binOf(name: string): string {
  return join(CACHE, name, "bin");
}

/**
 * Installs packages from the Python package index into an environment of their own, unless they are installed. Those of
 * `alone` come without what they depend on: their limits would take older packages than `packages` names.
 */
export function installPackages(
  name: string,
  packages: readonly string[],
  alone: readonly string[] = [],
): PythonEnvironment {
  const home = join(CACHE, name);
  const bin = binOf(name);
  const marker = join(home, "installed");
  const wanted = [...packages, ...alone].join("\n");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return { bin, problem: undefined };
  mkdirSync(CACHE, { recursive: true });
  const install = [join(bin, "pip"), "install", "--quiet", "--disable-pip-version-check"];
  for (const [command = "", ...args] of [
    ["python3", "-m", "venv", home],
    [...install, ...packages],
    ...(alone.length > 0 ? [[...install, "--no-deps", ...alone]] : []),
  ]) {
    const { error, status, stderr } = spawnSync(command, args, {
      encoding: "utf8",
      timeout: INSTALL_LIMIT_SECONDS * 1000,
    });
    const last = stderr?.trim().split("\n").at(-1);
    const reason = `${command} ${args[0]}: ${error?.message || last || `status ${status}`}`;
    if (error || status !== 0) return { bin, problem: reason };
  }
  writeFileSync(marker, wanted);
  return { bin, problem: undefined };
}
