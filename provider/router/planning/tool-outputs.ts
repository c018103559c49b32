import type { EchoResult } from "./paths";

/** How an echo request ended, by the English output of the ping of Linux, macOS or Windows; undefined for any other text. */
export function echoResult(output: string): EchoResult | undefined {
  if (/too long|frag(?:mented|s? needed)|needs to be fragmented/i.test(output)) return "refused";
  if (/ttl=\d/i.test(output)) return "answered";
  return /\b100(?:\.0)?% (?:packet )?loss|unreachable|no route to host/i.test(output) ? "lost" : undefined;
}

/** The hops of a `traceroute` with numeric addresses, of Linux or Cisco IOS; `undefined` for one that does not answer. */
export function tracedHops(output: string): (string | undefined)[] {
  return output.split("\n").flatMap((line) => {
    const [, rest] = /^\s*\d{1,3}\s+(\d.*|\*.*|\?.*)$/.exec(line) ?? [];
    return rest === undefined ? [] : [/^(?:[*?]\s+)*((?:\d{1,3}\.){3}\d{1,3})\b/.exec(rest)?.[1]];
  });
}
