import { mayMatch } from "../backends/blocking";
import type { UntrackingRule } from "../model/found";
import { CHAIN_PREFIX, ENTRY_CHAIN, type FoundRule, parseSavedTable, reachedFrom } from "../model/saved-table";
import type { Decision } from "../plan/decision";

/** Separates the tables of iptables and nftables in the output of `UNTRACKED_FUNCTION`. */
const PARTS = /^@(raw|nft)$/m;

/**
 * Shell text that defines `sps_untracked`. It prints the raw tables of iptables and the nftables rules that exempt
 * packets from connection tracking. It loads no table and runs a tool only when such a table exists. Its inputs are the
 * values found before: `sps_usual`, and `sps_tables`, the tables of nftables or unknown.
 */
export const UNTRACKED_FUNCTION = `sps_raw() {
  sps_tool=iptables-$1
  [ "$1" = "$sps_usual" ] && sps_tool=iptables
  sps_saved=$("$sps_tool-save" -t raw)
  case "$sps_saved" in *'*raw'*) printf '@raw\\n%s\\n' "$sps_saved" ;; *) return 1 ;; esac
}
sps_untracked() {
  [ ! -r /proc/net/ip_tables_names ] || while read -r sps_table; do
    [ "$sps_table" != raw ] || sps_raw legacy
  done </proc/net/ip_tables_names
  sps_lists=
  while read -r sps_family sps_table; do
    case "$sps_family $sps_table" in
      'unknown ') [ "$sps_usual" != nft ] || sps_raw nft ;;
      'ip filter'|'ip nat'|'ip mangle'|'ip security'|*' ${CHAIN_PREFIX}'*|*[!a-zA-Z0-9_.\\ -]*) ;;
      'ip raw') sps_raw nft || sps_lists="list table ip raw
$sps_lists" ;;
      'ip '*|'inet '*) sps_lists="list table $sps_family $sps_table
$sps_lists" ;;
    esac
  done <<SPS_TABLES
$sps_tables
SPS_TABLES
  [ -z "$sps_lists" ] || {
    printf '@nft\\n'
    printf '%s' "$sps_lists" | nft -t -f - | grep -e '^.chain ' -e ' hook ' -e notrack
  }
} 2>/dev/null`;

/** Parses the output of `sps_untracked`. */
export function parseUntracked(text: string): UntrackingRule[] {
  const [, ...parts] = text.split(PARTS);
  const bodies = parts.flatMap((kind, index) => (index % 2 === 0 ? [{ kind, body: parts[index + 1] ?? "" }] : []));
  return bodies.flatMap(({ kind, body }) => (kind === "raw" ? inRawTable(body) : inNftables(body)));
}

/** Warnings about rules that may exempt packets of these redirections from connection tracking. */
export function untrackedWarnings({ desired, found, backend }: Decision): string[] {
  if (backend.name === "ip-rule") return [];
  return desired.chains.flatMap(({ redirection }) =>
    found.untracking
      .filter(({ conditions }) => conditions.some((rule) => mayMatch(rule, redirection)))
      .map(
        ({ text }) =>
          `rule "${text}" may disable connection tracking for packets of redirection ${redirection.name}, which then bypass SPS; exclude that traffic from the rule, or set linux.backend to ip-rule`,
      ),
  );
}

function inRawTable(body: string): UntrackingRule[] {
  const table = parseSavedTable(body);
  return [...reachedFrom([ENTRY_CHAIN], table)].flatMap((chain) =>
    (table.chains.get(chain) ?? [])
      .filter(({ text }) => / -j (NOTRACK$|CT (.* )?--notrack)/.test(` ${text}`))
      .map((rule) => ({ text: `raw: -A ${chain} ${rule.text}`, conditions: [rule] })),
  );
}

/**
 * The notrack rules of nftables. Only prerouting hooks count: no other hook sees a forwarded packet before conntrack.
 */
function inNftables(body: string): UntrackingRule[] {
  let isEntered = true;
  return body.split("\n").flatMap((line) => {
    const hook = / hook (\S+) /.exec(line)?.[1];
    if (hook !== undefined) isEntered = hook === "prerouting";
    else if (/^\s*chain /.test(line)) isEntered = true;
    else if (isEntered && /\bnotrack\b/.test(line))
      return [{ text: `nft: ${line.trim()}`, conditions: conditionsOf(line) }];
    return [];
  });
}

/** Interfaces, protocol and ports of an nft rule; other conditions count as matching everything. */
function conditionsOf(line: string): FoundRule[] {
  const words = line.replace(/ comment ".*"/, "");
  const [, named = ""] = /\biif(?:name)? (\{[^}]*\}|"[^"]*")/.exec(words) ?? [];
  const interfaces = [...named.matchAll(/"([^"*]*)(\*?)"/g)].map(([, name, wild]) => `-i ${name}${wild && "+"} `);
  const isOther = /\b(udp|icmp|esp|gre|sctp)\b/.test(words) && !/\btcp\b/.test(words);
  const [, ports] = /\btcp dport (\{[\d, -]*\}|[\d-]+)/.exec(words) ?? [];
  const asked = ports === undefined ? "" : `-p tcp --dports ${ports.replace(/[{} ]/g, "").replaceAll("-", ":")} `;
  return (interfaces.length > 0 ? interfaces : [""]).map((one) => ({
    text: `${one}${isOther ? "-p udp " : asked}-j NOTRACK`,
    packets: 0,
    bytes: 0,
  }));
}
