import type { EchoResult } from "../../spp/tool-output";

/** How an echo request ended, by the English output of the ping of Linux, macOS or Windows; undefined for any other text. */
export function echoResult(output: string): EchoResult | undefined {
  if (/too long|frag(?:mented|s? needed)|needs to be fragmented/i.test(output)) return "refused";
  if (/ttl=\d/i.test(output)) return "answered";
  return /\b100(?:\.0)?% (?:packet )?loss|unreachable|no route to host/i.test(output) ? "lost" : undefined;
}
