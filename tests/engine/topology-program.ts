import { writeFileSync } from "node:fs";
import path from "node:path";
import type { ApplianceDescription } from "../../lab/common/description";

/** A connection as safeguard.yaml has it, with its password in a file of the folder. */
export function written(
  folder: string,
  name: "sps" | "spp",
  { address, port, username, password, caFile }: ApplianceDescription,
) {
  writeFileSync(path.join(folder, `${name}-password`), password);
  return { address, port, username, passwordFile: `${name}-password`, caFile };
}

/** A program with absolute paths: the provider looks for files of secrets below its own folder. */
export function inFolder(program: string, folder: string): string {
  const at = (name: string) => JSON.stringify(path.resolve(folder, name));
  return program
    .replaceAll(/"((?:sps|spp)-password|router-secret)"/g, (_, name) => at(name))
    .replaceAll(/readFileSync\("([^"]+)"/g, (_, name) => `readFileSync(${at(name)}`);
}
