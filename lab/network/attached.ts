import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";
import { LAB_FOLDER } from "./private-files";
import { cleanEnvironment } from "./programs";
import type { Host } from "./topology";

/**
 * Starts a command on a host of a network, inside of the namespaces that the network's keeper holds. What it mounts stays
 * there until the end of the network only with `host` undefined.
 */
export function spawnAttached(
  keeperPid: number,
  host: Host | undefined,
  command: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  const namespaces = `/proc/${keeperPid}/ns`;
  const user = process.getuid?.() === 0 ? [] : [`--user=${namespaces}/user`];
  const entered = [...user, `--mount=${namespaces}/mnt`, `--pid=${namespaces}/pid_for_children`];
  const inside = `exec ip netns exec "$(cat ${LAB_FOLDER}/name)-$0" "$@"`;
  const started = host === undefined ? command : ["sh", "-c", inside, host, ...command];
  return spawn("nsenter", [...entered, "--", ...started], { env: cleanEnvironment(), ...options });
}

/**
 * Runs a command on a host of another process's network, on the terminal of this process.
 * @param keeperPid `LabNetwork.keeperPid` of that network.
 * @returns the exit status of the command, or 128 plus the signal number.
 * @throws Error when nsenter cannot be started.
 */
export function execAttached(keeperPid: number, host: Host, command: readonly string[]): Promise<number> {
  const child = spawnAttached(keeperPid, host, command, { stdio: "inherit" });
  // Ctrl-C is meant for the command; this process waits for its exit status.
  const ignore = () => {
    // See above.
  };
  process.on("SIGINT", ignore);
  return endOf(child).finally(() => process.off("SIGINT", ignore));
}

/** The exit status of a command, or 128 plus the signal number. @throws Error when it cannot be started */
export function endOf(child: ChildProcess): Promise<number> {
  return new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
