import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FaultName } from "../../lab/common/faults";
import type { Privileges } from "../../lab/sps/web/privileges";
import type { ApplianceConnection } from "../../provider/core/connection";
import type { PreflightOrder } from "../../provider/join/preflight/order";
import type { CheckReport } from "../../provider/join/preflight/report";
import { LabPair, type PairOptions } from "./lab-pair";

/** A documented reason why a join fails or does harm, how the lab is brought to it, and which check must find it. */
export interface Cause {
  name: string;
  /** Id of the check. */
  check: string;
  status: CheckReport["status"];
  /** Further checks that fail, because the cause has more than one effect. Default: none. */
  alsoFails?: string[];
  /** Deviations of the lab; undefined: the common healthy pair, with the fault alone. */
  options?: PairOptions;
  fault?: FaultName;
  /** How long the lab needs afterwards to end what still goes on, in seconds. */
  endSeconds?: number;
  /** Further preparation; returns changes of the order. */
  arrange?(pair: LabPair): Promise<Partial<PreflightOrder> | undefined> | Partial<PreflightOrder> | undefined;
}

const fault = (name: FaultName, check: string, status: CheckReport["status"] = "fail"): Cause => ({
  name,
  check,
  status,
  fault: name,
});

const sps = (pair: LabPair, changes: Partial<ApplianceConnection>) => pick(pair.order({ sps: changes }), "sps");
const spp = (pair: LabPair, changes: Partial<ApplianceConnection>) => pick(pair.order({ spp: changes }), "spp");
const pick = (order: PreflightOrder, side: "sps" | "spp"): Partial<PreflightOrder> => ({ [side]: order[side] });
const addDefault = (list: string, name: string) => (pair: LabPair) => {
  pair.central.sps.addObject(`/api/configuration/${list}`, { name });
  return undefined;
};

/** A port of this machine where a web site answers without TLS. */
async function plainSite(pair: LabPair): Promise<number> {
  const server = createServer((_request, response) => response.end("<h1>It works!</h1>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.61.200", resolve));
  pair.bench.atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Faults that the lab switches on by name. */
const FAULTY: Cause[] = [
  fault("spp-certificate-mismatch", "spp-certificate-name"),
  fault("spp-untrusted-certificate", "spp-certificate"),
  fault("spp-not-spp", "spp-is-spp"),
  fault("spp-replica", "spp-primary"),
  fault("spp-permissions", "spp-permissions"),
  fault("spp-credentials", "spp-login"),
  fault("spp-second-factor", "spp-login"),
  fault("spp-operation-running", "spp-operation"),
  fault("spp-maintenance", "spp-online"),
  fault("spp-5xx", "spp-reachable"),
  fault("sps-5xx", "sps-reachable"),
  { ...fault("sps-sync-stuck", "sps-synchronization"), options: { members: 1 }, arrange: changeOnCentral },
  {
    ...fault("spp-slow", "spp-reachable", "warn"),
    options: { speed: 5 },
    arrange: () => ({ limitSeconds: 0.5 }),
    endSeconds: 0.8,
  },
  {
    ...fault("sps-slow", "sps-reachable", "warn"),
    options: { speed: 5 },
    arrange: () => ({ limitSeconds: 0.5 }),
    endSeconds: 0.8,
  },
];

/** Wrong inputs of the program. */
const INPUTS: Cause[] = [
  { name: "SPS password", check: "sps-login", status: "fail", arrange: (pair) => sps(pair, { password: "wrong" }) },
  {
    name: "SPS password variable is not set",
    check: "sps-login",
    status: "fail",
    arrange: (pair) => sps(pair, { password: { env: "NO_SUCH_VARIABLE_IS_SET" } }),
  },
  {
    name: "SPP password variable is not set",
    check: "spp-login",
    status: "fail",
    arrange: (pair) => spp(pair, { password: { env: "NO_SUCH_VARIABLE_IS_SET" } }),
  },
  { name: "SPS port", check: "sps-reachable", status: "fail", arrange: (pair) => sps(pair, { port: 1 }) },
  { name: "SPP port", check: "spp-reachable", status: "fail", arrange: (pair) => spp(pair, { port: 1 }) },
  {
    name: "SPP at SPS's address",
    check: "sps-is-sps",
    status: "fail",
    arrange: (pair) => ({ sps: pair.order({ sps: addressOf(pair.order(), "spp") }).sps }),
  },
  {
    name: "SPS at SPP's address",
    check: "spp-is-spp",
    status: "fail",
    arrange: (pair) => ({ spp: pair.order({ spp: addressOf(pair.order(), "sps") }).spp }),
  },
  {
    name: "web site without TLS at SPS's address",
    check: "sps-is-sps",
    status: "fail",
    arrange: async (pair) => sps(pair, { address: "127.0.61.200", port: await plainSite(pair) }),
  },
  {
    name: "SPS certificate of an unknown authority",
    check: "sps-certificate",
    status: "fail",
    arrange: (pair) => sps(pair, { ca: undefined }),
  },
  {
    name: "SPS certificate is not the pinned one",
    check: "sps-certificate",
    status: "fail",
    arrange: (pair) => sps(pair, { certificateSha256: "0".repeat(64) }),
  },
  {
    name: "SPS certificate lacks the name",
    check: "sps-certificate",
    status: "fail",
    options: { sps: { address: "127.0.0.1" } },
    arrange: (pair) => sps(pair, { address: "localhost" }),
  },
  {
    name: "SPS identity not asked for",
    check: "sps-certificate",
    status: "warn",
    arrange: (pair) => sps(pair, { insecureSkipVerify: true }),
  },
  {
    name: "another cluster",
    check: "sps-cluster-id",
    status: "fail",
    arrange: () => ({ clusterId: "00000000-0000-4000-8000-000000000000" }),
  },
];

/** SPS not as it must be. */
const SPS_SETTINGS: Cause[] = [
  { name: "SPS not set up", check: "sps-set-up", status: "fail", options: { sps: { setupStatus: "uninitialized" } } },
  { name: "SPS not promoted", check: "sps-central-management", status: "fail", options: { isPromoted: false } },
  {
    name: "SPS not promoted, refusing questions of the cluster",
    check: "sps-central-management",
    status: "fail",
    options: { isPromoted: false, sps: { variant: { nodesBeforePromotion: "error", statusBeforePromotion: 404 } } },
  },
  {
    name: "a managed host addressed",
    check: "sps-central-management",
    status: "fail",
    options: { members: 1 },
    arrange: (pair) => sps(pair, pair.nodes[1]?.sps.endpoint ?? {}),
  },
  {
    name: "SPS account may only read",
    check: "sps-account",
    status: "fail",
    arrange: limitPrivileges({ clusterManagement: "read" }),
    options: {},
  },
  {
    name: "SPS account sees nothing of the cluster",
    check: "sps-account",
    status: "fail",
    arrange: limitPrivileges({ clusterManagement: "none" }),
    options: {},
  },
  { name: "lone search master", check: "sps-recording", status: "fail", options: { searchRole: "search-master" } },
  {
    name: "member without roles",
    check: "sps-members",
    status: "fail",
    alsoFails: ["sps-synchronization"],
    arrange: addNodeWithoutRoles,
    options: {},
  },
  {
    name: "member that synchronizes nothing",
    check: "sps-synchronization",
    status: "fail",
    options: { members: 1, memberRoles: ["search-local"] },
  },
  {
    name: "member that reports errors",
    check: "sps-synchronization",
    status: "fail",
    options: { members: 1 },
    arrange: reportErrors,
  },
  {
    name: "member that is down",
    check: "sps-synchronization",
    status: "fail",
    options: { members: 1 },
    arrange: stopMember,
  },
  {
    name: "policy named safeguard_default",
    check: "sps-default-names",
    status: "fail",
    options: {},
    arrange: addDefault("policies/credentialstores", "safeguard_default_x"),
  },
  {
    name: "plugin named Safeguard_Default",
    check: "sps-default-names",
    status: "fail",
    options: {},
    arrange: addDefault("plugins/aa", "My Safeguard_Default"),
  },
  {
    name: "connection named safeguard_default on 6.0, whose lists show keys only",
    check: "sps-default-names",
    status: "fail",
    options: {
      sps: { firmwareVersion: "6.0.12", variant: { transactionOpening: "implicit" } },
      spp: { version: "6.0.12.15000" },
    },
    arrange: addDefault("rdp/connections", "safeguard_default_rdp"),
  },
  {
    name: "AA plugin instance whose list shows names only",
    check: "sps-default-names",
    status: "fail",
    options: { sps: { variant: { pluginInstanceItems: "with-name" } } },
    arrange: addDefault("policies/aa_plugin_instances", "safeguard_default_aa"),
  },
  {
    name: "lists none of which the account may read",
    check: "sps-default-names",
    status: "fail",
    options: {},
    arrange: limitPrivileges({ policies: "none", protocols: "none" }),
  },
  {
    name: "some lists that the account may not read",
    check: "sps-default-names",
    status: "not checked",
    options: {},
    arrange: limitPrivileges({ policies: "none" }),
  },
  {
    name: "no system backup of SPS",
    check: "sps-backup",
    status: "warn",
    options: { sps: { hasSystemBackup: false } },
  },
];

/** SPP not as it must be, or the two not fitting together. */
const SPP_SETTINGS: Cause[] = [
  { name: "versions differ", check: "versions-equal", status: "fail", options: { spp: { version: "8.1.0.21662" } } },
  { name: "revisions differ", check: "versions-equal", status: "fail", options: { sps: { firmwareVersion: "8.0.1" } } },
  {
    name: "SPP certificate names only the host name, the address is used",
    check: "spp-certificate-name",
    status: "fail",
    options: { spp: { certificate: { ipAddresses: [] } } },
    arrange: (pair) => spp(pair, LabPair.pin(pair.spp.certificate)),
  },
  {
    name: "SPP certificate names the address as a DNS name alone",
    check: "spp-certificate-name",
    status: "fail",
    options: { spp: { certificate: { dnsNames: ["127.0.60.5"], ipAddresses: [] } } },
    arrange: (pair) => spp(pair, LabPair.pin(pair.spp.certificate)),
  },
  {
    name: "SPP certificate names only the address, a name is used",
    check: "spp-certificate-name",
    status: "fail",
    options: { spp: { address: "127.0.0.1" } },
    arrange: (pair) => spp(pair, { ...LabPair.pin(pair.spp.certificate), address: "localhost" }),
  },
  {
    name: "SPP account with one of the permissions",
    check: "spp-permissions",
    status: "fail",
    options: { spp: { roles: ["ApplianceAdmin"] } },
  },
  {
    name: "SPP account with roles that look alike",
    check: "spp-permissions",
    status: "fail",
    options: { spp: { roles: ["SystemAuditor", "Auditor", "GlobalAdmin"] } },
  },
  {
    name: "SPP refuses more logins",
    check: "spp-login",
    status: "fail",
    options: { spp: { loginThrottle: true } },
    arrange: useUpLogins,
  },
  { name: "old backup of SPP", check: "spp-backup", status: "warn", options: { spp: { backupAgeDays: 30 } } },
  {
    name: "no backup of SPP",
    check: "spp-backup",
    status: "warn",
    options: { spp: { backupAgeDays: Number.POSITIVE_INFINITY } },
  },
  {
    name: "open access requests",
    check: "spp-access-requests",
    status: "warn",
    options: { spp: { roles: ["ApplianceAdmin", "OperationsAdmin", "PolicyAdmin"] } },
  },
];

/** SPS's part of the join lasts until long after the preflight, however slow this machine is. */
const LONG_HANDSHAKE = { joinSeconds: 280 };

/** Joins that were made, begun or broken before. Speed 20: five minutes are fifteen seconds. */
const JOINS: Cause[] = [
  {
    name: "joined to another SPP",
    check: "join-state",
    status: "fail",
    alsoFails: ["sps-default-names"],
    options: {},
    arrange: async (pair) => {
      await pair.join();
      for (const entry of [...pair.spp.context.modules.all()]) pair.spp.context.modules.drop(entry);
      return undefined;
    },
  },
  {
    name: "joined on SPP's side only",
    check: "join-state",
    status: "fail",
    fault: "join-no-policies",
    options: { speed: 200 },
    arrange: async (pair) => {
      await pair.beginJoin();
      await pair.until("the trust", () => pair.spp.sessionModules.some((row) => row.Trusted));
      await pair.until("two minutes", () => ageSeconds(pair) > 125);
      return undefined;
    },
  },
  {
    name: "joined already, and the versions differ since",
    check: "versions-equal",
    status: "warn",
    options: { spp: { version: "8.1.0.21662" } },
    arrange: async (pair) => {
      await pair.join();
      return undefined;
    },
  },
  {
    name: "split on SPP",
    check: "join-state",
    status: "warn",
    options: { speed: 200 },
    arrange: async (pair) => {
      await pair.join();
      for (const entry of pair.spp.context.modules.all()) pair.spp.context.modules.split(entry);
      await pair.until("five minutes", () => ageSeconds(pair) > 310);
      return undefined;
    },
  },
  {
    name: "SPS set up anew at the same address",
    check: "join-state",
    status: "fail",
    alsoFails: ["sps-default-names"],
    options: {},
    arrange: async (pair) => {
      await pair.join();
      for (const entry of pair.spp.context.modules.all()) entry.row.NodeId = "11111111-2222-4333-8444-555555555555";
      return undefined;
    },
  },
  {
    name: "handshake that never ended",
    check: "join-state",
    status: "fail",
    fault: "join-never-trusted",
    options: { speed: 200 },
    arrange: async (pair) => {
      await pair.beginJoin();
      await pair.until("five minutes", () => ageSeconds(pair) > 310);
      return undefined;
    },
  },
  {
    name: "join under way",
    check: "join-recent",
    status: "warn",
    fault: "join-never-trusted",
    options: { speed: 20, sps: LONG_HANDSHAKE },
    arrange: beginOnly,
  },
  {
    name: "join under way that SPP does not list",
    check: "spp-operation",
    status: "warn",
    fault: "join-never-trusted",
    options: { speed: 20, sps: LONG_HANDSHAKE, spp: { variants: { unfinishedJoin: "hidden" } } },
    arrange: beginOnly,
  },
  {
    name: "failed attempt less than five minutes ago",
    check: "join-recent",
    status: "fail",
    fault: "join-over-five-minutes",
    options: { speed: 20, spp: { variants: { unfinishedJoin: "disconnected" } } },
    arrange: beginOnly,
  },
];

/** Every cause that can be found before the join. */
export const CAUSES: readonly Cause[] = [...FAULTY, ...INPUTS, ...SPS_SETTINGS, ...SPP_SETTINGS, ...JOINS];

function addressOf(order: PreflightOrder, side: "sps" | "spp"): Partial<ApplianceConnection> {
  const { connection } = order[side];
  return { address: connection?.address ?? "", port: connection?.port ?? 0 };
}

async function beginOnly(pair: LabPair): Promise<undefined> {
  await pair.beginJoin();
  return undefined;
}

async function changeOnCentral(pair: LabPair): Promise<undefined> {
  pair.central.sps.setSystemBackup(true);
  return undefined;
}

function limitPrivileges(privileges: Privileges) {
  return (pair: LabPair) => {
    pair.limitPrivileges(privileges);
    return undefined;
  };
}

async function addNodeWithoutRoles(pair: LabPair): Promise<undefined> {
  const member = await pair.bench.startSps();
  await member.client.enableClusterInterface();
  await pair.bench.addMember(pair.central, member);
  return undefined;
}

async function reportErrors(pair: LabPair): Promise<undefined> {
  pair.nodes[1]?.sps.reportIssues({ errors: [{ message: "a port is taken", paths: [] }] });
  await pair.untilItem((item) => /outdated/i.test(String(item.sync_status)));
  return undefined;
}

async function stopMember(pair: LabPair): Promise<undefined> {
  await pair.nodes[1]?.sps.stop();
  await pair.untilItem((item) => item.last_seen !== undefined && item.health_status === null);
  return undefined;
}

async function useUpLogins(pair: LabPair): Promise<undefined> {
  while (pair.spp.context.users.admit(pair.spp.context.options.username));
  return undefined;
}

function ageSeconds(pair: LabPair): number {
  const created = pair.spp.sessionModules[0]?.CreatedDate;
  return created === undefined ? 0 : (pair.bench.clock.now().getTime() - Date.parse(created)) / 1000;
}
