import { spawnSync } from "node:child_process";
import path from "node:path";
import { root } from "./setup/paths.mjs";

const modules = path.join(root, "node_modules");
const tsc = path.join(modules, "typescript", "bin", "tsc");

/** What `npm run check` runs, cheapest first; all of it, so that one run shows everything. */
const checks = [
  {
    name: "lint and format",
    args: [path.join(modules, "@biomejs", "biome", "bin", "biome"), "check", "--error-on-warnings"],
  },
  { name: "types", args: [tsc, "-p", "tsconfig.json"] },
  { name: "types of tools", args: [tsc, "-p", path.join("tools", "tsconfig.json")] },
];

const failed = checks.filter(({ name, args }) => {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
  process.stdout.write(`${name}: ${status === 0 ? "ok" : "failed"}\n`);
  return status !== 0;
});
process.exitCode = failed.length > 0 ? 1 : 0;
