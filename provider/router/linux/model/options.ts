import { z } from "zod";
import { field, oneOf, wholeNumber } from "../../../core/fields";
import type { Known } from "../../../core/unknown";
import { BACKENDS } from "./backend-names";

/** Settings that only a Linux router has. */
export const linuxOptionsSchema = z.strictObject({
  backend: oneOf(
    ["auto", ...BACKENDS],
    "Where the classification rules are stored. iptables-nft, iptables-legacy: a chain in that iptables. nftables: a table for each redirection. ip-rule: policy rules without connection tracking; needs existingConnections cut, and serverInterfaces with addressMode client. auto: keeps the present backend, or else uses the router's iptables, or else nftables, but never ip-rule.",
  ).default("auto"),
  mark: wholeNumber(
    1,
    255,
    "Packet mark under mask 0xff; only if all redirections go to one SPS. Default: the last number of spsAddress.",
  ).optional(),
  table: field<number>(
    (value) =>
      typeof value === "number" &&
      Number.isInteger(value) &&
      ((value >= 1 && value <= 252) || (value >= 256 && value <= 4294967295))
        ? value
        : undefined,
    { type: "integer", minimum: 1, maximum: 4294967295, allowed: "1 to 252, 256 to 4294967295" },
    "Number of the routing table with the default route to SPS. Default: 10300 + mark.",
  ).optional(),
  priority: wholeNumber(
    1,
    32765,
    "Priority of the policy rule that sends marked packets to that table. Default: 10300 + mark.",
  ).optional(),
});

/** The settings after check. */
export type CheckedLinuxOptions = z.output<typeof linuxOptionsSchema>;

/** The settings without unknown parts. */
export type LinuxOptions = Known<CheckedLinuxOptions>;
