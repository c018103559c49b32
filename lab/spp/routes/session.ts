import { refusals } from "../api-error";
import { bearerToken } from "../authorization";
import { rolesOf } from "../context";
import { identityProviders } from "../login/identity-providers";
import { SECOND_FACTOR_PROVIDER } from "../login/login";
import { collection, selectFields } from "../query/collection";
import { bodyOf, pathParameter, queryOf, type RouteGroup, textOf, versionOf } from "./route";

/** Login, logout and the current user. */
export const sessionRoutes: RouteGroup = (server, context, access) => {
  const { tokens, settings } = context;

  server.post("/Token/LoginResponse", async (request) => {
    const stsToken = textOf(bodyOf(request), "StsAccessToken");
    if (!stsToken) throw refusals.loginTokenMissing();
    const grant = tokens.findStsToken(stsToken);
    if (!grant) throw refusals.loginTokenInvalid();
    return {
      Status: grant.isComplete ? "Success" : "Needs2FA",
      UserToken: grant.isComplete
        ? await tokens.issueUserToken(grant.user, grant.method, settings.tokenLifetimeSeconds)
        : null,
      PrimaryProviderId: grant.isComplete ? null : "local",
      SecondaryProviderId: grant.isComplete ? null : SECOND_FACTOR_PROVIDER,
      WebClientInactivityTimeout: 15,
      DesktopClientInactivityTimeout: 1440,
    };
  });

  server.post("/Token/Logout", async (request, reply) => {
    if (!tokens.revokeUserToken(bearerToken(request) ?? "")) throw refusals.tokenMissing();
    return reply.code(204).send();
  });

  server.get("/LoginMessage", async (request, reply) => {
    access.user(request, reply);
    const message = { Message: null, UpdatedDate: null, UpdatedByUserId: 0, UpdatedByUserDisplayName: null };
    return selectFields(message, queryOf(request), "LoginMessage");
  });

  server.get("/Me", async (request, reply) => {
    const user = access.user(request, reply);
    const roles = rolesOf(context, user);
    const me = {
      // The property was renamed in version 4.
      [versionOf(request) >= 4 ? "Name" : "UserName"]: user.name,
      PrimaryAuthenticationProvider: { Id: -1, Name: "Local", TypeReferenceName: "Local", Identity: user.name },
      AdminRoles: roles.length > 0 ? roles : null,
      Id: user.id,
      Description: null,
      DisplayName: user.displayName,
      Disabled: false,
      Locked: false,
      ChangePasswordAtNextLogin: false,
      IsSystemOwned: false,
      CreatedDate: context.identity.startedAt.toISOString(),
      RequireCertificateAuthentication: false,
    };
    return selectFields(me, queryOf(request), "Me");
  });

  server.get("/AuthenticationProviders", async (request) =>
    collection(identityProviders(context), queryOf(request), "AuthenticationProvider"),
  );

  server.get("/AuthenticationProviders/:id", async (request) => {
    const provider = identityProviders(context).find(({ Id: id }) => pathParameter(request, "id") === String(id));
    if (!provider) throw refusals.notFound();
    return selectFields(provider, queryOf(request), "AuthenticationProvider");
  });
};
