import type { FastifyRequest } from "fastify";
import { ApiError, refusals } from "../api-error";
import { ROLES } from "../authorization";
import { PROTOCOLS } from "../join/session-module";
import type { ModuleEntry } from "../join/session-modules";
import { collection, flag, parameter, selectFields } from "../query/collection";
import { bodyOf, booleanOf, integerOf, pathParameter, queryOf, type RouteGroup, textOf } from "./route";

const BASE = "/Cluster/SessionModules";

/** `Cluster/SessionModules`: the SPS clusters that are joined to this SPP. */
export const sessionModuleRoutes: RouteGroup = (server, context, access) => {
  const { handshake, modules, options, switches } = context;

  server.get(BASE, async (request, reply) => {
    access.userWith(ROLES.readSessionModules, request, reply);
    const rows = modules.list(flag(queryOf(request), "includeDisconnected"));
    return collection(rows, queryOf(request), "SessionModuleConnection");
  });

  server.post(BASE, async (request, reply) => {
    const user = access.userWith(ROLES.changeSessionModules, request, reply);
    if (options.variants.joinNeedsOperationsAdmin && !access.hasOneOf(["OperationsAdmin"], user)) {
      throw refusals.roleMissing();
    }
    access.requirePrimary();
    const body = bodyOf(request);
    return handshake.begin(user, {
      NodeId: textOf(body, "NodeId"),
      CertificateUserCsr: textOf(body, "CertificateUserCsr"),
      SpsNetworkAddress: textOf(body, "SpsNetworkAddress"),
      SpsHostName: textOf(body, "SpsHostName"),
      FirmwareVersion: textOf(body, "FirmwareVersion"),
    });
  });

  server.get(`${BASE}/AccessRequestBroker`, async (request, reply) => {
    access.userWith(ROLES.readSwitches, request, reply);
    return { Enabled: switches.accessRequestBroker };
  });

  server.put(`${BASE}/AccessRequestBroker`, async (request, reply) => {
    access.userWith(ROLES.changeBroker, request, reply);
    access.requirePrimary();
    switches.accessRequestBroker = booleanOf(bodyOf(request), "Enabled") ?? false;
    return { Enabled: switches.accessRequestBroker };
  });

  server.get(`${BASE}/Members`, async (request, reply) => {
    access.userWith(ROLES.readSessionModules, request, reply);
    const rows = modules.all().flatMap((entry) => modules.members(entry));
    return collection(rows, queryOf(request), "NetworkMember");
  });

  server.get(`${BASE}/ConnectionPolicies`, async (request, reply) => {
    access.userWith(ROLES.readSessionModules, request, reply);
    const rows = modules.all().flatMap((entry) => policiesOf(request, entry));
    return collection(rows, queryOf(request), "SessionModuleConnectionPolicy");
  });

  server.get(`${BASE}/:id`, async (request, reply) => {
    access.userWith(ROLES.readSessionModules, request, reply);
    return selectFields(modules.get(idOf(request)), queryOf(request), "SessionModuleConnection");
  });

  server.put(`${BASE}/:id`, async (request, reply) => {
    access.userWith(ROLES.changeSessionModules, request, reply);
    access.requirePrimary();
    const body = bodyOf(request);
    return modules.update(idOf(request), {
      Id: integerOf(body, "Id"),
      NodeId: textOf(body, "NodeId"),
      Description: textOf(body, "Description"),
      SpsNetworkAddress: textOf(body, "SpsNetworkAddress"),
      SpsHostName: textOf(body, "SpsHostName"),
      UseHostNameForLaunch: booleanOf(body, "UseHostNameForLaunch"),
    });
  });

  server.delete(`${BASE}/:id`, async (request, reply) => {
    access.userWith(ROLES.changeSessionModules, request, reply);
    if (options.variants.replicaRefusesDelete) access.requirePrimary();
    const entry = entryToDelete(request);
    if (entry.phase === "split") modules.remove(entry);
    else {
      handshake.abandon(entry);
      modules.split(entry);
    }
    return reply.code(204).send();
  });

  server.get(`${BASE}/:id/Members`, async (request, reply) => {
    access.userWith(ROLES.readSessionModules, request, reply);
    return collection(modules.members(modules.entry(idOf(request))), queryOf(request), "NetworkMember");
  });

  server.get(`${BASE}/:id/Members/:memberId`, async (request, reply) => {
    access.userWith(ROLES.readSessionModules, request, reply);
    return selectFields(memberOf(request), queryOf(request), "NetworkMember");
  });

  server.get(`${BASE}/:id/Members/:memberId/ManagedNetworks`, async (request, reply) => {
    access.userWith(ROLES.readSessionModules, request, reply);
    memberOf(request);
    return collection([], queryOf(request), "ManagedNetwork");
  });

  server.get(`${BASE}/:id/ConnectionPolicies`, async (request, reply) => {
    access.userWith(ROLES.readSessionModules, request, reply);
    const rows = policiesOf(request, modules.entry(idOf(request)));
    return collection(rows, queryOf(request), "SessionModuleConnectionPolicy");
  });

  server.get(`${BASE}/:id/ConnectionPolicies/:policyId`, async (request, reply) => {
    access.userWith(ROLES.readSessionModules, request, reply);
    const policies = policiesOf(request, modules.entry(idOf(request)));
    const policy = policies.find((candidate) => candidate.Id === pathParameter(request, "policyId"));
    if (!policy) throw refusals.notFound();
    return policy;
  });

  function memberOf(request: FastifyRequest) {
    const members = modules.members(modules.entry(idOf(request)));
    const member = members.find((candidate) => candidate.Id === pathParameter(request, "memberId"));
    if (!member) throw refusals.notFound();
    return member;
  }

  function policiesOf(request: FastifyRequest, entry: ModuleEntry) {
    const requested = (parameter(queryOf(request), "protocol") ?? "Ssh").toLowerCase();
    if (!PROTOCOLS.some((protocol) => protocol.toLowerCase() === requested)) throw refusals.enumInvalid("protocol");
    flag(queryOf(request), "refresh");
    return modules.connectionPolicies(entry).filter((policy) => policy.Protocol.toLowerCase() === requested);
  }

  function entryToDelete(request: FastifyRequest): ModuleEntry {
    try {
      return modules.entry(idOf(request));
    } catch (error) {
      const isUnknown = error instanceof ApiError && error.status === 404;
      if (isUnknown && options.variants.deleteUnknownStatus === 400) throw refusals.sessionConnectionInvalid("Id");
      throw error;
    }
  }
};

function idOf(request: FastifyRequest): number {
  const id = pathParameter(request, "id");
  if (!/^\d{1,9}$/.test(id)) throw refusals.unbindable("id", `The value '${id}' is not valid.`);
  return Number(id);
}
