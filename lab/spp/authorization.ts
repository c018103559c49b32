import type { FastifyReply, FastifyRequest } from "fastify";
import { refusals } from "./api-error";
import { rolesOf, type SppContext } from "./context";
import type { SppUser } from "./login/users";
import { ADMIN_ROLES, type AdminRole } from "./options";

const READER_ROLES: AdminRole[] = ["ApplianceAdmin", "OperationsAdmin", "SystemAuditor", "Auditor"];

/** For each action, the roles of which a user needs at least one. Source: the vendor's OpenAPI documents. */
export const ROLES = {
  readAppliance: READER_ROLES,
  readSessionModules: [...READER_ROLES, "PolicyAdmin", "ApplicationAuditor"],
  changeSessionModules: ["ApplianceAdmin"],
  readSwitches: [...ADMIN_ROLES],
  changeBroker: ["PolicyAdmin"],
  changeStream: ["ApplianceAdmin", "PolicyAdmin"],
  readOwnMember: ["ApplianceAdmin", "SystemAuditor", "Auditor"],
  downloadSupportBundle: ["ApplianceAdmin", "SystemAuditor", "Auditor"],
  changeServiceDebug: ["ApplianceAdmin"],
  operate: ["ApplianceAdmin", "OperationsAdmin"],
  readPolicies: ["PolicyAdmin", "ApplicationAuditor", "Auditor"],
  changeSettings: ["GlobalAdmin", "ApplianceAdmin", "OperationsAdmin", "PolicyAdmin", "AssetAdmin"],
} as const satisfies Record<string, AdminRole[]>;

/** Authenticates and authorizes requests. */
export class Authorization {
  constructor(private readonly context: SppContext) {}

  /**
   * The user of a request's bearer token. Sets the response header with the remaining minutes.
   * @throws ApiError 401 with 60094 without a valid token.
   */
  user(request: FastifyRequest, reply: FastifyReply): SppUser {
    const token = bearerToken(request);
    const grant = token === undefined ? undefined : this.context.tokens.findUserToken(token);
    if (!grant) throw refusals.tokenMissing();
    const minutes = (grant.expires.getTime() - this.context.options.clock.now().getTime()) / 60_000;
    reply.header("X-TokenLifetimeRemaining", String(Math.floor(minutes)));
    return grant.user;
  }

  /**
   * The user of a request, who needs one of these roles.
   * @throws ApiError 401 with 60094 without a valid token, 403 with 60108 without a role.
   */
  userWith(roles: readonly AdminRole[], request: FastifyRequest, reply: FastifyReply): SppUser {
    const user = this.user(request, reply);
    if (!this.hasOneOf(roles, user)) throw refusals.roleMissing();
    return user;
  }

  hasOneOf(roles: readonly AdminRole[], user: SppUser): boolean {
    return rolesOf(this.context, user).some((role) => roles.includes(role));
  }

  /** @throws ApiError 403 with 60418 on a replica. */
  requirePrimary(): void {
    if (this.context.options.faults.has("spp-replica")) throw refusals.replica();
  }
}

/** The bearer token of the Authorization header; undefined when there is none. */
export function bearerToken(request: FastifyRequest): string | undefined {
  return /^bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? "")?.[1];
}
