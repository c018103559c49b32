import { randomBytes } from "node:crypto";
import type { SpsVariant } from "../variant";
import type { JsonObject } from "./json";
import { BACKUP_POLICIES, CONFIGURATION, configurationTree, NAMING, NICS, SYSTEM_BACKUP } from "./schema";
import type { MutableView } from "./store";

/** An address of a network interface, with prefix length, for example `172.16.9.2/24`. */
export interface NicAddress {
  nic: "nic1" | "nic2" | "nic3";
  address: string;
}

/** A new key for a list object: 20 hexadecimal digits. */
export function newKey(): string {
  return randomBytes(10).toString("hex");
}

/** Fills an empty configuration with the objects that exist after the Welcome Wizard. */
export function fillDefaults(
  view: MutableView,
  options: {
    variant: SpsVariant;
    addresses: NicAddress[];
    hasSystemBackup: boolean;
    hostName: string;
  },
): void {
  for (const [path, node] of configurationTree(options.variant)) {
    if (node.kind === "object" && node.shape.defaults) view.set(path, node.shape.defaults);
  }
  for (const nic of ["nic1", "nic2", "nic3"] as const) {
    const addresses = options.addresses.filter((entry) => entry.nic === nic).map((entry) => entry.address);
    view.set(`${NICS}/${nic}`, nicBody(nic, addresses));
  }
  for (const list of ["connections", "channel_policies", "settings_policies"]) {
    view.set(`${CONFIGURATION}/ssh/${list}/-100`, { name: list === "connections" ? "ssh_all" : "default" });
  }
  const [hostname = "", ...domain] = options.hostName.split(".");
  view.set(NAMING, { hostname, domainname: domain.join("."), nickname: null });
  view.set(`${BACKUP_POLICIES}/-100`, { name: "nightly", start_times: ["02:00"] });
  if (options.hasSystemBackup) view.set(SYSTEM_BACKUP, { backup_policy: "-100" });
}

/** A network interface with its addresses, in the ordered maps of the API. */
function nicBody(nic: string, addresses: string[]): JsonObject {
  const interfaceId = randomBytes(4).toString("hex");
  const ids = addresses.map(() => randomBytes(4).toString("hex"));
  return {
    interfaces: {
      "@order": [interfaceId],
      [interfaceId]: {
        name: nic === "nic1" ? "mgmt" : nic,
        vlantag: null,
        addresses: {
          "@order": ids,
          ...Object.fromEntries(ids.map((id, index) => [id, addresses[index]])),
        },
      },
    },
  };
}
