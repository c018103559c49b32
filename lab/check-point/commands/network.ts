import type { PacketFate } from "../../probes/packets";
import type { Device } from "../device";

/** The programs of Linux that are extended commands of Clish. Their options are those of iputils and traceroute on Gaia's kernel 3.10. */
interface Program {
  /** Options with a value; the others are flags. */
  valued: string;
  flags: string;
  usage: string;
}

const PING: Program = {
  valued: "cWMstIiw",
  flags: "nq",
  usage: `Usage: ping [-aAbBdDfhLnOqrRUvV64] [-c count] [-i interval] [-I interface]
            [-m mark] [-M pmtudisc_option] [-l preload] [-p pattern] [-Q tos]
            [-s packetsize] [-S sndbuf] [-t ttl] [-T timestamp_option]
            [-w deadline] [-W timeout] [hop1 ...] destination`,
};

const TRACEROUTE: Program = {
  valued: "qwmf",
  flags: "n",
  usage: "Usage: traceroute [ -n ] [ -f first_ttl ] [ -m max_ttl ] [ -q nqueries ] [ -w waittime ] host",
};

/** Options by their letters, and the address; text for a line that the program refuses. */
function parsed(words: readonly string[], program: string, { valued, flags, usage }: Program) {
  const options = new Map<string, string>();
  const rest = [...words];
  let address: string | undefined;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const [, letter = "", attached = ""] = /^-(.)(.*)$/.exec(word) ?? [];
    if (letter === "") address = word;
    else if (valued.includes(letter)) {
      const value = attached === "" ? rest.shift() : attached;
      if (value === undefined) return `${program}: option requires an argument -- '${letter}'\n${usage}`;
      options.set(letter, value);
    } else if (flags.includes(letter)) options.set(letter, "");
    else return `${program}: invalid option -- '${letter}'\n${usage}`;
  }
  if (address === undefined) return usage;
  if (!/^(\d{1,3}\.){3}\d{1,3}$/.test(address)) return `${program}: ${address}: Name or service not known`;
  return { options, address };
}

/** `ping`. */
export async function pingText({ effects }: Device, words: readonly string[]): Promise<string> {
  const found = parsed(words, "ping", PING);
  if (typeof found === "string") return found;
  const { options, address } = found;
  const number = (letter: string, otherwise: number) => Number(options.get(letter) ?? otherwise);
  const [count, data] = [number("c", 4), number("s", 56)];
  if (!(count >= 1)) return "ping: bad number of packets to transmit.";
  const mode = options.get("M") ?? "want";
  if (!["do", "want", "dont"].includes(mode)) return "ping: wrong value for -M: do, dont, want are valid ones.";
  const probe = { kind: "echo", address, bytes: data + 28, isWhole: mode === "do", hops: number("t", 64) } as const;
  const lines = [`PING ${address} (${address}) ${data}(${data + 28}) bytes of data.`];
  const times: number[] = [];
  let errors = 0;
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const fate = await effects.probe({ ...probe, seconds: number("W", 1) });
    const line = await pingLine(fate, sequence, data + 8, () => effects.mtuTo(address));
    if (line !== undefined) lines.push(line);
    if (fate.kind === "answered") times.push(fate.milliseconds);
    else if (line !== undefined) errors += 1;
  }
  const loss = Math.floor(((count - times.length) * 100) / count);
  const failed = errors > 0 ? ` +${errors} errors,` : "";
  return [
    ...lines,
    "",
    `--- ${address} ping statistics ---`,
    `${count} packets transmitted, ${times.length} received,${failed} ${loss}% packet loss, time ${count - 1}003ms`,
    timesText(times),
  ].join("\n");
}

/** The last line of ping: empty without an answer. */
function timesText(times: readonly number[]): string {
  if (times.length === 0) return "";
  const average = times.reduce((sum, time) => sum + time, 0) / times.length;
  const deviation = Math.sqrt(times.reduce((sum, time) => sum + (time - average) ** 2, 0) / times.length);
  const values = [Math.min(...times), average, Math.max(...times), deviation].map((value) => value.toFixed(3));
  return `rtt min/avg/max/mdev = ${values.join("/")} ms`;
}

const REASONS: Record<number, string> = { 0: "Destination Net Unreachable", 1: "Destination Host Unreachable" };

/** What ping prints of one request; undefined where nothing came back. */
async function pingLine(fate: PacketFate, sequence: number, bytes: number, ownMtu: () => Promise<number>) {
  const about = "from" in fate ? `From ${fate.from} icmp_seq=${sequence}` : "";
  if (fate.kind === "answered")
    return `${bytes} bytes from ${fate.from}: icmp_seq=${sequence} ttl=${fate.detail} time=${fate.milliseconds} ms`;
  if (fate.kind === "too-long") return `ping: local error: Message too long, mtu=${await ownMtu()}`;
  if (fate.kind === "fragmentation-needed") return `${about} Frag needed and DF set (mtu = ${fate.detail})`;
  if (fate.kind === "expired") return `${about} Time to live exceeded`;
  return fate.kind === "unreachable" ? `${about} ${REASONS[fate.detail] ?? "Packet filtered"}` : undefined;
}

/** `traceroute`, which sends UDP. */
export async function tracerouteText({ effects }: Device, words: readonly string[]): Promise<string> {
  const found = parsed(words, "traceroute", TRACEROUTE);
  if (typeof found === "string") return found;
  const { options, address } = found;
  const number = (letter: string, otherwise: number) => Number(options.get(letter) ?? otherwise);
  const [first, last, probes] = [number("f", 1), number("m", 30), number("q", 3)];
  const lines = [`traceroute to ${address} (${address}), ${last} hops max, 60 byte packets`];
  for (let hops = first; hops <= last; hops += 1) {
    let [line, shown, isEnd] = ["", "", false];
    for (let query = 0; query < probes; query += 1) {
      const probe = { kind: "datagram", address, bytes: 60, isWhole: false, hops, seconds: number("w", 5) } as const;
      const fate = await effects.probe(probe);
      isEnd ||= fate.kind === "answered" || fate.kind === "unreachable";
      if (!("from" in fate)) {
        line += " *";
        continue;
      }
      if (fate.from !== shown) line += ` ${options.has("n") ? "" : `${fate.from} `}${hostText(fate.from, options)}`;
      shown = fate.from;
      line += `  ${fate.milliseconds}.000 ms${fate.kind === "unreachable" ? ` ${MARKS[fate.detail] ?? "!X"}` : ""}`;
    }
    lines.push(`${String(hops).padStart(2)} ${line}`);
    if (isEnd) break;
  }
  return lines.join("\n");
}

const MARKS: Record<number, string> = { 0: "!N", 1: "!H", 2: "!P" };

/** Without names, the address in brackets follows itself. */
const hostText = (from: string, options: ReadonlyMap<string, string>) => (options.has("n") ? from : `(${from})`);
