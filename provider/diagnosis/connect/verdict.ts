import { SPS_PORT } from "../../join/preflight/facts";
import { type Fact, isRead, valueIfRead } from "../../join/preflight/gathering";
import { causesOfCertificates } from "./certificates";
import type { Cause, ConnectFacts, PathFacts, TcpResult, TcpTest } from "./facts";

/** What is wrong with the network between the parts of a site, the first to look at on top. Pure: it evaluates nothing but these facts. */
export function causesOf(facts: ConnectFacts): Cause[] {
  const found = [
    ...facts.paths.flatMap((path) => closedTests(path).flatMap((test) => causeOfClosed(path, test, facts))),
    ...facts.paths.flatMap(causeOfNames(facts)),
    ...facts.paths.flatMap(causeOfPackets),
    ...causesOfCertificates(facts),
  ];
  const keys = found.map(({ code, object, step, text }) => JSON.stringify([code, object, step, text]));
  return found.filter((_, index) => keys.indexOf(keys[index] ?? "") === index);
}

/** Whether a port that is needed is known not to be open. */
export function isClosed(test: TcpTest, path: PathFacts): boolean {
  return closedTests(path).includes(test);
}

/** The needed ports that are not open; of ports of which one is enough, the first, and only when none is open or unknown. */
function closedTests({ tcp }: PathFacts): TcpTest[] {
  const isShut = ({ result }: TcpTest) => isRead(result) && result.value !== "open";
  const choice = tcp.filter(({ need }) => need === "one-of");
  return [
    ...tcp.filter((test) => test.need === "all" && isShut(test)),
    ...(choice.every(isShut) ? choice.slice(0, 1) : []),
  ];
}

/** A needed port that is not open: what the other viewpoints, the appliance's own word and the route say of it. */
function causeOfClosed(path: PathFacts, { port, result: fact }: TcpTest, facts: ConnectFacts): Cause[] {
  const result = valueIfRead(fact);
  if (result === undefined) return [];
  const { from, to } = path;
  const about = { object: from.object, step: `connect to ${to.object}, port ${port}` };
  const firewall = (text: string): Cause => ({ ...about, code: "SG2512", text, remedy: allow(path, port) });
  const own = clusterInterfaceText(path, port, facts);
  if (own !== undefined) return [{ ...about, code: "SG2511", text: own, remedy: CLUSTER_REMEDY }];
  const elsewhere = facts.paths.filter((other) => other !== path && other.to.address === to.address);
  const opening = elsewhere.find((other) => resultAt(other, port) === "open");
  const end = lastHop(path);
  const listens = port === SPS_PORT && to.address === facts.centralAddress && listenAddress(facts) !== undefined;
  if ((opening || listens) && end !== undefined && isCutOff(path, port)) {
    const proof = opening
      ? `the port is open from ${opening.from.object}`
      : "the cluster interface of SPS listens there";
    const text = `no port and no ping gets an answer, the route ends after ${end}, and ${proof}`;
    return [{ ...about, code: "SG2513", text, remedy: endRemedy(end) }];
  }
  if (opening) {
    const text = `${RESULT_TEXT[result]}, and the same port is open from ${opening.from.object}${endText(path)}`;
    return [firewall(text)];
  }
  const refusing = result === "refused" ? path : elsewhere.find((other) => resultAt(other, port) === "refused");
  if (refusing) {
    if (listens) return [firewall(`${RESULT_TEXT[result]}, although the cluster interface of SPS listens there`)];
    const text = `the connection ${refusing === path ? "is" : `from ${refusing.from.object} is`} refused, so nothing listens there`;
    const remedy = port === SPS_PORT ? CLUSTER_REMEDY : refusedRemedy(path, port);
    return [{ ...about, code: "SG2511", text, ...(remedy !== undefined && { remedy }) }];
  }
  const answers = answering(path, port);
  if (answers !== undefined) return [firewall(`${RESULT_TEXT[result]}, although ${to.object} ${answers}`)];
  if (end !== undefined) {
    const text = `${RESULT_TEXT[result]}, and the route ends after ${end}`;
    return [{ ...about, code: "SG2513", text, remedy: endRemedy(end) }];
  }
  const text =
    elsewhere.length > 0 ? `${RESULT_TEXT[result]}, and no other part of the site reaches it` : RESULT_TEXT[result];
  const remedy = `check that ${to.address} is the address of a running appliance, and the firewalls on the way from ${from.object}`;
  return [{ ...about, code: "SG1010", text, remedy }];
}

const CLUSTER_REMEDY =
  "enable Basic Settings > Local Services > Cluster interface on that node, on the address that SPP knows it by";

/** The remedy where a port other than that of the cluster interface is refused. */
function refusedRemedy({ from, to }: PathFacts, port: number): string | undefined {
  if (from.kind !== "router") return undefined;
  return `add a connection policy for port ${port} to SPS, and check that ${to.address} is its address for redirected traffic`;
}

const RESULT_TEXT: Record<TcpResult, string> = {
  open: "it is open",
  refused: "it is refused",
  silent: "it gets no answer",
  unreachable: "there is no route to it, or a firewall rejects it",
  "not open": "it cannot be opened",
};

function allow(path: PathFacts, port: number): string {
  const { from, to } = path;
  const last = lastHop(path);
  const where = last === undefined ? `between ${from.object} and ${to.object}` : `behind ${last}`;
  return `allow tcp ${port} from ${from.object} to ${to.address} on the firewall ${where}`;
}

/** Why nothing listens, by the word of SPS; undefined where it listens, or does not say. */
function clusterInterfaceText({ to }: PathFacts, port: number, facts: ConnectFacts): string | undefined {
  if (port !== SPS_PORT || to.kind !== "sps" || !isRead(facts.clusterInterface)) return undefined;
  if (to.address !== facts.centralAddress) return undefined;
  const listening = facts.clusterInterface.value;
  if (listening === undefined) return "the cluster interface of SPS is disabled";
  return isAddress(to.address) && listening !== to.address
    ? `the cluster interface of SPS listens on ${listening}, not on ${to.address}`
    : undefined;
}

const listenAddress = ({ clusterInterface }: ConnectFacts) => valueIfRead(clusterInterface);

const isAddress = (text: string) => /^[\d.]+$/.test(text);

const resultAt = ({ tcp }: PathFacts, port: number) => {
  const found = tcp.find((test) => test.port === port);
  return found && valueIfRead(found.result);
};

/** What shows that packets arrive there: an answer to a ping, another open port, or the end of the route. */
function answering(path: PathFacts, port: number): string | undefined {
  const open = path.tcp.find((test) => test.port !== port && valueIfRead(test.result) === "open");
  if (open) return `accepts connections to port ${open.port}`;
  if (path.packets && isRead(path.packets)) return "answers ping";
  return valueIfRead(path.hops ?? UNREAD)?.at(-1) === path.to.address ? "is reached by a traceroute" : undefined;
}

/** Whether more than this port was tried, and nothing arrives. */
function isCutOff(path: PathFacts, port: number): boolean {
  const isMoreTried = path.tcp.some((test) => test.port !== port && isRead(test.result));
  return isMoreTried && answering(path, port) === undefined;
}

const endRemedy = (hop: string) => `check the routes and filters of ${hop} and of the next hop`;

const UNREAD: Fact<never> = { why: "" };

/** The last hop before the destination that answers. */
function lastHop({ hops = UNREAD, to }: Pick<PathFacts, "hops" | "to">): string | undefined {
  const answering = valueIfRead(hops)?.filter((hop): hop is string => hop !== undefined && hop !== to.address);
  return answering?.at(-1);
}

function endText(path: PathFacts): string {
  const last = lastHop(path);
  return last === undefined ? "" : `; the last hop that answers is ${last}`;
}

/** Names that this machine resolves to other addresses than another viewpoint. */
const causeOfNames =
  ({ paths }: ConnectFacts) =>
  ({ from, to, name }: PathFacts): Cause[] => {
    const own = name && valueIfRead(name);
    const here = paths.find((other) => other.from.kind === "here" && other.to.address === to.address)?.name;
    const known = here && valueIfRead(here);
    if (from.kind === "here" || !own || !known || own.some((address) => known.includes(address))) return [];
    const text = `it leads to ${own.join(", ")}, and to ${known.join(", ")} from this machine`;
    return [{ code: "SG2516", object: from.object, step: `resolve ${to.address}`, text }];
  };

function causeOfPackets({ from, to, packets }: PathFacts): Cause[] {
  const size = packets && valueIfRead(packets);
  if (size?.larger !== "lost") return [];
  const text = `packets of ${size.bytes} bytes arrive, and larger ones get lost without a message to the sender`;
  return [{ code: "SG2514", object: from.object, step: `send to ${to.object}`, text }];
}
