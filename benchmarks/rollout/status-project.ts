import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { DatabaseLocation } from "../../rollout/database/database";

const ROOT = resolve(__dirname, "../..");
/** Below this folder the package for rollouts finds its own packages. */
const WORKSPACE = join(ROOT, "tests/engine/workspace");

/** A folder for a rollout.yaml, in which `pulumi-safeguard rollout` runs as users have it: compiled, in a process of its own. */
export class StatusProject {
  readonly folder: string;
  private readonly options: string[];

  /** Compiles the package for rollouts into the folder; not into its own, because that makes it an installed one. */
  constructor(database: DatabaseLocation) {
    mkdirSync(WORKSPACE, { recursive: true });
    this.folder = mkdtempSync(join(WORKSPACE, "reading-"));
    const installed = join(this.folder, "node_modules/pulumi-safeguard-rollout");
    mkdirSync(installed, { recursive: true });
    copyFileSync(join(ROOT, "rollout/package.json"), join(installed, "package.json"));
    const settings = ["-p", join(ROOT, "rollout/tsconfig.build.json"), "--outDir", join(installed, "dist")];
    execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), ...settings], { stdio: "inherit" });
    if ("folder" in database) symlinkSync(database.folder, join(this.folder, ".rollout"));
    this.options = "url" in database ? ["--database", database.url] : [];
  }

  /** Runs `pulumi-safeguard rollout status`, and gives what it prints. @throws Error when it fails */
  async status(): Promise<string> {
    const args = [join(ROOT, "dist/cli/bin.js"), "rollout", "status", ...this.options];
    return (await promisify(execFile)(process.execPath, args, { cwd: this.folder })).stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
