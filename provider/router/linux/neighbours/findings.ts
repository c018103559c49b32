import type { Chain } from "../model/desired";
import type { Decision } from "../plan/decision";
import { serverAccessTexts } from "./destination-nat";
import { type Flow, flowsOf, type Topology } from "./flows";
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
  breaking: Breaking[];
  /** Rules that break or bypass a redirection, or may do so. */
  warnings: string[];
}

/** From this priority on, packets of connections are tracked. */
const TRACKED_PRIORITY = -200;

/** Everything that rules of other programs do to redirections; a rule that may match their packets is named. */
export function findingsOf(decision: Decision): Findings {
  const { desired, found } = decision;
  const topology = topologyOf(found);
  const known = new Map(desired.chains.map((chain) => [chain, marksOf(chain, decision, topology)]));
  const filtered = desired.chains.flatMap((chain) => filteredIn(chain, decision, topology, known.get(chain)));
  const breaking = filtered.filter(({ isSure }) => isSure);
  const warnings = [
    ...policyRuleWarnings(decision, topology, (chain) => known.get(chain) ?? NO_MARKS),
    ...markWarnings(decision, topology),
    ...desired.chains.flatMap((chain) => textsOf(chain, decision, topology, known.get(chain))),
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

function marksOf({ redirection, hop }: Chain, { found }: Decision, topology: Topology): ForeignMarks {
  return foreignMarks(found.neighbours, flowsOf(redirection, hop, topology));
}

interface Filtered extends Breaking {
  isSure: boolean;
}

/** The rules that drop packets of a redirection, one for each leg at most. */
function filteredIn(
  { redirection, hop }: Chain,
  { found }: Decision,
  topology: Topology,
  marks: ForeignMarks | undefined,
): Filtered[] {
  const legs = new Map<string, { legs: Set<string>; isSure: boolean }>();
  for (const flow of flowsOf(redirection, hop, topology)) {
    for (const base of found.neighbours.bases) {
      const drops = hitsIn(base, atHook(base, flow), marks).filter(({ action }) => action.kind === "drop");
      for (const { rule, isSure } of drops) {
        const entry = legs.get(rule.text) ?? { legs: new Set(), isSure: false };
        entry.legs.add(flow.leg);
        legs.set(rule.text, { ...entry, isSure: entry.isSure || isSure });
      }
    }
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
function textsOf(
  chain: Chain,
  { found, backend }: Decision,
  topology: Topology,
  marks: ForeignMarks | undefined,
): string[] {
  const { redirection, hop } = chain;
  const { name, spsInterface, addressMode } = redirection;
  const flows = flowsOf(redirection, hop, topology);
  const isTracking = backend.name !== "ip-rule";
  const ofClients = flows.filter(({ leg }) => addressMode === "client" || leg === "client→SPS" || leg === "SPS→client");
  const may = ({ isSure }: Hit) => (isSure ? "" : "may ");
  const s = ({ isSure }: Hit) => (isSure ? "s" : "");
  const texts = found.neighbours.bases.flatMap((base) => {
    const hits = (list: readonly Flow[], kind: string) =>
      list.flatMap((flow) => hitsIn(base, atHook(base, flow), marks)).filter(({ action }) => action.kind === kind);
    const opening = flows.filter(({ leg, state }) => leg === "client→SPS" && state === "new");
    if (base.hook === "postrouting") {
      return hits(opening, "source-nat").map(
        (hit) =>
          `rule "${hit.rule.text}" ${may(hit)}change${s(hit)} the source address of clients of redirection ${name} on the way to SPS, so the audit names the router as the client; exclude packets that leave on ${spsInterface} from it`,
      );
    }
    const offloaded = hits(flows, "offload").filter(
      ({ action }) => action.kind === "offload" && isOnDevices(action.devices, chain, topology),
    );
    if (base.hook === "forward") {
      return offloaded.map(
        ({ rule }) =>
          `rule "${rule.text}" may offload connections of redirection ${name}: their packets then pass no further rules, and changes of the redirection do not reach them; exclude its traffic from the flow table`,
      );
    }
    const isEarly = isTracking && base.priority < TRACKED_PRIORITY;
    return [
      ...(isEarly ? hits(ofClients, "untrack") : []).map(
        ({ rule }) =>
          `rule "${rule.text}" may disable connection tracking for packets of redirection ${name}, which then bypass SPS; exclude that traffic from the rule, or set linux.backend to ip-rule`,
      ),
      ...(isEarly ? hits(ofClients, "zone") : []).map(
        ({ rule }) =>
          `rule "${rule.text}" may move packets of redirection ${name} to another zone of connection tracking, where the connection has no mark, so that they bypass SPS; exclude that traffic from the rule, or set linux.backend to ip-rule`,
      ),
      ...hits(opening, "take").map(
        (hit) =>
          `rule "${hit.rule.text}" ${may(hit)}hand${s(hit)} packets of redirection ${name} to a program on the router instead of SPS; exclude that traffic from the rule`,
      ),
      ...hits(opening, "destination-nat").map(
        (hit) =>
          `rule "${hit.rule.text}" ${may(hit)}change${s(hit)} the destination of packets of redirection ${name}; exclude that traffic from the rule`,
      ),
      ...serverAccessTexts(base, chain, topology),
    ];
  });
  return [...texts, ...ipv6Texts(chain, found, topology)];
}

function isOnDevices(devices: readonly string[], { redirection }: Chain, topology: Topology): boolean {
  const { clientInterfaces, spsInterface, serverInterfaces = [], serverCidrs } = redirection;
  const towards = serverCidrs.flatMap((network) => topology.deviceTowards(network) ?? []);
  const used = [...clientInterfaces, spsInterface, ...serverInterfaces, ...towards];
  return devices.includes("*") || devices.some((device) => used.includes(device));
}
