import type { EchoResult, TcpResult } from "../../planning/paths";

/** How the only echo request of a `ping` ended, by its sign; undefined when the router sent none. */
export function echoResultOf(output: string): EchoResult | undefined {
  if (/Success rate is [1-9]\d* percent/.test(output)) return "answered";
  const [sign] = /^[!.UMQ&?CAN]$/m.exec(output) ?? [];
  if (sign === "M") return "refused";
  return sign === undefined ? undefined : "lost";
}

/** How an attempt of `telnet` ended; otherwise the router's own words. */
export function telnetResultOf(output: string): { result: TcpResult } | { words: string } {
  if (/\.\.\. ?Open\s*$/.test(output)) return { result: "open" };
  if (/% ?Connection refused by remote host/.test(output)) return { result: "refused" };
  if (/% ?Connection timed out/.test(output)) return { result: "silent" };
  if (/% ?Destination unreachable/.test(output)) return { result: "unreachable" };
  return { words: /^% ?(.*)$/m.exec(output)?.[1]?.trim() ?? output.trim() };
}

/** The interface of `show ip cef ADDRESS` through which packets leave the router; undefined without a route. */
export function egressOf(output: string): string | undefined {
  return /^\s+(?:attached to|nexthop [\d.]+) (\S+)/m.exec(output)?.[1];
}

/** The largest packet of `show ip interface`, in bytes. */
export function ipMtuOf(output: string): number | undefined {
  const [, bytes] = /^\s+MTU is (\d+) bytes/m.exec(output) ?? [];
  return bytes === undefined ? undefined : Number(bytes);
}
