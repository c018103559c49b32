import type { Chain } from "../model/desired";
import type { Decision } from "../plan/decision";
import { serverAccessTexts } from "./destination-nat";
import { type Flow, flowsOf, isMarkedFlow, type Topology } from "./flows";
import { ipv6Texts } from "./ipv6";
import { topologyOf } from "./lookups";
import { foreignMarks, markWarnings } from "./marks";
import { type ForeignMarks, NO_MARKS } from "./match";
import { policyRuleWarnings } from "./policy-rules";
import type { BaseChain } from "./rules/ruleset";
import { type Hit, hitsIn } from "./walk";

/** A rule that surely breaks a redirection. */
export interface Breaking {
  /** The name of the redirection. */
  redirection: string;
  cause: string;
  remedy: string;
}

/** What rules of other programs do to the redirections. */
export interface Findings {
  /** Rules that surely break a redirection. */
  readonly breaking: readonly Breaking[];
  /** Rules that break or bypass a redirection, or may do so. */
  readonly warnings: readonly string[];
}

/** From this priority on, packets of connections are tracked. */
const TRACKED_PRIORITY = -200;

/** The findings of decisions: the checks before a change and its warnings need the same ones. */
const known = new WeakMap<Decision, Findings>();

/** Everything that rules of other programs do to redirections; a rule that may match their packets is named. */
export function findingsOf(decision: Decision): Findings {
  const findings = known.get(decision) ?? findIn(decision);
  known.set(decision, findings);
  return findings;
}

function findIn(decision: Decision): Findings {
  const { desired, found } = decision;
  const topology = topologyOf(found);
  const views = new Map(desired.chains.map((chain) => [chain, viewOf(chain, decision, topology)]));
  const filtered = [...views.values()].flatMap(filteredIn);
  const breaking = filtered.filter(({ isSure }) => isSure);
  const warnings = [
    ...policyRuleWarnings(decision, topology, (chain) => views.get(chain)?.marks ?? NO_MARKS),
    ...markWarnings(decision, topology),
    ...[...views.values()].flatMap((view) => textsOf(view, decision, topology)),
    ...filtered.filter(({ isSure }) => !isSure).map(breakingText),
    ...(desired.chains.length > 0 ? found.neighbours.unread.map(unreadText) : []),
  ];
  return { breaking, warnings: [...new Set(warnings)] };
}

/** A rule that breaks a redirection, in words. */
export function breakingText({ cause, remedy }: Breaking): string {
  return `${cause}; ${remedy}`;
}

function unreadText(table: string): string {
  return `the rules of ${table} cannot be read, so it is not checked whether they break or bypass redirections`;
}

/** What rules of other programs do to one redirection. */
interface View {
  chain: Chain;
  flows: readonly Flow[];
  /** The marks that they may set. */
  marks: ForeignMarks;
  /** The rules that its packets may match, by base chain. */
  seen: readonly { base: BaseChain; hits: readonly SeenHit[] }[];
}

interface SeenHit extends Hit {
  flow: Flow;
}

function viewOf(chain: Chain, { found }: Decision, topology: Topology): View {
  const flows = flowsOf(chain.redirection, chain.hop, topology);
  const marks = foreignMarks(found.neighbours, flows);
  const hitsOf = (base: BaseChain) =>
    flows.flatMap((flow) => hitsIn(base, atHook(base, flow), marks).map((hit) => ({ ...hit, flow })));
  return { chain, flows, marks, seen: found.neighbours.bases.map((base) => ({ base, hits: hitsOf(base) })) };
}

interface Filtered extends Breaking {
  isSure: boolean;
}

/** The rules that drop packets of a redirection, one for each leg at most. */
function filteredIn({ chain: { redirection }, flows, seen }: View): Filtered[] {
  const legs = new Map<string, { legs: Set<string>; isSure: boolean }>();
  const drops = seen.flatMap(({ hits }) => hits.filter(({ action }) => action.kind === "drop"));
  // In the order in which packets travel.
  for (const { rule, isSure, flow } of flows.flatMap((one) => drops.filter((drop) => drop.flow === one))) {
    const entry = legs.get(rule.text) ?? { legs: new Set(), isSure: false };
    entry.legs.add(flow.leg);
    legs.set(rule.text, { ...entry, isSure: entry.isSure || isSure });
  }
  return [...legs].map(([rule, { legs: names, isSure }]) => ({
    redirection: redirection.name,
    isSure,
    cause: `rule "${rule}" ${isSure ? "drops" : "may drop"} packets of redirection ${redirection.name} on the way ${[...names].join(" and ")}`,
    remedy: `accept TCP between ${sidesOf(redirection)} before it`,
  }));
}

function sidesOf({ clientInterfaces, spsInterface, serverInterfaces }: Chain["redirection"]): string {
  const servers = serverInterfaces?.join(", ") ?? "the interface of the servers";
  return `${clientInterfaces.join(", ")} and ${spsInterface}, and between ${spsInterface} and ${servers}`;
}

/** Packets as a hook before the classification sees them: without marks. */
function atHook(base: BaseChain, flow: Flow): Flow {
  return base.hook === "prerouting" && base.priority < TRACKED_PRIORITY
    ? { ...flow, packetMark: 0, connectionMark: 0 }
    : flow;
}

/** The other findings of one redirection. */
function textsOf({ chain, seen }: View, { found, backend }: Decision, topology: Topology): string[] {
  const { redirection } = chain;
  const { name, spsInterface } = redirection;
  const isTracking = backend.name !== "ip-rule";
  const may = ({ isSure }: Hit) => (isSure ? "" : "may ");
  const s = ({ isSure }: Hit) => (isSure ? "s" : "");
  const texts = seen.flatMap(({ base, hits }) => {
    const all = (kind: string) => hits.filter(({ action }) => action.kind === kind);
    const opening = (kind: string) => all(kind).filter(({ flow }) => isOpening(flow));
    const marked = (kind: string) => all(kind).filter(({ flow }) => isMarkedFlow(redirection, flow));
    if (base.hook === "postrouting") {
      return opening("source-nat").map(
        (hit) =>
          `rule "${hit.rule.text}" ${may(hit)}change${s(hit)} the source address of clients of redirection ${name} on the way to SPS, so the audit names the router as the client; exclude packets that leave on ${spsInterface} from it`,
      );
    }
    if (base.hook === "forward") {
      const offloaded = hits.filter(
        ({ action }) => action.kind === "offload" && isOnDevices(action.devices, chain, topology),
      );
      return offloaded.map(
        ({ rule }) =>
          `rule "${rule.text}" may offload connections of redirection ${name}: their packets then pass no further rules, and changes of the redirection do not reach them; exclude its traffic from the flow table`,
      );
    }
    const isEarly = isTracking && base.priority < TRACKED_PRIORITY;
    return [
      ...(isEarly ? marked("untrack") : []).map(
        ({ rule }) =>
          `rule "${rule.text}" may disable connection tracking for packets of redirection ${name}, which then bypass SPS; exclude that traffic from the rule, or set linux.backend to ip-rule`,
      ),
      ...(isEarly ? marked("zone") : []).map(
        ({ rule }) =>
          `rule "${rule.text}" may move packets of redirection ${name} to another zone of connection tracking, where the connection has no mark, so that they bypass SPS; exclude that traffic from the rule, or set linux.backend to ip-rule`,
      ),
      ...opening("take").map(
        (hit) =>
          `rule "${hit.rule.text}" ${may(hit)}hand${s(hit)} packets of redirection ${name} to a program on the router instead of SPS; exclude that traffic from the rule`,
      ),
      ...opening("destination-nat").map(
        (hit) =>
          `rule "${hit.rule.text}" ${may(hit)}change${s(hit)} the destination of packets of redirection ${name}; exclude that traffic from the rule`,
      ),
      ...serverAccessTexts(base, chain, topology),
    ];
  });
  return [...texts, ...ipv6Texts(chain, found, topology)];
}

const isOpening = ({ leg, state }: Flow) => leg === "client→SPS" && state === "new";

function isOnDevices(devices: readonly string[], { redirection }: Chain, topology: Topology): boolean {
  const { clientInterfaces, spsInterface, serverInterfaces = [], serverCidrs } = redirection;
  const towards = serverCidrs.flatMap((network) => topology.deviceTowards(network) ?? []);
  const used = [...clientInterfaces, spsInterface, ...serverInterfaces, ...towards];
  return devices.includes("*") || devices.some((device) => used.includes(device));
}
