import { delimiter, extname, join } from "node:path";

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin"];

/** The command line of one of the network's own programs: compiled, or TypeScript when this file runs as TypeScript. */
export function programCommand(name: "keeper" | "relay" | "server" | "client-agent"): string[] {
  const extension = extname(__filename);
  // tsx/cjs needs no loader thread and starts twice as fast as `--import tsx`.
  const loader = extension === ".ts" ? ["--require", require.resolve("tsx/cjs")] : [];
  return [process.execPath, ...loader, join(__dirname, name + extension)];
}

/** The search path for system programs: PATH, then the folders that usually only root has on PATH. */
export function systemPath(): string {
  return [process.env.PATH ?? "", ...SYSTEM_FOLDERS].filter((folder) => folder !== "").join(delimiter);
}

/** The environment of the network's processes. Other variables may contain secrets or `NODE_OPTIONS` and are left out. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const { TMPDIR, TERM } = process.env;
  return { PATH: systemPath(), LC_ALL: "C", HOME: "/run/root", SHELL: "/bin/sh", TMPDIR, TERM };
}
