import type { ApplianceConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { hasCredential } from "../../core/credential";
import { readServedCertificate, type ServedCertificate } from "../../https/served-certificate";
import { Transport } from "../../https/transport";
import { type AllowedEndpoint, readAllowedEndpoints } from "../../sps/account";
import { SpsClient } from "../../sps/client";
import { type ClusterNode, listNodes, type NodeInfo, readInfo } from "../../sps/cluster";
import { findDefaultObjects, type NamesFound } from "../../sps/configuration";
import { type Greeting, readGreeting } from "../../sps/greeting";
import { type MemberReport, readMemberReports } from "../../sps/member-reports";
import { readSystemBackupPolicy } from "../../sps/system-backup";
import { readOwnAddresses } from "../sides";
import { type Fact, isRead, type Unread } from "./fact";
import { type Gathering, resolvedAddresses } from "./gathering";
import { PASSWORD_LATER, type PreflightOrder } from "./order";

/** What the Central Management node of the SPS cluster told. */
export interface SpsFacts {
  /** Addresses behind `address`, IPv6 ones included. */
  resolved: Fact<string[]>;
  certificate: Fact<ServedCertificate>;
  greeting: Fact<Greeting>;
  login: Fact<true>;
  info: Fact<NodeInfo>;
  /** What the account may do; undefined when the node does not tell. */
  endpoints: Fact<AllowedEndpoint[] | undefined>;
  cluster: Fact<{ nodes: ClusterNode[]; selfId: string | undefined }>;
  reports: Fact<MemberReport[]>;
  /** Objects whose name contains `safeguard_default`, and lists that could not be read. */
  defaults: Fact<NamesFound>;
  /** Key of the system backup policy; undefined when none is set. */
  systemBackup: Fact<string | undefined>;
  /** IPv4 addresses of all network interfaces, none where they may not be read; asked for only where a join may have moved. */
  addresses?: Fact<string[] | undefined>;
}

/** What a side told, and how many dependent requests its longest chain had at most. */
export interface GatheredSide<T> {
  facts: T;
  trips: number;
}

const LOGIN_TRIPS = 1;
/** The walk through the configuration is the longest chain: roots, lists and, where lists show keys only, the objects. */
const READ_TRIPS = 3;

/** Asks the SPS side. Never throws. */
export async function gatherSps(order: PreflightOrder, gathering: Gathering): Promise<GatheredSide<SpsFacts>> {
  const { address, connection, later = PASSWORD_LATER } = order.sps;
  if (!connection) {
    const resolved = await resolvedAddresses(address, later, gathering);
    return { facts: { ...allUnread({ why: later }), resolved }, trips: 0 };
  }
  const object = `sps ${address}`;
  const [resolved, certificate, greeting, own] = await Promise.all([
    resolvedAddresses(address, later, gathering),
    gathering.fact(() => readServedCertificate(object, connection, gathering.context.signal)),
    gathering.fact(() => greet(object, connection, gathering.context)),
    hasCredential(connection, "password")
      ? afterLogin(connection, order, gathering)
      : { facts: ownUnread({ why: later }), trips: 1 },
  ]);
  return { facts: { resolved, certificate, greeting, ...own.facts }, trips: own.trips };
}

async function greet(object: string, connection: ApplianceConnection, context: OperationContext): Promise<Greeting> {
  const transport = new Transport(object, connection, context);
  try {
    return await readGreeting(transport);
  } finally {
    await transport.close();
  }
}

type OwnFacts = Omit<SpsFacts, "resolved" | "certificate" | "greeting">;

async function afterLogin(
  connection: ApplianceConnection,
  { rejoin }: PreflightOrder,
  gathering: Gathering,
): Promise<GatheredSide<OwnFacts>> {
  const opened = await gathering.opened(() => SpsClient.open(connection, gathering.context));
  if (!isRead(opened)) return { facts: ownUnread(opened), trips: LOGIN_TRIPS };
  const client = opened.value;
  try {
    const [info, endpoints, cluster, reports, defaults, systemBackup, addresses] = await Promise.all([
      gathering.fact(() => readInfo(client)),
      gathering.fact(() => readAllowedEndpoints(client)),
      gathering.fact(() => listNodes(client)),
      gathering.fact(() => readMemberReports(client)),
      gathering.fact(() => findDefaultObjects(client)),
      gathering.fact(() => readSystemBackupPolicy(client)),
      gathering.fact(async () => (rejoin ? readOwnAddresses(client) : undefined)),
    ]);
    return {
      facts: { login: { value: true }, info, endpoints, cluster, reports, defaults, systemBackup, addresses },
      trips: LOGIN_TRIPS + READ_TRIPS,
    };
  } finally {
    await client.close();
  }
}

function ownUnread(unread: Unread): OwnFacts {
  return {
    login: unread,
    info: unread,
    endpoints: unread,
    cluster: unread,
    reports: unread,
    defaults: unread,
    systemBackup: unread,
  };
}

function allUnread(unread: Unread): SpsFacts {
  return { resolved: unread, certificate: unread, greeting: unread, ...ownUnread(unread) };
}
