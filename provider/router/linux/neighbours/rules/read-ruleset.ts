import type { NftObject } from "../../backends/nft-json";
import { savedTables, unprintedTables } from "../../model/saved-table";
import { iptablesChains } from "./iptables-rules";
import { nftChains } from "./nft-rules";
import type { Ruleset } from "./ruleset";

/** The outputs of the tools that print rules; absent for a tool that the router lacks. */
export interface Listings {
  /** `iptables-save` of each backend, by its name. */
  saved: ReadonlyMap<string, string>;
  /** `ip6tables-save`. */
  saved6: string;
  /** The listed tables of nftables by family and name; undefined when nft cannot list them. */
  listed?: ReadonlyMap<string, readonly NftObject[]> | undefined;
  /** What nft could not list, in words. */
  unlisted: readonly string[];
}

/** The rules of all programs, from the outputs of the tools. */
export function rulesetOf({ saved, saved6, listed = new Map(), unlisted }: Listings): Ruleset {
  const all = [
    ...[...saved].map(([tool, text]) => ({ tool, text, family: "ip" })),
    { tool: "ip6tables", text: saved6, family: "ip6" },
  ];
  const printed = all.flatMap(({ tool, text, family }) =>
    [...savedTables(text)].flatMap(([name, table]) => iptablesChains(name, table, tool, family)),
  );
  const native = [...listed].flatMap(([key, objects]) => nftChains(objects, key));
  const unprinted = all.flatMap(({ tool, text, family }) =>
    unprintedTables(text)
      .filter((name) => !listed.has(`${family} ${name}`))
      .map((name) => `table ${name} of ${tool}`),
  );
  return {
    bases: [...printed, ...native],
    unread: [...unprinted, ...unlisted],
  };
}
