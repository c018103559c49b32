import { quoteWord } from "../../../core/shell-word";
import type { Probe } from "../../guard/scripts/probes";
import { addressRange } from "../../networks";
import { portRanges } from "../../ports";
import type { Chain, Desired } from "../model/desired";
import type { Firewall } from "../model/found";
import type { Decision } from "../plan/decision";
import { bypassedTest, routeCheck } from "./path-probes";
import { type AwaitedClients, notingFlows, rangesText } from "./traffic-script";

/** A probe that checks traffic of clients. */
export interface TrafficProbe extends Probe {
  /** Name of the redirection. */
  redirection: string;
  /** The clients to wait for; absent when their connections would prove nothing. */
  clients?: AwaitedClients;
}

/**
 * Shell text that notes the existing connections as soon as the rules are in place; undefined when no rule marks
 * packets. When existing connections are cut, they get their marks only with their next packet, so all are noted.
 */
export function notingText({ chains }: Desired): string | undefined {
  const marked = chains.filter(({ hop }) => hop.isMarked);
  if (marked.length === 0) return undefined;
  const isAnyCut = marked.some(({ redirection }) => redirection.existingConnections === "cut");
  return notingFlows(isAnyCut ? [] : [...new Set(marked.map(({ hop }) => hop.mark))]);
}

/**
 * Probes that prove a redirection with real clients: since the rules exist, a client has opened a connection that they
 * marked, the router has seen the answer, and it routes packets from that client to that server to SPS. They do not
 * prove that SPS records the session. The tests need the text of `awaitingText` for all their clients first.
 * @param decision the decision for the router as read after the changes
 */
export function trafficProbes({ desired, found, backend: { name } }: Decision): TrafficProbe[] {
  const firewall = name === undefined || name === "ip-rule" ? undefined : found.firewalls.get(name);
  return desired.chains.map((chain) => {
    const { redirection, hop } = chain;
    const { name: of } = redirection;
    const title = `a client's connection of redirection ${of} was answered through SPS ${hop.gateway}`;
    const nothing = name === "ip-rule" ? COUNTS_NOTHING : bypassedTest(chain, found);
    if (nothing !== undefined) return { redirection: of, title, test: nothing };
    const ports = rangesText(portRanges(redirection.ports));
    const servers = rangesText(redirection.serverCidrs.map(addressRange));
    const { counted, listing } = firewall ? countersOf(chain, firewall, name === "nftables") : NO_COUNTERS;
    const words = [of, routeCheck(chain), `${counted}`, redirection.clientInterfaces.join(" "), ...listing];
    const test = `sps_traffic ${words.map(quoteWord).join(" ")}`;
    return { redirection: of, title, test, clients: { redirection: of, mark: hop.mark, ports, servers } };
  });
}

const COUNTS_NOTHING = `sps_unchecked ${quoteWord("backend ip-rule has no counters and marks no connections")}`;

/** The counters of the client rules at the last reading, and the command that lists the current ones. */
interface Counters {
  counted: number;
  listing: string[];
}

const NO_COUNTERS: Counters = { counted: 0, listing: [] };

function countersOf({ name, redirection }: Chain, { tool, table }: Firewall, isNft: boolean): Counters {
  // When existing connections are redirected too, packets do not prove new ones.
  if (redirection.existingConnections === "cut") return NO_COUNTERS;
  const rules = (table.chains.get(name) ?? []).filter(({ rule }) => rule?.comment?.endsWith(":client"));
  const counted = rules.reduce((total, { packets }) => total + packets, 0);
  // Without the chain of iptables, whose name would show in the list of processes; the script looks for the comments of the rules.
  const listing = isNft ? ["list", "table", "ip", name] : ["-w", "5", "-t", "mangle", "-nvxL"];
  return { counted, listing: [tool, ...listing] };
}
