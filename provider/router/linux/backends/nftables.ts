import type { Step } from "../../guard/scripts/shell-text";
import { commandText } from "../../guard/scripts/shell-text";
import { joinRanges } from "../../ports";
import type { Chain } from "../model/desired";
import type { Firewall } from "../model/found";
import { type MangleRule, printRule } from "../model/rule";
import type { FoundRule, SavedTable } from "../model/saved-table";
import { isJumpRight } from "../neighbours/blockers";
import { firewallBackend, titleOf } from "./firewall";
import type { NftObject } from "./nft-json";
import { NFT_CHAIN, NFT_HOOK } from "./nft-tables";

/** Native nftables: each redirection has its own table, so foreign tables are never touched. */
export const nftables = firewallBackend({
  name: "nftables",
  change,
  textsOf,
  restoreText: ({ name, rules }) => nft("nft", [], replaceTable(name, rules)),
});

/** All changes in one transaction; empty when nothing differs. */
function change(wanted: readonly Chain[], removed: readonly string[], { table, listed, tool }: Firewall): Step[] {
  const changed = wanted.filter((chain) => !isRight(chain, table));
  const gone = removed.filter((name) => table.chains.has(name));
  if (changed.length + gone.length === 0) return [];
  const run = [
    ...changed.flatMap((chain) => replaceTable(chain.name, chain.rules)),
    ...gone.map((name) => `delete table ip ${name}`),
  ];
  const before = [...changed.map((chain) => chain.name), ...gone];
  const added = before.filter((name) => !table.chains.has(name));
  const restored = before.flatMap((name) => restoredTable(name, listed?.get(name)));
  const undo =
    restored.length === 0
      ? nft(
          tool,
          [],
          added.map((name) => `delete table ip ${name}`),
        )
      : nft(
          tool,
          ["-j"],
          [JSON.stringify({ nftables: [...restored, ...added.map((name) => ({ delete: tableOf(name) }))] })],
        );
  const title = titleOf(
    changed.map((chain) => chain.name),
    gone,
  );
  return [{ title, run: nft(tool, [], run), undo }];
}

function isRight(chain: Chain, table: SavedTable): boolean {
  const there = table.chains.get(chain.name);
  return (
    there !== undefined &&
    textsOf(chain, there).join("\n") === chain.rules.map(printRule).join("\n") &&
    isJumpRight(table, chain)
  );
}

/** nft joins adjacent ports into ranges; a rule with the same meaning gets the spelling of the wanted one. */
function textsOf(chain: Chain, there: readonly FoundRule[]): string[] {
  return there.map((found, index) => {
    const wanted = chain.rules[index];
    if (!found.rule) return found.text;
    return wanted && joined(found.rule) === joined(wanted) ? printRule(wanted) : printRule(found.rule);
  });
}

function joined(rule: MangleRule): string {
  return rule.ports ? printRule({ ...rule, ports: joinRanges(rule.ports, 1) }) : printRule(rule);
}

function nft(tool: string, options: readonly string[], input: readonly string[]): string {
  return commandText({ words: [tool, ...options, "-f", "-"], input });
}

/** Creating the table first lets the deletion succeed in every case, inside the same transaction. */
function replaceTable(name: string, rules: readonly MangleRule[]): string[] {
  const { type, hook, prio, policy } = NFT_HOOK;
  return [
    `table ip ${name}`,
    `delete table ip ${name}`,
    `table ip ${name} {`,
    `chain ${NFT_CHAIN} {`,
    `type ${type} hook ${hook} priority ${prio}; policy ${policy};`,
    ...rules.map(nftText),
    "}",
    "}",
  ];
}

/** The listed table in the form that nft reads; empty when it did not exist. */
function restoredTable(name: string, listed: readonly NftObject[] | undefined): NftObject[] {
  if (!listed) return [];
  return [{ add: tableOf(name) }, { delete: tableOf(name) }, ...listed.map((object) => ({ add: object }))];
}

function tableOf(name: string): NftObject {
  return { table: { family: "ip", name } };
}

/** A rule in nftables syntax. */
export function nftText(rule: MangleRule): string {
  const words: string[] = [];
  if (rule.arrivesOn) words.push(`iifname${rule.arrivesOn.isNegated ? " !=" : ""} "${rule.arrivesOn.name}"`);
  if (rule.source !== undefined) words.push(`ip saddr ${rule.source}`);
  if (rule.destination !== undefined) words.push(`ip daddr ${rule.destination}`);
  if (rule.ports) {
    const ports = rule.ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
    words.push(`tcp dport { ${ports.join(", ")} }`);
  }
  if (rule.isOpening) words.push("tcp flags & (fin|syn|rst|ack) == syn");
  if (rule.connectionMark) words.push(`ct mark & ${rule.connectionMark.mask} == ${rule.connectionMark.value}`);
  const { target } = rule;
  if (target.kind === "jump") throw new Error("a table of its own needs no jumps");
  const field = target.kind === "mark-connection" ? "ct mark" : "meta mark";
  words.push(`counter ${field} set ${field} & ${~target.mark.mask >>> 0} | ${target.mark.value}`);
  if (rule.comment !== undefined) words.push(`comment "${rule.comment}"`);
  return words.join(" ");
}
