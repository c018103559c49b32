import type { SppOptions } from "../../lab/spp/options";
import type { SpsVariant } from "../../lab/sps/variant";
import type { PreflightOrder } from "../../provider/join/preflight/order";
import { LabPair, type PairOptions } from "./lab-pair";

/** A lab with which nothing is wrong. */
export interface HealthyLab {
  name: string;
  options: PairOptions;
  /** Checks that warn although nothing is wrong, because a person should know. */
  dueWarnings?: string[];
  /** Further preparation; returns changes of the order. */
  arrange?(pair: LabPair): Promise<Partial<PreflightOrder>> | Partial<PreflightOrder>;
}

/** Switches of SPS that the documents leave open, or that differ between versions. */
const SPS_VARIANTS: Partial<SpsVariant>[] = [
  { listItems: "key-only" },
  { nodeItems: "with-body" },
  { pluginInstanceItems: "with-name" },
  { transactionShape: "top-level" },
  { openTwice: "refused" },
  { emptyChanges: "empty-list" },
  { browserToken: "required", browserTokenField: "token" },
  { browserToken: "required", browserTokenField: "body.token" },
  { browserToken: "ignored" },
  { sppRead: 200 },
  { sppRead: 405 },
  { loginDiscovery: "types", newerEndpoints: false },
  { loginMethodItems: "texts" },
  { staleCookieOnInfo: "anonymous" },
  { mssql: false },
  { backupPolicyReference: "key" },
  { disabledListenAddress: "absent" },
];

/** Versions that belong together. The simulated 6.0 takes changes without an open transaction here, for its set-up. */
const VERSIONS: [firmware: string, version: string, api: 3 | 4][] = [
  ["6.0.12", "6.0.12.15000", 3],
  ["6.9.5", "6.9.5.16000", 3],
  ["7.0.5", "7.0.5.17000", 4],
  ["7.5.1", "7.5.1.19000", 4],
  ["8.2.0", "8.2.0.25000", 4],
];

const SYNC_SPELLINGS: SpsVariant["syncStatusSpelling"][] = ["kebab", "spaces", "upper-snake", "upper-kebab"];

const SPP_OPTIONS: [name: string, options: Partial<SppOptions>, dueWarnings?: string[]][] = [
  ["certificates as bare base64", { variants: { certificateEncoding: "base64" } }],
  ["one intermediate authority", { certificate: { intermediates: 1 } }],
  ["three intermediate authorities", { certificate: { intermediates: 3 } }],
  ["password grant on", { passwordGrant: true }],
  ["API v3 only", { newestApiVersion: 3 }],
  ["fresh backup", { backupAgeDays: 0 }],
  ["backup of six days", { backupAgeDays: 6 }],
  ["no open access request", { openAccessRequests: 0, roles: ["ApplianceAdmin", "OperationsAdmin", "Auditor"] }],
  [
    "open access requests that the account sees",
    { roles: ["ApplianceAdmin", "OperationsAdmin", "PolicyAdmin"] },
    ["spp-access-requests"],
  ],
  ["every role", { openAccessRequests: 0, roles: ["GlobalAdmin", "ApplianceAdmin", "OperationsAdmin", "PolicyAdmin"] }],
  ["unfinished joins hidden", { variants: { unfinishedJoin: "hidden" } }],
  ["host name and wildcard in the certificate", { certificate: { dnsNames: ["*.lab.example", "spp.lab.example"] } }],
];

const joined = async (pair: LabPair): Promise<Partial<PreflightOrder>> => {
  await pair.join();
  return {};
};

/** Everything that must pass: each variant by itself, some of them together, several nodes, joined ones. */
export const HEALTHY_LABS: readonly HealthyLab[] = [
  { name: "plain", options: {} },
  ...SPS_VARIANTS.map((variant) => ({ name: `SPS ${JSON.stringify(variant)}`, options: { sps: { variant } } })),
  ...VERSIONS.map(([firmwareVersion, version, newestApiVersion]) => ({
    name: `version ${firmwareVersion}`,
    options: {
      sps: { firmwareVersion, variant: { transactionOpening: "implicit" as const, writers: "parallel" as const } },
      spp: { version, newestApiVersion },
    },
  })),
  ...SYNC_SPELLINGS.map((syncStatusSpelling) => ({
    name: `a member, status spelled ${syncStatusSpelling}`,
    options: { members: 1, sps: { variant: { syncStatusSpelling } } },
  })),
  ...SPP_OPTIONS.map(([name, spp, dueWarnings]) => ({ name: `SPP: ${name}`, options: { spp }, dueWarnings })),
  { name: "three nodes with central search", options: centralSearch(2) },
  { name: "four nodes", options: { members: 3 } },
  {
    name: "SPS by name",
    options: { sps: { address: "127.0.0.1", hostName: "localhost" } },
    arrange: (pair) => ({ sps: pair.order({ sps: { address: "localhost" } }).sps }),
  },
  {
    name: "SPP by name",
    options: { spp: { address: "127.0.0.1", certificate: { dnsNames: ["localhost"] } } },
    arrange: (pair) => ({ spp: pair.order({ spp: { address: "localhost" } }).spp }),
  },
  {
    name: "both pinned",
    options: {},
    arrange: (pair) =>
      pair.order({ sps: LabPair.pin(pair.central.sps.certificate), spp: LabPair.pin(pair.spp.certificate) }),
  },
  { name: "with its clusterId", options: {}, arrange: (pair) => ({ clusterId: pair.central.sps.nodeId }) },
  { name: "with diagnostics", options: {}, arrange: () => ({ diagnostics: true }) },
  { name: "joined already", options: {}, arrange: joined },
  { name: "joined already, with a member", options: { members: 1 }, arrange: joinedAndSynchronized },
  {
    name: "joined already, lists with keys only",
    options: { sps: { variant: { listItems: "key-only" } } },
    arrange: joined,
  },
  {
    name: "no backups, which the program skips",
    options: { sps: { hasSystemBackup: false }, spp: { backupAgeDays: Number.POSITIVE_INFINITY } },
    arrange: () => ({ backups: { sps: "skip", spp: "skip" } }),
  },
  {
    name: "SPS made in the same update",
    options: { isPromoted: false },
    arrange: (pair) => ({ sps: { address: pair.central.sps.endpoint.address, connection: undefined, later: "later" } }),
  },
];

function centralSearch(members: number): PairOptions {
  return { members, searchRole: "search-master", memberRoles: ["managed-host", "search-minion"] };
}

async function joinedAndSynchronized(pair: LabPair): Promise<Partial<PreflightOrder>> {
  await pair.join();
  await pair.untilSynchronized();
  return {};
}
