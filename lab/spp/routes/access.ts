import type { AccessRequest } from "../access-requests";
import { refusals } from "../api-error";
import { ROLES } from "../authorization";
import type { SppUser } from "../login/users";
import { collection, selectFields } from "../query/collection";
import { bodyOf, booleanOf, pathParameter, queryOf, type RouteGroup } from "./route";

/** Access requests, access policies and their audit log. */
export const accessRoutes: RouteGroup = (server, context, access) => {
  const { options, policies, requests, switches } = context;

  // Users without the role get fewer rows, not an error.
  const visible = (user: SppUser): AccessRequest[] => {
    const seesAll = options.variants.auditorsSeeAllRequests && access.hasOneOf(["PolicyAdmin", "Auditor"], user);
    return requests.rows.filter((row) => seesAll || row.RequesterId === user.id);
  };
  const actionable = (user: SppUser) => ({
    Admin: access.hasOneOf(["PolicyAdmin"], user) ? requests.open() : [],
    Approver: [],
    Requester: requests.open().filter((row) => row.RequesterId === user.id),
    Reviewer: [],
  });

  server.get("/AccessRequests", async (request, reply) =>
    collection(visible(access.user(request, reply)), queryOf(request), "AccessRequest"),
  );

  server.get("/AccessRequests/ActiveSessions", async (request, reply) => {
    access.user(request, reply);
    return collection([], queryOf(request), "ActiveSession");
  });

  server.get("/AccessRequests/:id", async (request, reply) => {
    const rows = visible(access.user(request, reply));
    const row = rows.find((candidate) => candidate.Id === pathParameter(request, "id"));
    if (!row) throw refusals.notFound();
    return selectFields(row, queryOf(request), "AccessRequest");
  });

  server.get("/Me/ActionableRequests", async (request, reply) =>
    selectFields(actionable(access.user(request, reply)), queryOf(request), "ActionableAccessRequests"),
  );

  server.get("/Me/ActionableRequests/:role", async (request, reply) => {
    const lists = Object.entries(actionable(access.user(request, reply)));
    const role = pathParameter(request, "role").toLowerCase();
    const found = lists.find(([name]) => name.toLowerCase() === role);
    if (!found) throw refusals.enumInvalid("accessRequestRole");
    return collection(found[1], queryOf(request), "AccessRequest");
  });

  server.get("/AccessPolicies", async (request, reply) => {
    access.userWith(ROLES.readPolicies, request, reply);
    return collection(policies.list(), queryOf(request), "AccessPolicy");
  });

  server.get("/AccessPolicies/:id", async (request, reply) => {
    access.userWith(ROLES.readPolicies, request, reply);
    const policy = policies.list().find((candidate) => String(candidate.Id) === pathParameter(request, "id"));
    if (!policy) throw refusals.notFound();
    return selectFields(policy, queryOf(request), "AccessPolicy");
  });

  server.get("/AuditLog/AccessRequests/Requests", async (request, reply) => {
    // This resource answers 400 instead of 403 when a role is missing.
    if (!access.hasOneOf(ROLES.readPolicies, access.user(request, reply))) throw refusals.roleMissingAsBadRequest();
    const rows = requests.rows.map((row) => ({
      RequestId: row.Id,
      AccessRequestType: row.AccessRequestType,
      RequesterId: row.RequesterId,
      RequesterName: row.RequesterDisplayName,
      RequesterUsername: row.RequesterUsername,
      AccountName: row.AccountName,
      AssetId: row.AssetId,
      AssetName: row.AssetName,
      SubmittedAt: row.CreatedOn,
      RequestExpiresAt: row.ExpiresOn,
      IsEmergency: row.IsEmergency,
      PolicyId: row.PolicyId,
      PolicyName: row.PolicyName,
      RequestState: row.State,
    }));
    return collection(rows, queryOf(request), "AccessRequestLog");
  });

  server.get("/AuditLog/StreamService", async (request, reply) => {
    access.userWith(ROLES.readSwitches, request, reply);
    return { Enabled: switches.auditLogStream };
  });

  server.put("/AuditLog/StreamService", async (request, reply) => {
    access.userWith(ROLES.changeStream, request, reply);
    access.requirePrimary();
    switches.auditLogStream = booleanOf(bodyOf(request), "Enabled") ?? false;
    return { Enabled: switches.auditLogStream };
  });
};
