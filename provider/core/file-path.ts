import { homedir } from "node:os";
import { join } from "node:path";

/**
 * The path of a file that a program names, with `~` for the home directory, which otherwise only shells know.
 * @throws TypeError for the home directory of another user
 */
export function filePath(given: string): string {
  if (!given.startsWith("~")) return given;
  const [, user, rest = ""] = /^~([^/\\]*)[/\\]?(.*)$/s.exec(given) ?? [];
  if (user === "") return join(homedir(), rest);
  throw new TypeError(`~${user} is known to shells only; write the whole path`);
}
