import { setTimeout as pause } from "node:timers/promises";
import { FAULTS, type FaultName } from "../../lab/common/faults";
import type { SiteReport } from "../../sdk/nodejs/diagnose";
import type { PairOptions } from "../preflight/lab-pair";
import { examine } from "./examine";
import { LabSite } from "./lab-site";
import { watchWrites } from "./wire-log";

/** How a fault of the lab shows to someone who may only read. */
type Visibility =
  /** The fault itself is the first cause. */
  | { kind: "cause"; check: string }
  /** Only what the failed join left behind can be read. */
  | { kind: "consequence"; check: string }
  /** Only changes show it, or a new login makes up for it: nothing is wrong with what can be read. */
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
const failedJoin: Case = { visibility: { kind: "consequence", check: "join-listed" }, during: "joining" };
/** The lab answers 5 s later by its own clock. */
const slow = { options: { speed: 2 }, limitSeconds: 1, endSeconds: 3 };
/** Five minutes pass in 1.5 s. */
const hasty = { speed: 200 };

/** Every fault of the lab. */
export const LAB_FAULTS: Record<FaultName, Case> = {
  "spp-certificate-mismatch": { visibility: cause("spp-certificate-name") },
  "spp-untrusted-certificate": { visibility: cause("spp-certificate") },
  "spp-not-spp": { visibility: cause("spp-is-spp") },
  "spp-replica": { visibility: cause("spp-primary") },
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
  "sps-slow": { visibility: cause("sps-reachable"), during: "joining", ...slow },
  "spp-slow": { visibility: cause("spp-reachable"), during: "joining", ...slow },
  "sps-5xx": { visibility: cause("sps-reachable") },
  "spp-5xx": { visibility: cause("spp-reachable") },
  "sps-session-expired": hidden,
  "spp-token-expired": hidden,
  "sps-locked": hidden,
  "sps-sync-stuck": {
    visibility: cause("sps-synchronization"),
    options: { members: 1 },
    wait: async ({ pair }) => pair.central.sps.setSystemBackup(true),
  },
  "sps-out-of-memory": hidden,
  // Only the command connect lets SPP try the network.
  "network-8649-blocked": hidden,
  "network-no-route": hidden,
  "network-narrow": hidden,
  "network-tunnel": hidden,
};

/** The outcome of one fault. */
export interface FaultResult {
  fault: FaultName;
  kind: Visibility["kind"];
  isNamed: boolean;
  isFirst: boolean;
  report: SiteReport;
  /** Requests of the diagnosis that were neither reads nor logins. */
  writes: string[];
}

/** The names of all faults. */
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/** Brings a lab into the state that a fault leaves, and examines it. */
export async function runLabFault(fault: FaultName): Promise<FaultResult> {
  const { visibility, during = "running", options = {}, limitSeconds, endSeconds = 0, wait } = LAB_FAULTS[fault];
  const isSlow = limitSeconds !== undefined;
  const lab = during === "joining" ? await LabSite.startUnjoined(options) : await LabSite.start(options);
  try {
    lab.pair.bench.faults.on(fault);
    // The join of this test bench fails with an assertion where SPS refuses it.
    if (during === "joining" && !isSlow) await lab.pair.beginJoin().catch(() => undefined);
    await wait?.(lab);
    const writesSince = watchWrites(lab.pair);
    const report = await examine(lab.site(), { ...(isSlow && { limitSeconds }) });
    const writes = writesSince();
    const first = report.causes[0]?.check;
    if (visibility.kind === "hidden") {
      const isFine = report.status === "fine";
      return { fault, kind: "hidden", isNamed: false, isFirst: isFine, report, writes };
    }
    const isNamed = report.causes.some(({ check }) => check === visibility.check);
    return { fault, kind: visibility.kind, isNamed, isFirst: first === visibility.check, report, writes };
  } finally {
    lab.pair.bench.faults.clear();
    await pause(endSeconds * 1000);
    await lab.stop();
  }
}
