import { existsSync } from "node:fs";

const BUSYBOX = ["/usr/bin/busybox", "/bin/busybox"].find((file) => existsSync(file));

/** Each shell with what makes it use the awk that goes with it. */
export const SHELLS: [string, string[], string][] = [["sh", ["sh"], ""]];
if (BUSYBOX) {
  const tools = ["awk", "grep", "sort", "head"].map((tool) => `${tool}() { ${BUSYBOX} ${tool} "$@"; }`).join("\n");
  SHELLS.push(["busybox", [BUSYBOX, "ash"], tools]);
}

/** A line of `conntrack -L`. */
export function line(
  from: number,
  parts: { to?: number; client?: string; server?: string; mark?: number; isAnswered?: boolean } = {},
): string {
  const { to = 3389, client = "192.168.50.10", server = "10.0.0.5", mark = 2, isAnswered = true } = parts;
  const [state, unreplied, assured] = isAnswered ? ["ESTABLISHED", "", "[ASSURED] "] : ["SYN_SENT", "[UNREPLIED] ", ""];
  const there = `src=${client} dst=${server} sport=${from} dport=${to}`;
  const back = `src=${server} dst=${client} sport=${to} dport=${from}`;
  return `tcp      6 431999 ${state} ${there} ${unreplied}${back} ${assured}mark=${mark} use=1`;
}
