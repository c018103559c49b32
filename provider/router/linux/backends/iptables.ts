import type { Step } from "../../guard/scripts/shell-text";
import { commandText } from "../../guard/scripts/shell-text";
import type { Chain } from "../model/desired";
import type { Firewall } from "../model/found";
import { printRule } from "../model/rule";
import { ENTRY_CHAIN, type Jump, type SavedTable, textOf } from "../model/saved-table";
import { isJumpRight, jumpsInto } from "../neighbours/blockers";
import { firewallBackend, titleOf } from "./firewall";

/** iptables on top of nf_tables in the kernel. */
export const iptablesNft = firewallBackend({ name: "iptables-nft", change, restoreText: restoringText("nft") });

/** iptables on top of the older x_tables in the kernel. */
export const iptablesLegacy = firewallBackend({
  name: "iptables-legacy",
  change,
  restoreText: restoringText("legacy"),
});

/**
 * All changes to chains in one transaction: new and rewritten chains, jumps in first place, and chains to remove. Empty
 * when nothing differs. The rest of the table is not touched.
 */
function change(wanted: readonly Chain[], unwanted: readonly string[], { table, tool }: Firewall): Step[] {
  const removed = unwanted.filter((name) => table.chains.has(name) || jumpsInto(table, name).length > 0);
  const changed = wanted.filter((chain) => !areRulesRight(chain, table));
  const moved = wanted.filter((chain) => !isJumpRight(table, chain));
  if (removed.length + changed.length + moved.length === 0) return [];
  const run = [
    ...changed.flatMap((chain) => fillChain(chain.name, chain.rules.map(printRule))),
    ...moved.flatMap((chain) => [...removeJumps(chain.name, table), enter(printRule(chain.jump))]),
    ...removed.flatMap((name) => [...removeJumps(name, table), ...(table.chains.has(name) ? dropChain(name) : [])]),
  ];
  const undo = [
    ...removed.flatMap((name) => (table.chains.has(name) ? fillChain(name, textsOf(name, table)) : [])),
    ...changed.flatMap((chain) =>
      table.chains.has(chain.name) ? fillChain(chain.name, textsOf(chain.name, table)) : [],
    ),
    ...moved.map((chain) => `-D ${ENTRY_CHAIN} ${printRule(chain.jump)}`),
    ...[...moved.map((chain) => chain.name), ...removed].flatMap((name) => returnJumps(jumpsInto(table, name))),
    ...changed.flatMap((chain) => (table.chains.has(chain.name) ? [] : dropChain(chain.name))),
  ];
  const title = titleOf(
    [...changed, ...moved].map((chain) => chain.name),
    removed,
  );
  return [{ title, run: restore(tool, run), undo: restore(tool, undo) }];
}

/** The same lines as for a new redirection; the runner removes existing jumps first. */
function restoringText(kind: "nft" | "legacy"): (chain: Chain) => string {
  return ({ name, rules, jump }) =>
    commandText({
      words: ["sps_iptables", kind, name],
      input: [...fillChain(name, rules.map(printRule)), enter(printRule(jump))],
    });
}

function areRulesRight(chain: Chain, table: SavedTable): boolean {
  const there = table.chains.get(chain.name);
  if (!there || there.length !== chain.rules.length) return false;
  return chain.rules.every((rule, index) => {
    const found = there[index];
    return found !== undefined && textOf(found) === printRule(rule);
  });
}

function restore(tool: string, lines: readonly string[]): string {
  return commandText({ words: [`${tool}-restore`, "-w", "10", "--noflush"], input: ["*mangle", ...lines, "COMMIT"] });
}

/** Declaring a chain creates or empties it inside the same transaction. */
function fillChain(name: string, rules: readonly string[]): string[] {
  return [`:${name} - [0:0]`, ...rules.map((rule) => `-A ${name} ${rule}`)];
}

function dropChain(name: string): string[] {
  return [`-F ${name}`, `-X ${name}`];
}

function enter(rule: string): string {
  return `-I ${ENTRY_CHAIN} 1 ${rule}`;
}

function removeJumps(name: string, table: SavedTable): string[] {
  return jumpsInto(table, name).map((jump) => `-D ${jump.chain} ${jump.found.text}`);
}

function returnJumps(jumps: readonly Jump[]): string[] {
  // Insert in reverse order, because each insert goes before the earlier ones.
  const entries = jumps.filter((jump) => jump.chain === ENTRY_CHAIN).reverse();
  const elsewhere = jumps.filter((jump) => jump.chain !== ENTRY_CHAIN);
  return [
    ...entries.map((jump) => enter(jump.found.text)),
    ...elsewhere.map((jump) => `-A ${jump.chain} ${jump.found.text}`),
  ];
}

function textsOf(name: string, table: SavedTable): string[] {
  return (table.chains.get(name) ?? []).map((found) => found.text);
}
