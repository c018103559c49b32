import { z } from "zod";
import { routerConnection } from "../../core/connection";
import { pick } from "../../core/difference";
import { flag, listOf, oneOf, unknownOr } from "../../core/fields";
import type { Known } from "../../core/unknown";
import { bypassField, watchdogSchema } from "../../router/bypass";
import { linuxOptionsSchema } from "../../router/linux/model/options";
import type { MeansName } from "../../router/linux/persistence/means";
import type { CounterOutput, InterfaceOutput } from "../../router/linux/plan/outputs";
import type { BypassOutput } from "../../router/linux/watchdog/bypassed";
import { commitConfirmSchema, previewSchema, probeSchema } from "../../router/protection";
import { redirectionSchema } from "../../router/redirection";
import { removalSchema } from "../../router/removal";

/** Every platform a router can be of. */
export const PLATFORMS = ["linux", "cisco-ios", "sophos-utm", "check-point"] as const;

/** The platforms that can be managed so far. */
export const BUILT_PLATFORMS: readonly string[] = ["linux"];

export const routerRedirectionSchema = z.strictObject({
  platform: oneOf(PLATFORMS, "What the router runs. So far only linux can be managed."),
  router: unknownOr(routerConnection, "How to reach the router over SSH."),
  redirections: listOf(
    unknownOr(redirectionSchema, "One redirection."),
    "The redirections that this resource keeps on the router; others on the same router are left alone.",
  ),
  linux: unknownOr(linuxOptionsSchema, "Settings that only a Linux router has.").prefault({}),
  commitConfirm: unknownOr(
    commitConfirmSchema,
    "Protection against locking oneself out: the router takes changes back by itself unless they are confirmed.",
  ).prefault({}),
  probe: unknownOr(probeSchema, "What has to work from the router after changes as it did before.").prefault({}),
  preview: unknownOr(previewSchema, "How much a preview looks at.").prefault({}),
  persist: flag(
    "True keeps the redirections over restarts of the router, and brings the way to SPS back when its link was down: once changes are confirmed, files of ours below /etc say how, run by systemd, NetworkManager, networkd-dispatcher or ifupdown. Default false; previews remind of that unless the program says so itself.",
  ).default(false),
  bypass: bypassField.default("never"),
  watchdog: unknownOr(watchdogSchema, "How the watchdog of bypass when-sps-silent decides.").prefault({}),
  removal: unknownOr(removalSchema, "How redirections are taken away.").prefault({}),
  adopt: flag(
    "True takes over redirections of the same name, and what stands in their way under the same packet mark, when the router has them already. Default false.",
  ).default(false),
});

/** What the resource reports besides its inputs. */
export const routerRedirectionOutputs = z.object({
  rules: z
    .array(z.string())
    .describe("The rules in canonical form and order; known in previews, read back after an update."),
  backend: z
    .string()
    .describe("Where the rules are stored: `iptables-nft`, `iptables-legacy`, `nftables` or `ip-rule`."),
  backendReason: z.string().describe("Why that backend was chosen."),
  interfaces: z
    .array(z.custom<InterfaceOutput>())
    .describe("The interfaces that the redirections use, with their addresses."),
  counters: z
    .array(z.custom<CounterOutput>())
    .describe("Packets that each redirection has matched; none with backend `ip-rule`."),
  persistedBy: z
    .array(z.custom<MeansName>())
    .describe("What restores the redirections after a restart; empty when nothing does."),
  bypassed: z
    .array(z.custom<BypassOutput>())
    .describe("Each SPS whose traffic passes unaudited because of a watchdog."),
  confirmedAt: z
    .string()
    .optional()
    .describe("When the last changes were confirmed, ISO 8601; absent when nothing was changed."),
  confirmedUnproven: z.array(z.string()).optional().describe("What could not be proved then, one phrase each."),
  confirmedTraffic: z
    .array(z.string())
    .optional()
    .describe("The redirections for which a client's connection was answered through SPS then."),
  unfinished: z
    .custom<Holdings>()
    .optional()
    .describe("What an update that did not finish may have left on the router; absent otherwise."),
});

export type RouterRedirectionOutputs = z.output<typeof routerRedirectionOutputs>;

/** What a user may write. */
export type RouterRedirectionInputs = z.input<typeof routerRedirectionSchema>;

/** Inputs after check; parts may be unknown in previews. */
export type RouterRedirectionChecked = z.output<typeof routerRedirectionSchema>;

/** Checked inputs with nothing unknown: what create and update get. */
export type RouterRedirectionKnown = Known<RouterRedirectionChecked>;

/** What a resource keeps on its router. */
export type Holdings = Pick<RouterRedirectionKnown, "redirections" | "linux"> &
  Partial<Pick<RouterRedirectionKnown, "persist" | "bypass" | "watchdog">>;

/** When and how far the changes on the router were confirmed. */
export interface Confirmation {
  /** When the last changes were confirmed over a new connection, in ISO 8601. */
  confirmedAt: string;
  /** What was tried then and could not be proved, a phrase each; empty when all was proved. */
  confirmedUnproven: string[];
  /** The redirections of which a client's connection was answered by way of SPS meanwhile. */
  confirmedTraffic: string[];
}

/** The confirmation is absent when nothing was ever changed. */
export interface RouterRedirectionState extends RouterRedirectionKnown, Partial<Confirmation> {
  /** The rules as read back; equal to the wanted ones unless something else has changed them. */
  rules: string[];
  /** What keeps the classification: `iptables-nft`, `iptables-legacy`, `nftables` or `ip-rule`. */
  backend: string;
  /** Why it is that one, in words. */
  backendReason: string;
  /** The interfaces that the redirections name, with their addresses. */
  interfaces: InterfaceOutput[];
  /** Packets that each redirection has taken. */
  counters: CounterOutput[];
  /** What brings the redirections back on the router when it restarts or when links come up; empty when nothing does. */
  persistedBy: MeansName[];
  /** Each SPS whose traffic passes unaudited by a watchdog's doing, whether that still runs or not. */
  bypassed: BypassOutput[];
  /** What an update that did not finish found on the router and may have left there; absent otherwise. */
  unfinished?: Holdings;
}

/** The inputs among the properties of a state. */
export const INPUT_KEYS = [
  "platform",
  "router",
  "redirections",
  "linux",
  "commitConfirm",
  "probe",
  "preview",
  "persist",
  "bypass",
  "watchdog",
  "removal",
  "adopt",
] as const;

const { probe, persist, bypass, watchdog, removal } = routerRedirectionSchema.shape;

/** What inputs are that did not exist yet when a state was recorded. */
const LATER_INPUTS = {
  persist: persist.parse(undefined),
  bypass: bypass.parse(undefined),
  watchdog: watchdog.parse(undefined),
  removal: removal.parse(undefined),
};

/** What probes are that did not exist yet then. */
const LATER_PROBES = probe.parse(undefined) as object;

/** The inputs of a state. */
export function inputsOf(state: object): Record<string, unknown> {
  const inputs = { ...LATER_INPUTS, ...pick(state, INPUT_KEYS) };
  const probes: unknown = Reflect.get(state, "probe");
  const isRecorded = typeof probes === "object" && probes !== null;
  return isRecorded ? { ...inputs, probe: { ...LATER_PROBES, ...probes } } : inputs;
}

/** The inputs that only say how changes are made; to change them touches no router. */
export const MANNER_KEYS: readonly string[] = ["adopt", "commitConfirm", "preview", "probe", "removal"];
