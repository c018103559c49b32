import { type BackendName, type BackendSetting, FIREWALL_BACKENDS } from "../model/backend-names";
import type { Chain, Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { ClassificationBackend } from "./backend";
import { ipRule } from "./ip-rule";
import { iptablesLegacy, iptablesNft } from "./iptables";
import { nftables } from "./nftables";

const ALL: readonly ClassificationBackend[] = [iptablesNft, iptablesLegacy, nftables, ipRule];

/** Which backend it is, and why. */
export interface Choice {
  /** Absent when the router has none that could be used. */
  name?: BackendName;
  reason: string;
}

/** A backend by its name. */
export function backendOf(name: BackendName): ClassificationBackend {
  return ALL.find((backend) => backend.name === name) ?? iptablesNft;
}

/** The backend that tells the wanted lines without looking at a router: those that mark packets have the same. */
export function backendInPreview(setting: BackendSetting): ClassificationBackend {
  return backendOf(setting === "auto" ? "iptables-nft" : setting);
}

/**
 * The backend of the wanted redirections: the one asked for; with auto the one that holds them already, else the
 * router's iptables, else nftables, else an iptables that is not the usual one.
 */
export function chooseBackend(desired: Pick<Desired, "backend" | "chains">, found: Found): Choice {
  if (desired.backend !== "auto") return { name: desired.backend, reason: "linux.backend asks for it" };
  const { usualBackend, firewalls, unusable } = found;
  const order = [...(usualBackend ? [usualBackend] : []), "nftables" as const, ...FIREWALL_BACKENDS];
  const usable = order.filter((name) => firewalls.has(name));
  const [first] = usable;
  const holder = usable.find((name) => desired.chains.some((chain) => backendOf(name).holds(chain, found)));
  if (holder && holder !== first) return { name: holder, reason: "the redirections are kept there already" };
  if (first === undefined) return { reason: [...new Set(unusable.values())].join(", ") };
  if (first === usualBackend) return { name: first, reason: "it is what the router's command iptables uses" };
  return { name: first, reason: unusable.get("iptables-nft") ?? "the router has no command iptables" };
}

/** All backends but one. */
export function otherBackends(name: BackendName | undefined): readonly ClassificationBackend[] {
  return ALL.filter((backend) => backend.name !== name);
}

/** The other backends in which the router has something of a redirection. */
export function otherBackendsHolding(
  chain: Chain,
  chosen: BackendName | undefined,
  found: Found,
): ClassificationBackend[] {
  return otherBackends(chosen).filter((backend) => backend.holds(chain, found));
}
