import { delimiter, extname, join } from "node:path";

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

/** The command line that runs one of the network's own programs, compiled or, where this file itself is source, as source. */
export function programCommand(name: "keeper" | "relay" | "server" | "client-agent"): string[] {
  const extension = extname(__filename);
  // The lighter half of tsx, which needs no loader thread: half the start-up time of `--import tsx`.
  const loader = extension === ".ts" ? ["--require", require.resolve("tsx/cjs")] : [];
  return [process.execPath, ...loader, join(__dirname, name + extension)];
}

/** The search path for system programs: the caller's own, then the folders that only root's PATH usually has. */
export function systemPath(): string {
  return [process.env.PATH ?? "", ...SYSTEM_FOLDERS].filter((folder) => folder !== "").join(delimiter);
}

/** The whole environment of the network's processes. The caller's own is left out: it may hold secrets and `NODE_OPTIONS`. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { TMPDIR, TERM } = process.env;
  return { PATH: systemPath(), LC_ALL: "C", HOME: "/run/root", SHELL: "/bin/sh", TMPDIR, TERM };
}
