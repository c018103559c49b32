import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const ROOT = path.resolve(__dirname, "../..");
const PROGRAM = process.platform === "win32" ? "pulumi.exe" : "pulumi";

/** The folders in which the programs lie that Pulumi's engine needs, or why there is no engine. */
export type Cli = { folders: string[] } | { reason: string };

/**
 * Finds the Pulumi CLI: on PATH, as `npm test` arranges it, else in the folder where the set-up keeps the version that
 * this project pins. npm's launchers are passed over, because they fetch a CLI into whatever home they are given.
 */
export function findCli(): Cli {
  const onPath = (process.env.PATH ?? "").split(path.delimiter).filter((folder) => !folder.includes("node_modules"));
  const folder = [...onPath, pinnedFolder()].find((candidate) => isProgram(path.join(candidate, PROGRAM)));
  if (folder === undefined) {
    const reason = `there is no Pulumi CLI on PATH, nor in ${pinnedFolder()}; npm test gets one`;
    return { reason };
  }
  // The script that starts Pulumi's process for dynamic providers comes with the npm package.
  return { folders: [folder, path.join(ROOT, "node_modules/@pulumi/pulumi")] };
}

function pinnedFolder(): string {
  const module = fs.readFileSync(path.join(ROOT, "tools/pulumi-cli/go.mod"), "utf8");
  const version = /github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(module)?.[1] ?? "none";
  const home = process.env.PULUMI_HOME || path.join(os.homedir(), ".pulumi");
  return path.join(home, "versions", version, "bin");
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
