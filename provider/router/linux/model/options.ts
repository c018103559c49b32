import { z } from "zod";
import { field, oneOf, wholeNumber } from "../../../core/fields";
import type { Known } from "../../../core/unknown";
import { BACKENDS } from "./backend-names";

/** Settings that only a Linux router has. */
export const linuxOptionsSchema = z.strictObject({
  backend: oneOf(
    ["auto", ...BACKENDS],
    "Where the classification rules are stored: iptables over the kernel's nf_tables or its older tables, a table of nftables for each redirection, or policy rules (ip-rule, without connection tracking: needs existingConnections cut, and with addressMode client also serverInterfaces). auto keeps the present backend, else takes the router's iptables, else nftables, never ip-rule. Default auto.",
  ).default("auto"),
  mark: wholeNumber(
    1,
    255,
    "Packet mark under mask 0xff, one for each SPS. Default: the last number of spsAddress. Only where all redirections go to one SPS.",
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
