import { isTakingFrom } from "../backends/blocking";
import type { UntrackingRule } from "../model/found";
import { CHAIN_PREFIX, ENTRY_CHAIN, type FoundRule, parseSavedTable, reachedFrom } from "../model/saved-table";
import type { Decision } from "../plan/decision";

/** Where a table of iptables and where tables of nftables begin in what `UNTRACKED_FUNCTION` writes. */
const PARTS = /^@(raw|nft)$/m;

/**
 * Shell text that defines `sps_untracked`, which writes the raw tables of iptables and the rules of nftables that take
 * packets out of connection tracking. It loads no table, and starts programs only where there is such a table. It goes
 * by what was found before: `sps_usual`, and `sps_tables`, the tables of nftables, or unknown.
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

/** Reads what `sps_untracked` wrote. */
export function parseUntracked(text: string): UntrackingRule[] {
  const [, ...parts] = text.split(PARTS);
  const bodies = parts.flatMap((kind, index) => (index % 2 === 0 ? [{ kind, body: parts[index + 1] ?? "" }] : []));
  return bodies.flatMap(({ kind, body }) => (kind === "raw" ? inRawTable(body) : inNftables(body)));
}

/** Warnings about rules that may take packets of these redirections out of connection tracking. */
export function untrackedWarnings({ desired, found, backend }: Decision): string[] {
  if (backend.name === "ip-rule") return [];
  return desired.chains.flatMap(({ redirection }) =>
    found.untracking
      .filter(({ asks }) => asks.some((rule) => isTakingFrom(rule, redirection)))
      .map(
        ({ text }) =>
          `rule "${text}" may take packets of redirection ${redirection.name} out of connection tracking, so that they pass SPS by; leave that traffic out of it, or set linux.backend to ip-rule`,
      ),
  );
}

function inRawTable(body: string): UntrackingRule[] {
  const table = parseSavedTable(body);
  return [...reachedFrom([ENTRY_CHAIN], table)].flatMap((chain) =>
    (table.chains.get(chain) ?? [])
      .filter(({ text }) => / -j (NOTRACK$|CT (.* )?--notrack)/.test(` ${text}`))
      .map((rule) => ({ text: `raw: -A ${chain} ${rule.text}`, asks: [rule] })),
  );
}

/** Chains that hook in elsewhere see no packet that is forwarded before its connection is known. */
function inNftables(body: string): UntrackingRule[] {
  let isEntered = true;
  return body.split("\n").flatMap((line) => {
    const hook = / hook (\S+) /.exec(line)?.[1];
    if (hook !== undefined) isEntered = hook === "prerouting";
    else if (/^\s*chain /.test(line)) isEntered = true;
    else if (isEntered && /\bnotrack\b/.test(line)) return [{ text: `nft: ${line.trim()}`, asks: asksOf(line) }];
    return [];
  });
}

/** Interfaces, protocol and ports of a rule as nft lists it; all else counts as matching everything. */
function asksOf(line: string): FoundRule[] {
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
