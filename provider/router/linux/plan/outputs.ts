import type { CounterOutput, InterfaceOutput } from "../../outputs";
import type { RouterReading } from "../../platform";
import { interfacesOf, resolvedName } from "../model/interfaces";
import type { LinuxStatus } from "../model/status";
import { persistedBy } from "../persistence/plan";
import { bypassOutputs } from "../watchdog/bypassed";
import type { Decision } from "./decision";
import { foundLines } from "./lines";

/** The part of a reading that goes to the state. */
export function readingOf(decision: Decision): RouterReading<LinuxStatus> {
  const { backend } = decision;
  return {
    rules: foundLines(decision),
    interfaces: interfaceOutputs(decision),
    counters: counterOutputs(decision),
    status: {
      ...(backend.name !== undefined && { backend: backend.name }),
      backendReason: backend.reason,
      persistedBy: persistedBy(decision),
      bypassed: bypassOutputs(decision),
    },
  };
}

/** The interfaces of the redirections, sorted by name. */
export function interfaceOutputs({ wanted, found }: Decision): InterfaceOutput[] {
  const texts = interfacesOf(wanted.chains);
  const names = texts.flatMap((text) => resolvedName(text, found) ?? []);
  return [...new Set(names)].sort().flatMap((name) => {
    const link = found.links.get(name);
    const selectedBy = texts.filter((text) => text !== name && resolvedName(text, found) === name);
    return link ? [{ name, addresses: [...link.addresses], ...(selectedBy.length > 0 && { selectedBy }) }] : [];
  });
}

/** The packet counters of the redirections, sorted by name; none with backend ip-rule, which has no counters. */
function counterOutputs({ wanted, found, backend: { name } }: Decision): CounterOutput[] {
  const firewall = name === undefined || name === "ip-rule" ? undefined : found.firewalls.get(name);
  if (!firewall) return [];
  return wanted.chains.map((chain) => {
    const rules = firewall.table.chains.get(chain.name) ?? [];
    const sum = (kind: string) =>
      rules.filter(({ rule }) => rule?.target.kind === kind).reduce((total, { packets }) => total + packets, 0);
    return {
      redirection: chain.redirection.name,
      selectedPackets: sum("mark-connection"),
      divertedPackets: sum("mark-packet"),
    };
  });
}
