import { existsSync, readFileSync, rmSync } from "node:fs";

/** One start of the CLI, with its times in milliseconds since 1970. One that was killed has no end. */
export interface CliCall {
  command: string;
  /** Empty for commands that are about none. */
  stack: string;
  beginAt: number;
  endAt?: number;
}

/** Lines of bash that note begin and end of a call of the CLI in a file, and set `command` and `stack`. */
export const notingCalls = (file: string) => `command=$1
args=("$@")
for n in "\${!args[@]}"; do
  case \${args[n]} in --stack) stack=\${args[n + 1]} ;; esac
done
note() { echo "$1 $$ \${EPOCHREALTIME/[^0-9]/} $command $stack" >> '${file}'; }
note begin
trap 'note end' EXIT
`;

/** The calls that were noted in a file since the last time that this was asked. */
export function takeCalls(file: string): CliCall[] {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  rmSync(file, { force: true });
  const calls = new Map<string, CliCall>();
  for (const line of lines) {
    const [what, pid = "", microseconds, command = "", stack = ""] = line.split(" ");
    const at = Number(microseconds) / 1000;
    const call = calls.get(pid);
    if (what === "begin") calls.set(pid, { command, stack, beginAt: at });
    else if (call) call.endAt = at;
  }
  return [...calls.values()];
}
