import { createHash } from "node:crypto";
import type { ResolvedOptions } from "./options";

/** Names, addresses and version of an appliance. */
export interface Identity {
  /** Twelve hexadecimal digits, like a MAC address. */
  applianceId: string;
  name: string;
  hostName: string;
  hostDnsSuffix: string;
  address: string;
  version: { text: string; major: number; minor: number; revision: number; build: number };
  startedAt: Date;
}

/** Derives the identity of an appliance from its options. Equal host names give equal appliance ids. */
export function identityOf(options: ResolvedOptions): Identity {
  const [name = "", ...suffix] = options.hostName.split(".");
  const [major = 0, minor = 0, revision = 0, build = 0] = options.version.split(".").map(Number);
  const digits = createHash("sha1").update(options.hostName.toLowerCase()).digest("hex").slice(0, 6);
  return {
    applianceId: `00155D${digits.toUpperCase()}`,
    name: name.toUpperCase(),
    hostName: options.hostName,
    hostDnsSuffix: suffix.join("."),
    address: options.address,
    version: { text: options.version, major, minor, revision, build },
    startedAt: options.clock.now(),
  };
}
