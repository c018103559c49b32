import { spawn } from "node:child_process";
import { constants } from "node:os";
import { LAB_FOLDER } from "./private-files";
import { cleanEnvironment } from "./programs";
import type { Place } from "./wires";

/**
 * Runs a command on one of the hosts of a network that another process holds, on this process's own terminal.
 * @param keeperPid `LabNetwork.keeperPid` of that network.
 * @returns the command's exit status, 128 plus the signal's number when a signal ended it.
 * @throws Error when nsenter cannot be started.
 */
export function execAttached(keeperPid: number, place: Place, command: readonly string[]): Promise<number> {
  const namespaces = `/proc/${keeperPid}/ns`;
  const user = process.getuid?.() === 0 ? [] : [`--user=${namespaces}/user`];
  const entered = [...user, `--mount=${namespaces}/mnt`, `--pid=${namespaces}/pid_for_children`];
  const inside = `exec ip netns exec "$(cat ${LAB_FOLDER}/name)-$0" "$@"`;
  const child = spawn("nsenter", [...entered, "--", "sh", "-c", inside, place, ...command], {
    stdio: "inherit",
    env: cleanEnvironment(),
  });
  // Ctrl-C is for the command; this process waits for what the command makes of it.
  const ignore = () => {};
  process.on("SIGINT", ignore);
  return new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  }).finally(() => process.off("SIGINT", ignore));
}
