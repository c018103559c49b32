import path from "node:path";
import { root } from "../setup/paths.mjs";

const modules = path.join(root, "node_modules");
const tsc = path.join(modules, "typescript", "bin", "tsc");

/** What `npm run check` runs, cheapest first: the arguments for node, and for biome they apply to the working folder. */
export const checks = {
  "lint and format": [path.join(modules, "@biomejs", "biome", "bin", "biome"), "check", "--error-on-warnings"],
  types: [tsc, "-p", "tsconfig.json"],
  "types of tools": [tsc, "-p", path.join("tools", "tsconfig.json")],
};
