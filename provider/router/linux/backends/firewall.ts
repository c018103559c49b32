import type { Step } from "../../guard/scripts/shell-text";
import type { FirewallBackend } from "../model/backend-names";
import { type Chain, selectorCount } from "../model/desired";
import type { Firewall, Found } from "../model/found";
import { printRule } from "../model/rule";
import { ENTRY_CHAIN, type FoundRule, textOf } from "../model/saved-table";
import { blockerOf, jumpsInto } from "../neighbours/blockers";
import { type ClassificationBackend, countLimits } from "./backend";

/** The differences between firewalls: how to change them and how they print rules. */
interface FirewallDialect {
  name: FirewallBackend;
  /** The changes that bring chains to the wanted state and remove the chains with these names, in one transaction. */
  change(wanted: readonly Chain[], removed: readonly string[], firewall: Firewall): Step[];
  /** Shell text that restores one redirection, whatever part of it exists. */
  restoreText(chain: Chain): string;
  /** The rules found in a chain, in the spelling of the wanted rules where the meaning is the same. */
  textsOf?(chain: Chain, there: readonly FoundRule[]): string[];
}

/** A backend that marks packets in a firewall, with one named chain for each redirection. */
export function firewallBackend(dialect: FirewallDialect): ClassificationBackend {
  const { name, textsOf = (_chain, there) => there.map(textOf) } = dialect;
  const tableOf = (found: Found) => found.firewalls.get(name)?.table;
  const textsIn = (chain: Chain, found: Found) => textsOf(chain, tableOf(found)?.chains.get(chain.name) ?? []);
  return {
    name,
    limits: (redirection) => countLimits(selectorCount(redirection)),
    wantedLines: (chain) => [
      ...chain.rules.map((rule) => mangleLine(chain.name, printRule(rule))),
      mangleLine(ENTRY_CHAIN, printRule(chain.jump)),
    ],
    foundLines(chain, found) {
      const table = tableOf(found);
      const jumps = table ? jumpsInto(table, chain.name) : [];
      return [
        ...textsIn(chain, found).map((text) => mangleLine(chain.name, text)),
        ...jumps.map((jump) => {
          const line = mangleLine(jump.chain, textOf(jump.found));
          const blocker = table && blockerOf(jump, chain, table);
          return blocker ? `${line} (never reached: behind ${blocker.text})` : line;
        }),
      ];
    },
    holds(chain, found) {
      const table = tableOf(found);
      return table !== undefined && (table.chains.has(chain.name) || jumpsInto(table, chain.name).length > 0);
    },
    change(wanted, owned, found) {
      const firewall = found.firewalls.get(name);
      if (!firewall) return [];
      const names = new Set(wanted.map((chain) => chain.name));
      const removed = owned.map((chain) => chain.name).filter((owner) => !names.has(owner));
      return dialect.change(wanted, removed, firewall);
    },
    restoreText: dialect.restoreText,
  };
}

/** The title of a step that changes chains. */
export function titleOf(changed: readonly string[], removed: readonly string[]): string {
  return `change the rules of ${[...new Set([...changed, ...removed])].join(", ")}`;
}

function mangleLine(chain: string, text: string): string {
  return `mangle: -A ${chain} ${text}`;
}
