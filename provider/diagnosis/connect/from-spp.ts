import { isIP } from "node:net";
import type { Transport } from "../../https/transport";
import { type Gathering, isRead, type Unread } from "../../join/preflight/gathering";
import { largestPacket } from "../../router/planning/packet-size";
import { ECHO_HEADER_BYTES, type EchoResult } from "../../router/planning/paths";
import { type NetworkTool, runNetworkTool } from "../../spp/network-tools";
import { addressesIn, hopsIn, pingResult, telnetResult } from "../../spp/tool-output";
import type { Destination, PathFacts, TcpTest, Viewpoint } from "./facts";

const ATTEMPT_MILLISECONDS = 3000;
const ECHO_MILLISECONDS = 1500;
const HOPS = 10;
/** Three attempts for each hop. */
const TRACE_SECONDS = 40;

/** Runs one tool of SPP against an address. */
export type RunTool = (address: string, tool: NetworkTool, answerSeconds?: number) => Promise<string>;

/** The tools of one SPP. */
export function toolsOf(transport: Transport, userToken: string): RunTool {
  return (address, tool, answerSeconds) => runNetworkTool(transport, userToken, address, tool, answerSeconds);
}

/** What SPP finds of an SPS node. More is asked only where the port that it needs is not open. */
export async function pathFromSpp(
  from: Viewpoint,
  to: Destination,
  { needed, other }: { needed: number; other: number },
  run: RunTool,
  gathering: Gathering,
): Promise<PathFacts> {
  const { address } = to;
  const name = isIP(address) ? undefined : await gathering.fact(() => lookUp(run, address));
  const first = await tcp(run, address, needed, gathering);
  const isOpen = isRead(first.result) && first.result.value === "open";
  const others = isOpen ? [] : [await tcp(run, address, other, gathering)];
  const packets = await gathering.fact(() => largestPacket((bytes) => echo(run, address, bytes)));
  const hops = isOpen ? undefined : await gathering.fact(() => trace(run, address));
  return {
    ...{ from, to, tcp: [{ ...first, need: "all" }, ...others], packets },
    ...(name && { name }),
    ...(hops && { hops }),
  };
}

/** The same where SPP was not asked. */
export function unaskedPath(from: Viewpoint, to: Destination, port: number, why: Unread): PathFacts {
  const tcp: TcpTest[] = [{ port, need: "all", result: why }];
  return { from, to, tcp, packets: why, ...(!isIP(to.address) && { name: why }) };
}

async function tcp(run: RunTool, address: string, port: number, gathering: Gathering): Promise<TcpTest> {
  let said = "";
  const result: TcpTest["result"] = await gathering.fact(async () => {
    said = await run(address, { name: "Telnet", options: { Port: port, MillisecondTimeout: ATTEMPT_MILLISECONDS } });
    const understood = telnetResult(said);
    if (understood) return understood;
    throw new Error("the answer of SPP is not understood");
  });
  return { port, result, ...(said !== "" && { said: said.replace(/\s+/g, " ").trim() }) };
}

async function lookUp(run: RunTool, address: string): Promise<string[]> {
  const found = addressesIn(await run(address, { name: "Nslookup", options: { RecordType: "A" } }));
  if (found) return found;
  throw new Error("SPP does not know the name");
}

/** The result of one echo request. */
async function echo(run: RunTool, address: string, bytes: number): Promise<EchoResult> {
  const options = {
    NumberEchoRequests: 1,
    BufferSize: bytes - ECHO_HEADER_BYTES,
    DontFragmentFlag: true,
    MillisecondTimeout: ECHO_MILLISECONDS,
  };
  const result = pingResult(await run(address, { name: "Ping", options }));
  if (result) return result;
  throw new Error("the answer of SPP is not understood");
}

async function trace(run: RunTool, address: string): Promise<(string | undefined)[]> {
  const options = { CountHops: HOPS, MillisecondTimeout: 1000, ResolveAddressesToHostnames: false };
  const hops = hopsIn(await run(address, { name: "Traceroute", options }, TRACE_SECONDS));
  if (hops.length > 0) return hops;
  throw new Error("the answer of SPP is not understood");
}
