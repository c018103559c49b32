import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of this package. The sources and the compiled files lie at different depths below it. */
export function packageFolder(folder = __dirname): string {
  return existsSync(join(folder, "package.json")) ? folder : packageFolder(dirname(folder));
}
