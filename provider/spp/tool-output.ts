/*
 * What the output of SPP's network tools says. It is free text whose wording the vendor does not document; that of ping and traceroute is
 * the operating system's (vendor-clients §1 D5). What is not understood is `undefined`, and a person reads the text itself.
 */

const OPEN = /\bconnected\b|\bsucce(?:ss|eded)|\bis open\b/i;
const CLOSED =
  /\b(?:could not|cannot|unable|fail(?:ed|ure)?|refused|timed? ?out|unreachable|not connected|no connection)\b/i;

/** Whether a TCP connection was opened. */
export function telnetResult(output: string): "open" | "not open" | undefined {
  if (CLOSED.test(output)) return "not open";
  return OPEN.test(output) ? "open" : undefined;
}

/**
 * How the echo requests of a ping ended: answered, refused as too big for the path, or lost. A message of a router in between begins with
 * `Reply from` too, but has no size.
 */
export function pingResult(output: string): "answered" | "refused" | "lost" | undefined {
  if (/reply from \S+ bytes=/i.test(output)) return "answered";
  if (/needs to be fragmented/i.test(output)) return "refused";
  return /timed out|unreachable|Lost = [1-9]|could not find host/i.test(output) ? "lost" : undefined;
}

/** The hops of a traceroute; `undefined` for one that does not answer. Empty where the output has none. */
export function hopsIn(output: string): (string | undefined)[] {
  return output.split("\n").flatMap((line) => {
    const [, rest] = /^\s*\d+\s+((?:[<\d]|\*).*)$/.exec(line) ?? [];
    if (rest === undefined) return [];
    const [address] = /(?:\d{1,3}\.){3}\d{1,3}/.exec(rest) ?? [];
    return [address];
  });
}

/** The IPv4 addresses of a name; undefined when the output has none. Those before the name are of the DNS server. */
export function addressesIn(output: string): string[] | undefined {
  const [, answer] = /^Name:(.*)$/ims.exec(output) ?? [];
  const found = answer?.match(/(?:\d{1,3}\.){3}\d{1,3}/g);
  return found ? [...found] : undefined;
}
