import type { PacketFate } from "../../../probes/packets";
import type { DeviceEffects } from "../../device";
import { BAD_NAME } from "../../modes/context";
import { findInterface } from "../../modes/interface";
import { longestMatch, routingTable } from "../../routing/routing-table";
import type { ExecCommand, ExecSession } from "../session";
import { optionsOf } from "./options";

/**
 * `ping` and `traceroute` in one line, as documented in the command references of IOS; their dialogues are not served. Options
 * stand in any order.
 */
export const PROBE_COMMANDS: readonly ExecCommand[] = probeCommands("ping", ping);

export const TRACE_COMMANDS: readonly ExecCommand[] = probeCommands("traceroute", traceroute);

type Probe = (session: ExecSession, values: string[], effects?: ProbeEffects) => Promise<string>;
type ProbeEffects = Pick<DeviceEffects, "probe">;

function probeCommands(name: string, run: Probe): ExecCommand[] {
  return ["", " ip"].flatMap((family) => [
    { pattern: `${name}${family} <ipv4>`, run },
    { pattern: `${name}${family} <ipv4> <words>`, run },
    ...["", " <words>"].map((options) => ({
      pattern: `${name} vrf <name>${family} <ipv4>${options}`,
      run: inVrf(run),
    })),
  ]);
}

/** The kernel of the lab has no VRFs: what the table of the VRF leads to is asked there, and nothing else answers. */
function inVrf(run: Probe): ExecCommand["run"] {
  return async (session, [vrf = "", address = "", ...options]) => {
    const { running, monitor, effects } = session.device;
    if (!running.vrfs.some(({ name }) => name === vrf)) return `% VRF ${vrf} does not exist`;
    const table = routingTable(running, (track) => monitor.isUp(track), vrf);
    const isRouted = longestMatch(address, table) !== undefined;
    return await run(session, [address, ...options], isRouted ? effects : SILENT);
  };
}

const SILENT: ProbeEffects = { probe: async () => ({ kind: "lost" }) };

/** The address that stands for the source of packets: itself, or that of an interface; undefined when there is none. */
function sourceAddress({ device }: ExecSession, source: string): string | undefined {
  const { interfaces } = device.running;
  if (/^\d/.test(source)) return interfaces.find(({ address }) => address?.address === source)?.address?.address;
  return findInterface(device.running, source)?.address?.address;
}

const INVALID_SOURCE = "% Invalid source address- IP address not on any of our up interfaces";

/** The sign of a request, as the legend of `ping` has it. A packet that the own interface cannot carry has no answer. */
function signOf(fate: PacketFate): string {
  if (fate.kind === "answered") return "!";
  if (fate.kind === "expired") return "&";
  if (fate.kind === "unreachable") return "U";
  return fate.kind === "fragmentation-needed" ? "M" : ".";
}

async function ping(
  session: ExecSession,
  [address = "", ...words]: string[],
  effects: ProbeEffects = session.device.effects,
): Promise<string> {
  const options = optionsOf(words, {
    repeat: [1, 2147483647],
    size: [36, 18024],
    timeout: [0, 3600],
    "df-bit": "flag",
    source: "word",
  });
  if (!options) return BAD_NAME;
  const number = (keyword: string, otherwise: number) => Number(options.get(keyword)?.[0] ?? otherwise);
  const [repeat, size, timeout] = [number("repeat", 5), number("size", 100), number("timeout", 2)];
  const [typed] = options.get("source") ?? [];
  const source = typed === undefined ? undefined : sourceAddress(session, typed);
  if (typed !== undefined && source === undefined) return INVALID_SOURCE;
  const isWhole = options.has("df-bit");
  session.print("Type escape sequence to abort.\n");
  session.print(`Sending ${repeat}, ${size}-byte ICMP Echos to ${address}, timeout is ${timeout} seconds:\n`);
  if (source !== undefined) session.print(`Packet sent with a source address of ${source} \n`);
  if (isWhole) session.print("Packet sent with the DF bit set\n");
  const times: number[] = [];
  let sent = 0;
  await session.untilEscape(async (interrupt) => {
    for (; sent < repeat && !interrupt.aborted; sent += 1) {
      const probe = { kind: "echo", address, bytes: size, isWhole, hops: 255, seconds: timeout } as const;
      const fate = await effects.probe(probe);
      if (fate.kind === "answered") times.push(fate.milliseconds);
      session.print(signOf(fate));
    }
  });
  const rate = Math.floor((times.length * 100) / Math.max(sent, 1));
  const average = Math.round(times.reduce((sum, one) => sum + one, 0) / Math.max(times.length, 1));
  const trip =
    times.length > 0 ? `, round-trip min/avg/max = ${Math.min(...times)}/${average}/${Math.max(...times)} ms` : "";
  return `\nSuccess rate is ${rate} percent (${times.length}/${sent})${trip}`;
}

/** Codes of ICMP messages by what a traceroute prints behind an address. */
const UNREACHABLE: Record<number, string> = { 0: "!N", 1: "!H", 2: "!P", 3: "", 9: "!A", 10: "!A", 13: "!A" };

async function traceroute(
  session: ExecSession,
  [address = "", ...words]: string[],
  effects: ProbeEffects = session.device.effects,
): Promise<string> {
  const options = optionsOf(words, {
    numeric: "flag",
    timeout: [0, 3600],
    probe: [1, 65535],
    ttl: "range",
    source: "word",
  });
  if (!options) return BAD_NAME;
  const number = (keyword: string, otherwise: number) => Number(options.get(keyword)?.[0] ?? otherwise);
  const [first, last] = (options.get("ttl") ?? ["1", "30"]).map(Number);
  const [probes, timeout] = [number("probe", 3), number("timeout", 3)];
  session.print("Type escape sequence to abort.\n");
  session.print(`Tracing the route to ${address}\nVRF info: (vrf in name/id, vrf out name/id)\n`);
  await session.untilEscape(async (interrupt) => {
    for (let hops = Math.max(first ?? 1, 1); hops <= (last ?? 30) && !interrupt.aborted; hops += 1) {
      session.print(`${String(hops).padStart(3)} `);
      let isEnd = false;
      let shown: string | undefined;
      for (let probe = 0; probe < probes && !interrupt.aborted; probe += 1) {
        const packet = { kind: "datagram", address, bytes: 60, isWhole: false, hops, seconds: timeout } as const;
        const fate = await effects.probe(packet);
        isEnd ||= fate.kind === "answered" || fate.kind === "unreachable";
        const from = "from" in fate ? fate.from : undefined;
        if (from !== undefined && from !== shown) session.print(shown === undefined ? `${from} ` : `\n    ${from} `);
        shown = from ?? shown;
        session.print(fate.kind === "unreachable" ? `${UNREACHABLE[fate.detail] || "!U"} ` : timeOf(fate));
      }
      session.print("\n");
      if (isEnd) return;
    }
  });
  return "";
}

const timeOf = (fate: PacketFate) => ("milliseconds" in fate ? `${fate.milliseconds} msec ` : " * ");
