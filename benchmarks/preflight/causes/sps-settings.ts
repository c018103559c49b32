import type { Privileges } from "../../../lab/sps/web/privileges";
import type { LabPair } from "../lab-pair";
import { type Cause, sps } from "./cause";

const addDefault = (list: string, name: string) => (pair: LabPair) => {
  pair.central.sps.addObject(`/api/configuration/${list}`, { name });
  return undefined;
};

/** SPS not as it must be. */
export const SPS_SETTINGS: Cause[] = [
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
