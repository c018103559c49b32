import { refusals } from "../api-error";
import { ROLES } from "../authorization";
import { collection, selectFields } from "../query/collection";
import { healthOf, PRIMARY_ADDRESS } from "../status";
import { pathParameter, queryOf, type RouteGroup } from "./route";

/** The SPP cluster: its members and its running operation. */
export const clusterRoutes: RouteGroup = (server, context, access) => {
  const { identity, lock, options } = context;

  const self = () => ({
    Health: healthOf(context),
    Id: identity.applianceId,
    IsLeader: !options.faults.has("spp-replica"),
    Name: identity.name,
    HostDnsSuffix: identity.hostDnsSuffix,
    Ipv4Address: identity.address,
    Ipv6Address: null,
    SslCertificateThumbprint: context.certificate.current.thumbprint,
    EnrolledSince: identity.startedAt.toISOString(),
  });

  const members = () => {
    if (!options.faults.has("spp-replica")) return [self()];
    const primary = {
      ...self(),
      Id: "00155D000001",
      IsLeader: true,
      Name: "SPP-PRIMARY",
      Ipv4Address: PRIMARY_ADDRESS,
      SslCertificateThumbprint: null,
    };
    return [primary, self()];
  };

  server.get("/Cluster/Members", async (request, reply) => {
    access.user(request, reply);
    return collection(members(), queryOf(request), "ClusterMember");
  });

  server.get("/Cluster/Members/Self", async (request, reply) => {
    access.userWith(ROLES.readOwnMember, request, reply);
    return self();
  });

  server.get("/Cluster/Members/:id", async (request, reply) => {
    access.user(request, reply);
    const id = pathParameter(request, "id").toUpperCase();
    const member = members().find((candidate) => candidate.Id === id);
    if (!member) throw refusals.notFound();
    return selectFields(member, queryOf(request), "ClusterMember");
  });

  server.get("/Cluster/Status", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return selectFields(lock.status(), queryOf(request), "ClusterOperationStatus");
  });
};
