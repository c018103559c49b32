import { quoteWord } from "../../../core/shell-word";
import { interfaceSelector } from "../../fields";
import { NOTES_FOLDER } from "../../guard/scripts/opening-script";
import { SECTION_FUNCTION } from "../../guard/scripts/sections";
import type { Desired } from "../model/desired";
import { interfacesOf } from "../model/interfaces";
import { PROTOCOL } from "../model/next-hops";
import { CHAIN_PREFIX } from "../model/saved-table";
import { IPV6_FUNCTION } from "../neighbours/ipv6";
import { LOOKUPS_FUNCTION } from "../neighbours/lookups";
import { PERSISTED_FUNCTION } from "../persistence/found-files";
import { OWNER_COMMENT, PERSISTENCE_FOLDER } from "../persistence/services";
import { WATCHDOGS_FUNCTION } from "../watchdog/found-watchdogs";
import { GAIA_FUNCTION } from "./gaia";

/** What to read from a router besides the parts that are always read. */
export interface ReadScope {
  tables: number[];
  /** Interfaces on which an SPS is reached. */
  spsInterfaces: string[];
  /** All interfaces that are given by name. */
  interfaces: string[];
  /** Networks that select an interface. */
  towards: string[];
  /** True when some interfaces are not given by name, so that all must be read. */
  isAnySelected: boolean;
}

/** Everything that matters for any of these states. */
export function readScope(...states: readonly Desired[]): ReadScope {
  const hops = states.flatMap((state) => state.hops);
  const texts = interfacesOf(states.flatMap((state) => state.chains));
  const selectors = texts.flatMap((text) => interfaceSelector(text) ?? []);
  const isName = (text: string) => interfaceSelector(text) === undefined;
  return {
    tables: [...new Set(hops.map((hop) => hop.table))].sort((left, right) => left - right),
    spsInterfaces: [...new Set(hops.map((hop) => hop.device))].filter(isName).sort(),
    interfaces: texts.filter(isName),
    towards: selectors.flatMap(({ kind, value }) => (kind === "towards" ? value : [])),
    isAnySelected: selectors.length > 0,
  };
}

/**
 * The script that reads everything in one round trip. It changes nothing. Each section holds the standard output,
 * standard error and exit status of one command.
 */
export function readScript(scope: ReadScope): string {
  const names = scope.interfaces.map(quoteWord);
  const interfaces = ["all", ...(scope.isAnySelected ? ["$(ls /proc/sys/net/ipv4/conf)"] : names)].join(" ");
  const lines = [
    `${SECTION_FUNCTION}
${PERSISTED_FUNCTION}
${WATCHDOGS_FUNCTION}
${IPV6_FUNCTION}
${LOOKUPS_FUNCTION}
${GAIA_FUNCTION}
sps_usual=none
case "$(iptables -V 2>/dev/null)" in *nf_tables*) sps_usual=nft ;; iptables*) sps_usual=legacy ;; esac
sps_unprinted=
saved() {
  sps_tool=iptables-$1
  [ "$1" = "$sps_usual" ] && sps_tool=iptables
  command -v "$sps_tool-save" >/dev/null 2>&1 && command -v "$sps_tool-restore" >/dev/null 2>&1 || return 127
  printf '# tool %s\\n' "$sps_tool"
  if [ "$1" = nft ]; then
    sps_saved=$("$sps_tool-save" -c) || return
    printf '%s\\n' "$sps_saved"
    sps_unprinted=$(printf '%s\\n' "$sps_saved" | sed -n 's/^# Table .\\([a-z]*\\). .*incompatible.*/ \\1 /p')
    sps_printed=yes
    return
  fi
  # Naming a table would load it.
  sps_loaded=$(cat /proc/net/ip_tables_names 2>/dev/null)
  [ "$sps_usual" != legacy ] || sps_loaded="mangle
$(printf '%s\\n' "$sps_loaded" | grep -vx mangle)"
  [ -n "$sps_loaded" ] || [ -r /proc/net/ip_tables_names ] || [ ! -e /proc/net/ip_tables_names ] || sps_loaded=mangle
  for sps_table in $sps_loaded; do "$sps_tool-save" -c -t "$sps_table" || return; done
}
sps_printed=no
nft_tables() {
  command -v nft >/dev/null 2>&1 || return 127
  sps_listed=$(nft -j list tables) || return
  sps_tables=$(printf '%s' "$sps_listed" | tr '{' '\\n' | sed -n 's/.*"family": *"\\([a-z0-9]*\\)".*"name": *"\\([^"]*\\)".*/\\1 \\2/p')
  # iptables prints its own tables better, except those with native rules.
  while read -r sps_family sps_table; do
    case "$sps_family $sps_table" in
      'ip ${CHAIN_PREFIX}'*) nft -j list table ip "$sps_table" || return ;;
      *[!a-zA-Z0-9_.\\ -]*) printf '{"unlisted":"%s"}' "$sps_family" ;;
      'ip filter' | 'ip nat' | 'ip mangle' | 'ip raw' | 'ip security')
        case "$sps_printed$sps_unprinted" in no | *" $sps_table "*) ;; *) continue ;; esac
        nft -j list table ip "$sps_table" || return ;;
      'ip6 filter' | 'ip6 nat' | 'ip6 mangle' | 'ip6 raw' | 'ip6 security') continue ;;
      'ip '* | 'inet '* | 'ip6 '*) nft -j list table "$sps_family" "$sps_table" || printf '{"unlisted":"%s %s"}' "$sps_family" "$sps_table" ;;
      *) continue ;;
    esac
    echo
  done <<SPS_TABLES
$sps_tables
SPS_TABLES
}
settings() {
  for sps_interface in ${interfaces}; do
    for sps_key in rp_filter forwarding src_valid_mark; do
      sps_value=
      { read -r sps_value <"/proc/sys/net/ipv4/conf/$sps_interface/$sps_key"; } 2>/dev/null
      printf '%s %s %s\\n' "$sps_interface" "$sps_key" "\${sps_value:--}"
    done
  done
}
notes() {
  for sps_file in "${NOTES_FOLDER}"/rp_filter.*; do
    [ -f "$sps_file" ] && printf '%s %s\\n' "\${sps_file##*/rp_filter.}" "$(cat "$sps_file")"
  done
}
owners() {
  for sps_file in ${PERSISTENCE_FOLDER}/*.sh; do
    sps_name=\${sps_file##*/}
    sed -n "s/^${OWNER_COMMENT}/\${sps_name%.sh} /p" "$sps_file" 2>/dev/null
  done
  for sps_file in "${NOTES_FOLDER}"/owner.*; do
    [ -f "$sps_file" ] && printf '%s %s\\n' "\${sps_file##*/owner.}" "$(cat "$sps_file")"
  done
}
section system uname -s
section gaia sps_gaia
section release uname -r
section iptables iptables -V
section iptables-nft saved nft
section iptables-legacy saved legacy
section ipv6 sps_ipv6
section nftables nft_tables
section lookups sps_lookups
section rules ip -N -j -4 rule show
section links ip -j addr show
section settings settings
section notes notes
section owners owners
section persistence sps_persisted
section watchdogs sps_watchdogs`,
    ...scope.tables.map((table) => `section table:${table} ip -N -j -4 route show table ${table}`),
    ...scope.spsInterfaces.map((name) => {
      const device = quoteWord(name);
      return `section onlink:${device} ip -N -j -4 route show table 254 dev ${device} scope link`;
    }),
    // Include tables of marks without a mask, as in manual recipes, and tables of redirections without marks.
    `for sps_table in $(ip -N -4 rule show | sed -n -e 's/.* fwmark 0x[0-9a-f]* lookup \\([0-9]*\\).*/\\1/p' -e 's/.* ipproto .* lookup \\([0-9]*\\) proto ${PROTOCOL}\\( .*\\)\\{0,1\\}$/\\1/p' | sort -u | head -n 16); do
  case ' ${scope.tables.join(" ")} ' in *" $sps_table "*) continue ;; esac
  section "table:$sps_table" ip -N -j -4 route show table "$sps_table"
done`,
    ...(scope.isAnySelected ? ["section onlink ip -N -j -4 route show table 254 scope link"] : []),
    ...scope.towards.map((network) => {
      const first = network.split("/")[0] ?? "";
      return `section ${quoteWord(`towards:${network}`)} ip -N -j -4 route get ${quoteWord(first)}`;
    }),
    "true",
  ];
  return lines.join("\n");
}
