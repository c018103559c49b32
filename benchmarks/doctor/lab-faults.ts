import { setTimeout as pause } from "node:timers/promises";
import { FAULTS, type FaultName } from "../../lab/common/faults";
import type { SiteReport } from "../../sdk/nodejs/diagnose";
import type { PairOptions } from "../preflight/lab-pair";
import { Administrator, followAll, type Order } from "./administrator";
import { examine, examineNetwork, ordersOf } from "./examine";
import { LabSite, type SiteOptions, WITH_PRIMARY } from "./lab-site";
import { pulumiUp } from "./pulumi-up";
import { watchWrites } from "./wire-log";

/** How a fault of the lab shows to someone who may only read. */
type Visibility =
  /** The fault itself is the first cause. */
  | { kind: "cause"; check: string }
  /** Only what the failed join left behind can be read. */
  | { kind: "consequence"; check: string }
  /** Reads do not show it; `connect` names it, by its code, because only SPP can try the network from there. */
  | { kind: "network"; code: string }
  /** Reads do not show it; `pulumi up` fails with its code. */
  | { kind: "change"; code: string }
  /** The product makes up for it, or nothing is wrong with it. */
  | { kind: "hidden" };

interface Case {
  visibility: Visibility;
  /** `joining`: a join is begun with the fault on; `running`: it is switched on in a joined site. Default `running`. */
  during?: "joining" | "running";
  options?: PairOptions;
  limitSeconds?: number;
  /** How long answers may still be on their way at the end, in seconds. */
  endSeconds?: number;
  /** Waits after the join was begun. */
  wait?: (lab: LabSite) => Promise<unknown>;
}

const cause = (check: string): Visibility => ({ kind: "cause", check });
const hidden: Case = { visibility: { kind: "hidden" } };
const network = (code: string): Case => ({ visibility: { kind: "network", code } });
const failedJoin: Case = { visibility: { kind: "consequence", check: "join-listed" }, during: "joining" };
/** The lab answers 5 s later by its own clock. */
const slow = { options: { speed: 8 }, limitSeconds: 1, endSeconds: 1 };
/** Five minutes pass in 1.5 s. */
const hasty = { speed: 200 };

/** Every fault of the lab. */
export const LAB_FAULTS: Record<FaultName, Case> = {
  "spp-certificate-mismatch": { visibility: cause("spp-certificate-name") },
  "spp-untrusted-certificate": { visibility: cause("spp-certificate") },
  "spp-not-spp": { visibility: cause("spp-is-spp") },
  "spp-replica": {
    visibility: cause("spp-primary"),
    options: WITH_PRIMARY,
    wait: (lab) => lab.openPrimary(),
  },
  "spp-permissions": { visibility: cause("spp-permissions") },
  "spp-credentials": { visibility: cause("spp-login") },
  "spp-second-factor": { visibility: cause("spp-login") },
  "spp-operation-running": { visibility: cause("spp-operation") },
  "spp-maintenance": { visibility: cause("spp-online") },
  "join-already-linked": failedJoin,
  "join-over-five-minutes": {
    ...failedJoin,
    options: hasty,
    wait: ({ pair }) => pair.until("the end of the join", () => pair.ageSeconds === 0 || pair.ageSeconds > 310),
  },
  "join-address-typo": failedJoin,
  // Only the form of an answer: the refusal behind it is the cause.
  "join-response-text": {
    visibility: cause("spp-permissions"),
    during: "joining",
    options: { spp: { roles: ["Auditor"] } },
  },
  "join-never-trusted": {
    visibility: cause("join-trusted"),
    during: "joining",
    options: hasty,
    wait: ({ pair }) => pair.until("five minutes", () => pair.ageSeconds > 310),
  },
  "join-no-policies": {
    visibility: cause("join-objects"),
    during: "joining",
    options: hasty,
    wait: async ({ pair }) => {
      await pair.until("the trust", () => pair.spp.sessionModules.some((row) => row.Trusted));
      await pair.until("two minutes", () => pair.ageSeconds > 125);
    },
  },
  "sps-answer-lost": hidden,
  "spp-answer-lost": hidden,
  "sps-slow": { visibility: cause("sps-reachable"), ...slow },
  "spp-slow": { visibility: cause("spp-reachable"), ...slow },
  "sps-5xx": { visibility: cause("sps-reachable") },
  "spp-5xx": { visibility: cause("spp-reachable") },
  "sps-session-expired": hidden,
  "spp-token-expired": hidden,
  "sps-locked": { visibility: { kind: "change", code: "SG1204" }, during: "joining", options: { isPromoted: false } },
  "sps-sync-stuck": {
    visibility: cause("sps-synchronization"),
    options: { members: 1 },
    wait: async ({ pair }) => pair.central.sps.setSystemBackup(true),
  },
  "sps-out-of-memory": { visibility: { kind: "change", code: "SG2112" }, during: "joining" },
  "network-8649-blocked": network("SG2512"),
  "network-no-route": network("SG2513"),
  "network-narrow": network("SG2514"),
  // The sender is told, so it adapts.
  "network-tunnel": hidden,
};

/** The outcome of one fault. */
export interface FaultResult {
  fault: FaultName;
  kind: Visibility["kind"];
  /** Whether the command that can find it names it, and names it first; for hidden ones, whether there is no alarm. */
  isNamed: boolean;
  isFirst: boolean;
  /** Whether nothing is found any more after a person did what the words of the remedy say. */
  isRemedied: boolean;
  /** What `doctor` found. */
  report: SiteReport;
  /** The orders that were given at first. */
  orders: Order[];
  /** Requests of the diagnosis that were neither reads nor logins. */
  writes: string[];
}

/** The names of all faults. */
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/**
 * Brings a lab into the state that a fault leaves, examines it, and follows the words of the remedy.
 * @param isFollowing false leaves the remedy out; it then counts as not followed
 */
export async function runLabFault(fault: FaultName, isFollowing = true): Promise<FaultResult> {
  const { visibility, during = "running", options = {}, limitSeconds, endSeconds = 0, wait } = LAB_FAULTS[fault];
  const { kind } = visibility;
  const isSlow = limitSeconds !== undefined;
  const lab = during === "joining" ? await LabSite.startUnjoined(options) : await LabSite.start(options);
  try {
    lab.pair.bench.faults.on(fault);
    // The join of this test bench fails with an assertion where SPS refuses it.
    if (during === "joining" && kind !== "change") await lab.pair.beginJoin().catch(() => undefined);
    await wait?.(lab);
    const writesSince = watchWrites(lab.pair);
    const report = await examine(lab.site(), { ...(isSlow && { limitSeconds }) });
    const result = { fault, kind, report, writes: writesSince() };
    if (visibility.kind === "hidden") {
      const isFine = report.status === "fine";
      return { ...result, isNamed: isFine, isFirst: isFine, isRemedied: isFine, orders: [] };
    }
    const { first, names, orders, isFound } = await found(visibility, lab, report);
    const admin = new Administrator(lab, lab.site());
    const isRemedied = isFollowing && (await followAll(admin, orders, async () => !(await isFound(admin.site))));
    const wanted = "check" in visibility ? visibility.check : visibility.code;
    return { ...result, isNamed: names.includes(wanted), isFirst: first === wanted, isRemedied, orders };
  } finally {
    lab.pair.bench.faults.clear();
    await pause(endSeconds * 1000);
    await lab.stop();
  }
}

/** What the command finds that can: checks, or codes of errors; and whether it still finds anything. */
async function found({ kind }: Visibility, lab: LabSite, report: SiteReport) {
  if (kind === "network") {
    const { causes } = await examineNetwork(lab.site());
    const codes = causes.map(({ code }) => code as string);
    const isFound = async (site: SiteOptions) => (await examineNetwork(site)).causes.length > 0;
    return { first: codes[0], names: codes, orders: causes, isFound };
  }
  const isFailing = async (site: SiteOptions) => (await examine(site)).status !== "fine";
  if (kind === "change") {
    const failure = await pulumiUp(lab, lab.site());
    const codes = failure ? [failure.code] : [];
    return { first: codes[0], names: codes, orders: failure ? [failure] : [], isFound: isFailing };
  }
  const checks = report.causes.map(({ check }) => check);
  return { first: checks[0], names: checks, orders: ordersOf(report), isFound: isFailing };
}
