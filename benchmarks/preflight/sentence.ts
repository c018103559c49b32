import { CHECKS } from "../../provider/join/preflight/checks";
import type { Unread } from "../../provider/join/preflight/gathering";
import { baseFacts } from "./base-facts";

/** The result of a check in one line: status, property, text, remedy and code. */
export function sentenceOf(id: string, changes: Parameters<typeof baseFacts>[0] = {}): string {
  const check = CHECKS.find((one) => one.id === id);
  if (!check) throw new Error(`there is no check ${id}`);
  const { status, text, remedy, path, code } = check.run(baseFacts(changes));
  return `${status}: ${path ? `${path}: ` : ""}${text}${remedy ? `; ${remedy}` : ""}${code ? ` [${code}]` : ""}`;
}

/** Facts that could not be read, as the gathering reports them. */
export const UNREAD = {
  later: { why: "created in this update" },
  late: { why: "time was up after 15 s", code: "time up" },
  refused: {
    ...{ why: "login refused", code: "SG1013", cause: "user admin was refused" },
    remedy: "correct username or password",
  },
  forbidden: { why: "the account may not read it", code: "SG1014", cause: "it answered 403", remedy: "give rights" },
  unreachable: { why: "not reached", code: "SG1010", cause: "nothing listens there", remedy: "correct the port" },
  unavailable: { why: "it answered 503", code: "SG1015", cause: "it answered 503", remedy: "check the node" },
  notSps: { why: "it is none", code: "SG1012", cause: "the server there is no SPS", remedy: "correct the address" },
  untrusted: { why: "its identity is not proved", code: "SG1011", cause: "it is self-signed", remedy: "give ca" },
} satisfies Record<string, Unread>;
