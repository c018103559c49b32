import type { Device } from "./device";

/**
 * What the shell of expert mode prints on a gateway that is no computer: a few programs of Linux. Other lines, and those of
 * Clish, are not its own. @returns undefined for a line that it does not know
 */
export function emulatedOutput({ neighbours }: Device, line: string): string | undefined {
  if (/^unset \w+$/.test(line)) return "";
  const [, file] = /^cat (\S+)$/.exec(line) ?? [];
  if (file !== undefined) return `cat: ${file}: No such file or directory`;
  if (!/^ip -s(tat(s|istics)?)? neigh( show)?$/.test(line)) return undefined;
  // As iproute2 of kernel 3.10 prints them, without a blank at the end.
  return neighbours
    .map((one) => `${one.address} dev ${one.interface} lladdr ${one.mac} ref 1 used 12/7/5 probes 1 REACHABLE`)
    .join("\n");
}
