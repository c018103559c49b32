import type { ApplianceConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { hasCredential } from "../../core/credential";
import { readServedCertificate, type ServedCertificate } from "../../https/served-certificate";
import { Transport } from "../../https/transport";
import {
  type ClusterOperation,
  countOpenRequests,
  readAdminRoles,
  readClusterOperation,
  readNewestBackup,
  readSessionModuleRows,
  readSppMembers,
  type SessionModuleRow,
  type SppMember,
} from "../../spp/appliance-reads";
import { type FindAssigned, readAssignedCertificates } from "../../spp/assigned-certificate";
import { SppClient } from "../../spp/client";
import { tryPortFromSpp } from "../../spp/port-test";
import { type PublicStatus, readPublicStatus } from "../../spp/public-status";
import { type Fact, isRead, type Unread, valueIfRead } from "./fact";
import { type Gathering, resolvedAddresses } from "./gathering";
import { PASSWORD_LATER, type PreflightOrder } from "./order";
import type { GatheredSide } from "./sps-facts";

/** What the SPP appliance told. */
export interface SppFacts {
  /** Addresses behind `address`, IPv6 ones included. */
  resolved: Fact<string[]>;
  certificate: Fact<ServedCertificate>;
  /** What it tells everybody. */
  status: Fact<PublicStatus>;
  login: Fact<true>;
  roles: Fact<string[]>;
  members: Fact<SppMember[]>;
  operation: Fact<ClusterOperation>;
  modules: Fact<SessionModuleRow[]>;
  /** The certificate SPP says it uses. */
  assigned: Fact<FindAssigned>;
  /** Open access requests that the account sees. */
  openRequests: Fact<number>;
  /** When the newest finished backup was made, in milliseconds since 1970; undefined when there is none. */
  newestBackup: Fact<number | undefined>;
  /** What SPP's own attempt at port 8649 of SPS said; undefined when it was not asked for. */
  portTest: Fact<string | undefined>;
}

/** The port on which SPS and SPP talk to each other for good. */
export const SPS_PORT = 8649;

/** Three steps of the login page, the token, the exchange of the token. */
const LOGIN_TRIPS = 5;
const READ_TRIPS = 1;
const LOGOUT_TRIPS = 1;

/** Asks the SPP side. Never throws. */
export async function gatherSpp(order: PreflightOrder, gathering: Gathering): Promise<GatheredSide<SppFacts>> {
  const { address, connection, later = PASSWORD_LATER } = order.spp;
  if (!connection) {
    const resolved = await resolvedAddresses(address, later, gathering);
    return { facts: { ...allUnread({ why: later }), resolved }, trips: 0 };
  }
  const object = `spp ${address}`;
  const [resolved, certificate, status, own] = await Promise.all([
    resolvedAddresses(address, later, gathering),
    gathering.fact(() => readServedCertificate(object, connection, gathering.context.signal)),
    gathering.fact(() => withTransport(object, connection, gathering.context, readPublicStatus)),
    hasCredential(connection, "password")
      ? afterLogin(connection, order, gathering)
      : { facts: ownUnread({ why: later }), trips: 0 },
  ]);
  const statusTrips = valueIfRead(status)?.trips ?? 1;
  // An appliance without the newest API version refuses a step of the login, and a port test, before it takes the next.
  const isOlder = own.trips > 0 && statusTrips > 1;
  const trips = Math.max(statusTrips, own.trips + (isOlder ? (order.diagnostics ? 2 : 1) : 0));
  const told = isRead(status) ? { value: status.value.status } : status;
  return { facts: { resolved, certificate, status: told, ...own.facts }, trips };
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

type OwnFacts = Omit<SppFacts, "resolved" | "certificate" | "status">;

async function afterLogin(
  connection: ApplianceConnection,
  order: PreflightOrder,
  gathering: Gathering,
): Promise<GatheredSide<OwnFacts>> {
  const { sppClient } = order;
  const opened = sppClient
    ? { value: sppClient }
    : await gathering.opened(() => SppClient.open(connection, gathering.context));
  if (!isRead(opened)) return { facts: ownUnread(opened), trips: LOGIN_TRIPS };
  const client = opened.value;
  try {
    const [roles, members, operation, modules, assigned, openRequests, newestBackup, portTest] = await Promise.all([
      gathering.fact(() => readAdminRoles(client)),
      gathering.fact(() => readSppMembers(client)),
      gathering.fact(() => readClusterOperation(client)),
      gathering.fact(() => readSessionModuleRows(client)),
      gathering.fact(() => readAssignedCertificates(client)),
      gathering.fact(() => countOpenRequests(client)),
      gathering.fact(() => readNewestBackup(client)),
      gathering.fact(async () => (order.diagnostics ? tryPort(client, order, gathering) : undefined)),
    ]);
    return {
      facts: {
        login: { value: true },
        roles,
        members,
        operation,
        modules,
        assigned,
        openRequests,
        newestBackup,
        portTest,
      },
      trips: READ_TRIPS + (sppClient ? 0 : LOGIN_TRIPS + LOGOUT_TRIPS),
    };
  } finally {
    if (!sppClient) await client.close();
  }
}

function tryPort(client: SppClient, order: PreflightOrder, gathering: Gathering): Promise<string> {
  return withTransport(client.object, client.connection, gathering.context, (transport) =>
    tryPortFromSpp(transport, client.userToken, order.sps.address, SPS_PORT),
  );
}

function ownUnread(unread: Unread): OwnFacts {
  return {
    login: unread,
    roles: unread,
    members: unread,
    operation: unread,
    modules: unread,
    assigned: unread,
    openRequests: unread,
    newestBackup: unread,
    portTest: unread,
  };
}

function allUnread(unread: Unread): SppFacts {
  return { resolved: unread, certificate: unread, status: unread, ...ownUnread(unread) };
}
