import type { ApplianceConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { hasCredential } from "../../core/credential";
import { readServedCertificate, type ServedCertificate } from "../../https/served-certificate";
import { Transport } from "../../https/transport";
import { countOpenRequests, readAdminRoles, readClusterOperation, readSppMembers } from "../../spp/appliance-reads";
import { listBackups, newestComplete } from "../../spp/backups";
import { readAssignedCertificates } from "../../spp/certificates";
import { SppClient } from "../../spp/client";
import { tryPortFromSpp } from "../../spp/network-tools";
import { listSessionModules } from "../../spp/session-modules";
import type { SppStatus } from "../../spp/status";
import { readAllowedEndpoints } from "../../sps/account";
import { SpsClient } from "../../sps/client";
import { listNodes, readInfo } from "../../sps/cluster";
import { findDefaultObjects, findJoinObjects } from "../../sps/configuration";
import type { Greeting } from "../../sps/greeting";
import { readJoinedSpp } from "../../sps/joined-spp";
import { type LiveSessions, readLiveSessions } from "../../sps/live-sessions";
import { readMemberReports } from "../../sps/member-reports";
import { readSystemBackupPolicy } from "../../sps/system-backup";
import { type Attempt, AttemptLedger } from "../attempts";
import { readOwnAddresses } from "../sides";
import { readGreetingUnlessSpp, readStatusUnlessSps } from "./exchanged";
import {
  allUnread,
  type Fact,
  type FactsOf,
  Gathering,
  isRead,
  type ReadsOf,
  resolvedAddresses,
  type Unread,
} from "./gathering";
import { PASSWORD_LATER, type PreflightOrder, type SideOrder } from "./order";

/** Address and trust settings of an appliance, and the facts it reports without a login. */
interface PublicFacts {
  address: string;
  username: string;
  /** How the identity is verified: by trusted issuers, by a pinned certificate, or not at all. */
  trust: "authorities" | "pinned" | "skipped";
  /** SHA-256 of the pinned certificate, 64 lower-case hexadecimal digits. */
  pinned: string | undefined;
  /** Addresses that `address` resolves to, including IPv6. */
  resolved: Fact<string[]>;
  certificate: Fact<ServedCertificate>;
  login: Fact<true>;
}

/** Reads from SPS after the login. */
const SPS_READS = {
  info: readInfo,
  endpoints: readAllowedEndpoints,
  cluster: listNodes,
  reports: readMemberReports,
  defaults: findDefaultObjects,
  systemBackup: readSystemBackupPolicy,
  joinedSpp: readJoinedSpp,
};

/** Reads from SPP after the login. */
const SPP_READS = {
  roles: readAdminRoles,
  members: readSppMembers,
  operation: readClusterOperation,
  modules: listSessionModules,
  assigned: readAssignedCertificates,
  openRequests: countOpenRequests,
  /** Start of the newest complete backup, in milliseconds since 1970; undefined when there is none. */
  newestBackup: async (client: SppClient) => newestComplete(await listBackups(client))?.createdAt,
};

/** The facts of the Central Management node. */
export interface SpsFacts extends PublicFacts, FactsOf<typeof SPS_READS> {
  greeting: Fact<Greeting>;
  /** IPv4 addresses of all network interfaces; undefined when the account may not read them, or they are not needed. */
  addresses?: Fact<string[] | undefined>;
  /** Sessions of this node at the moment; absent when they are not needed. */
  sessions?: Fact<LiveSessions>;
}

/** The facts of the SPP appliance. */
export interface SppFacts extends PublicFacts, FactsOf<typeof SPP_READS> {
  status: Fact<SppStatus>;
  /** Result of SPP's own test of port 8649 on SPS; undefined when no test was requested. */
  portTest: Fact<string | undefined>;
}

/** Input of all checks. Gathered once; the checks themselves send no requests. */
export interface Facts {
  sps: SpsFacts;
  spp: SppFacts;
  clusterId: string | undefined;
  /** Id of the SPP appliance to which the node was joined, as far as it is recorded. */
  recordedSppId: string | undefined;
  /** Set when the node is promoted later in the same update. */
  promotion: PreflightOrder["promotion"];
  rejoin: { isSppMoved: boolean } | undefined;
  /** Maximum wait for the end of the cool-down, in seconds. */
  waitSeconds: number;
  /** Join requests of this machine with an unknown outcome. */
  attempts: readonly Attempt[];
  /** Names of SPS objects that the acknowledgement allows to overwrite. */
  overwrites: readonly string[];
  backups: { sps: "require" | "skip" | "report"; spp: "take" | "require" | "skip" | "report" };
  /** This machine's clock at the end of the gathering, in milliseconds since 1970. */
  gatheredAt: number;
}

/** The port that SPS and SPP use after the join. */
export const SPS_PORT = 8649;

/** Default time limit of the gathering, in seconds. */
export const DEFAULT_LIMIT_SECONDS = 15;

/**
 * Reads all facts from both appliances in parallel. Facts that are not read in time stay unread. Changes nothing: apart from login and
 * logout, all requests are reads.
 * @param viaSpp calls what reads SPP, or returns the facts of another gathering with the same order of `spp`, and without `diagnostics`
 * @throws the signal's reason when the user cancels
 */
export async function gatherFacts(
  order: PreflightOrder,
  context: OperationContext,
  viaSpp: (read: () => Promise<SppFacts>) => Promise<SppFacts> = (read) => read(),
): Promise<Facts> {
  const gathering = new Gathering(context, order.limitSeconds ?? DEFAULT_LIMIT_SECONDS);
  try {
    const [sps, spp, attempts] = await Promise.all([
      gatherSps(order, gathering),
      viaSpp(() => gatherSpp(order, gathering)),
      new AttemptLedger().all(),
    ]);
    context.signal.throwIfAborted();
    const { sps: spsBackup = "report", spp: sppBackup = "report" } = order.backups ?? {};
    return {
      sps,
      spp,
      clusterId: order.clusterId,
      recordedSppId: order.recordedSppId || undefined,
      promotion: order.promotion,
      rejoin: order.rejoin,
      waitSeconds: order.waitSeconds ?? 0,
      attempts,
      overwrites: order.overwrites ?? [],
      backups: { sps: spsBackup, spp: sppBackup },
      gatheredAt: Date.now(),
    };
  } finally {
    gathering.end();
  }
}

async function gatherSps(
  { sps, rejoin, needsAddresses, needsSessions, defaults, spsClient }: PreflightOrder,
  gathering: Gathering,
): Promise<SpsFacts> {
  const addresses = async (client: SpsClient) => (rejoin || needsAddresses ? readOwnAddresses(client) : undefined);
  const reads = {
    ...SPS_READS,
    addresses,
    ...(needsSessions && { sessions: readLiveSessions }),
    ...(defaults === "of a join" && { defaults: findJoinObjects }),
  };
  const { anonymous, ...facts } = await gatherSide(
    "sps",
    sps,
    gathering,
    readGreetingUnlessSpp,
    SpsClient,
    reads,
    spsClient,
  );
  return { ...facts, greeting: anonymous };
}

async function gatherSpp(order: PreflightOrder, gathering: Gathering): Promise<SppFacts> {
  const { spp, sps, sppClient, diagnostics } = order;
  const portTest = async (client: SppClient) => {
    if (!diagnostics) return undefined;
    return withTransport(client.object, client.connection, gathering.context, (transport) =>
      tryPortFromSpp(transport, client.userToken, sps.address, SPS_PORT),
    );
  };
  const reads = { ...SPP_READS, portTest };
  const { anonymous, ...facts } = await gatherSide(
    "spp",
    spp,
    gathering,
    readStatusUnlessSps,
    SppClient,
    reads,
    sppClient,
  );
  return { ...facts, status: anonymous };
}

/** A client of one kind of appliance. */
interface ClientClass<Client> {
  open(connection: ApplianceConnection, context: OperationContext): Promise<Client>;
}

/**
 * Reads the facts of one appliance, without and with a login.
 * @param readAnonymous reads the fact `anonymous`, which needs no login
 * @param opened a client to use, which stays open. Default: a new one
 */
async function gatherSide<T, Client extends { close(): Promise<void> }, R extends ReadsOf<Client>>(
  side: "sps" | "spp",
  { address, connection, later = PASSWORD_LATER }: SideOrder,
  gathering: Gathering,
  readAnonymous: (transport: Transport) => Promise<T>,
  Client: ClientClass<Client>,
  reads: R,
  opened?: Client,
) {
  const object = `${side} ${address}`;
  const { context } = gathering;
  const pinned = connection?.certificateSha256;
  const trust = pinned !== undefined ? "pinned" : connection?.insecureSkipVerify ? "skipped" : "authorities";
  const ifConnected = <F>(read: (connection: ApplianceConnection) => Promise<F>): Promise<Fact<F>> | Unread =>
    connection ? gathering.fact(() => read(connection)) : { why: later };
  const afterLogin = async (): Promise<{ login: Fact<true> } & FactsOf<R>> => {
    if (!connection || !hasCredential(connection, "password")) {
      return { login: { why: later }, ...allUnread(reads, { why: later }) };
    }
    const client = opened ? { value: opened } : await gathering.opened(() => Client.open(connection, context));
    if (!isRead(client)) return { login: client, ...allUnread(reads, client) };
    try {
      return { login: { value: true }, ...(await gathering.facts(client.value, reads)) };
    } finally {
      if (!opened) await client.value.close();
    }
  };
  const [resolved, certificate, anonymous, own] = await Promise.all([
    resolvedAddresses(address, later, gathering),
    ifConnected((known) => readServedCertificate(object, known, context.signal)),
    ifConnected((known) => withTransport(object, known, context, readAnonymous)),
    afterLogin(),
  ]);
  const settings = { address, username: connection?.username ?? "", trust, pinned } as const;
  return { ...settings, resolved, certificate, anonymous, ...own };
}

async function withTransport<T>(
  object: string,
  connection: ApplianceConnection,
  context: OperationContext,
  work: (transport: Transport) => Promise<T>,
): Promise<T> {
  const transport = new Transport(object, connection, context);
  try {
    return await work(transport);
  } finally {
    await transport.close();
  }
}
