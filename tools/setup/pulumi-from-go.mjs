import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { runChild, whyItFailed } from "./child.mjs";
import { findGo } from "./go-toolchain.mjs";
import { duration, shortPath } from "./output.mjs";
import { cliProgram, programFolder, requiredPrograms, versionsFolder } from "./pulumi-places.mjs";

const LIMIT_SECONDS = 2700;
const FIRST_ANSWER_SECONDS = 180;
const PROGRESS_MILLISECONDS = 20_000;
/** How many modules are fetched at once. */
const FETCHES = 16;
/**
 * Compiles the clients of clouds and of OpenAPI documents without inlining, which takes half the time. The lab never runs
 * them, but leaving them out would need changes to Pulumi's source.
 */
const UNUSED_PARTS = [
  "github.com/pb33f/libopenapi/...",
  "github.com/aws/...",
  "github.com/Azure/...",
  "cloud.google.com/...",
  "google.golang.org/api/...",
  "github.com/envoyproxy/...",
].map((packages) => `-gcflags=${packages}=-l`);
/** Duration of the build on one core. */
const BUILD_CORE_MINUTES = 14;
const CLI_MODULE = "github.com/pulumi/pulumi/pkg/v3";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/**
 * The CLI version in tools/pulumi-cli/go.mod.
 *
 * @param {string} root
 * @returns {string}
 */
export function pinnedVersion(root) {
  return requiredVersion(path.join(root, "tools", "pulumi-cli"), CLI_MODULE);
}

/**
 * Builds the CLI and the language host for Node from the Go module proxy, in the versions of the two go.mod files, and adds
 * the launcher of dynamic providers. Works in a temporary folder and moves the programs at the end, the CLI last, so that
 * an interrupted build leaves nothing behind. The caller holds the lock.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @param {import("./output.mjs").Output} output
 * @returns {Promise<string>} why it failed, in one line; empty on success
 */
export async function buildWithGo(root, env, output) {
  const version = pinnedVersion(root);
  const destination = programFolder(env, version);
  const versions = versionsFolder(env);
  removeLeftovers(versions);
  const work = fs.mkdtempSync(path.join(versions, ".building-"));
  try {
    const [cliFolder, hostFolder] = ["pulumi-cli", "pulumi-language-nodejs"].map((name) =>
      path.join(root, "tools", name),
    );
    const go = await findGo(cliFolder, env, output, path.join(work, "toolchain"));
    if ("problem" in go) return go.problem;
    announce(output, version, destination);
    fs.mkdirSync(path.join(work, "bin"));
    const start = Date.now();
    const [cli, languageHost] = requiredPrograms.map((name) => path.join(work, "bin", name));
    const problem =
      (await compile(go, output, { folder: cliFolder, result: cli, version })) ||
      (await compile(go, output, { folder: hostFolder, result: languageHost })) ||
      (await checkVersion(cli, version, env));
    if (problem) return problem;
    copyLauncher(root, path.join(work, "bin"));
    fs.mkdirSync(destination, { recursive: true });
    const programs = fs.readdirSync(path.join(work, "bin"));
    programs.sort((a, b) => Number(a === cliProgram) - Number(b === cliProgram));
    for (const name of programs) fs.renameSync(path.join(work, "bin", name), path.join(destination, name));
    output.say("pulumi CLI", `built in ${duration(Date.now() - start)}`);
    return "";
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Says what the long build does, and which command would spare it.
 *
 * @param {import("./output.mjs").Output} output
 * @param {string} version
 * @param {string} destination
 */
function announce(output, version, destination) {
  const minutes = Math.ceil(BUILD_CORE_MINUTES / os.availableParallelism());
  const install = process.platform === "win32" ? "winget install pulumi" : "curl -fsSL https://get.pulumi.com | sh";
  output.say(
    "pulumi CLI",
    `building ${version} from the Go module proxy into ${shortPath(destination)} (once; about ${minutes} min)`,
  );
  output.say("pulumi CLI", `  to skip the build, interrupt it and install the official CLI: ${install}`);
}

/**
 * Builds the tool of a folder's go.mod. Fetches all modules first, many at a time: `go build` would fetch only as many at
 * once as there are processors.
 *
 * @param {import("./go-toolchain.mjs").Go} go
 * @param {import("./output.mjs").Output} output
 * @param {{folder: string, result: string, version?: string}} target `version` is the one that the program reports
 */
async function compile({ go, env }, output, { folder, result, version }) {
  const tool = /^tool\s+(\S+)/m.exec(fs.readFileSync(path.join(folder, "go.mod"), "utf8"))?.[1] ?? "";
  const module = tool.includes("/pkg/v3/") ? CLI_MODULE : "github.com/pulumi/pulumi/sdk/v3";
  const reported = version ?? requiredVersion(folder, module);
  const common = ["-mod=readonly", "-tags", "osusergo,grpcnotrace"];
  const flags = ["-trimpath", ...UNUSED_PARTS, "-ldflags", `-s -w -X ${VERSION_VARIABLE}=v${reported}`];
  const start = Date.now();
  const counts = { downloaded: 0, compiled: 0 };
  const progress = setInterval(() => {
    const elapsed = duration(Date.now() - start);
    output.say(
      "pulumi CLI",
      `  ${elapsed}: ${counts.downloaded} modules downloaded, ${counts.compiled} packages compiled`,
    );
  }, PROGRESS_MILLISECONDS);
  /** @type {import("./child.mjs").ChildOptions} */
  const options = {
    cwd: folder,
    env: { ...env, CGO_ENABLED: "0", GOWORK: "off" },
    limitSeconds: LIMIT_SECONDS,
    onLine: (line) => {
      if (line.startsWith("go: downloading ")) counts.downloaded += 1;
      else if (/^[\w.-]+(\/[\w.~-]+)*$/.test(line)) counts.compiled += 1;
    },
  };
  try {
    /** @type {import("./child.mjs").ChildOptions} */
    const fetch = {
      ...options,
      env: { ...options.env, GOMAXPROCS: String(FETCHES) },
      firstAnswer: { stream: "stderr", limitSeconds: FIRST_ANSWER_SECONDS },
    };
    const fetched = await runChild(go, ["list", "-deps", "-f", '{{""}}', ...common, tool], fetch);
    if (!fetched.ok) return `go list ${path.basename(tool)}: ${whyItFailed(fetched)}`;
    const build = { ...options, env: { ...options.env, ...compilerMemory() } };
    const built = await runChild(go, ["build", "-v", ...common, ...flags, "-o", result, tool], build);
    return built.ok ? "" : `go build ${path.basename(tool)}: ${whyItFailed(built)}`;
  } finally {
    clearInterval(progress);
  }
}

/** Without garbage collection the compiler takes a third less time, and up to 2 GiB for each package. */
function compilerMemory() {
  const isEnough = os.totalmem() / os.availableParallelism() >= 3 * 2 ** 30;
  return isEnough ? { GOGC: "off", GOMEMLIMIT: "2GiB" } : {};
}

/**
 * @param {string} cli
 * @param {string} version
 * @param {NodeJS.ProcessEnv} env
 */
async function checkVersion(cli, version, env) {
  const ending = await runChild(cli, ["version"], {
    env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    limitSeconds: 60,
  });
  if (!ending.ok) return `the built CLI does not run: ${whyItFailed(ending)}`;
  const reported = ending.stdout.trim();
  return reported === `v${version}` ? "" : `the built CLI reports version ${reported || "(none)"}, not v${version}`;
}

/**
 * Copies the script with which the CLI starts dynamic providers, as in an official CLI.
 *
 * @param {string} root
 * @param {string} folder
 */
function copyLauncher(root, folder) {
  const name = `pulumi-resource-pulumi-nodejs${process.platform === "win32" ? ".cmd" : ""}`;
  const copy = path.join(folder, name);
  fs.copyFileSync(path.join(root, "node_modules", "@pulumi", "pulumi", name), copy);
  fs.chmodSync(copy, 0o755);
}

/**
 * Removes the temporary folders of killed builds and downloads. The caller holds the lock.
 *
 * @param {string} versions
 */
function removeLeftovers(versions) {
  fs.mkdirSync(versions, { recursive: true });
  for (const name of fs.readdirSync(versions)) {
    if (/^\.(building|downloading)-/.test(name)) fs.rmSync(path.join(versions, name), { recursive: true, force: true });
  }
}

/**
 * @param {string} folder of a go.mod
 * @param {string} module
 */
function requiredVersion(folder, module) {
  const lines = fs.readFileSync(path.join(folder, "go.mod"), "utf8").split("\n");
  const line = lines.find((text) => text.trim().startsWith(`${module} v`)) ?? "";
  return line.trim().split(/\s+/)[1]?.replace(/^v/, "") ?? "";
}
