import type { FastifyReply, FastifyRequest } from "fastify";
import { refusals } from "./api-error";
import { rolesOf, type SppContext } from "./context";
import { ADMIN_ROLES, type AdminRole } from "./options";
import type { SppUser } from "./users";

const READERS: AdminRole[] = ["ApplianceAdmin", "OperationsAdmin", "SystemAuditor", "Auditor"];

/** The roles of which a user needs one, by what is done; from the vendor's OpenAPI documents. */
export const ROLES = {
  readAppliance: READERS,
  readSessionModules: [...READERS, "PolicyAdmin", "ApplicationAuditor"],
  changeSessionModules: ["ApplianceAdmin"],
  readSwitches: [...ADMIN_ROLES],
  changeBroker: ["PolicyAdmin"],
  changeStream: ["ApplianceAdmin", "PolicyAdmin"],
  readOwnMember: ["ApplianceAdmin", "SystemAuditor", "Auditor"],
  operate: ["ApplianceAdmin", "OperationsAdmin"],
  readPolicies: ["PolicyAdmin", "ApplicationAuditor", "Auditor"],
  changeSettings: ["GlobalAdmin", "ApplianceAdmin", "OperationsAdmin", "PolicyAdmin", "AssetAdmin"],
} as const satisfies Record<string, AdminRole[]>;

/** Checks who asks and what he may do. */
export class Authorization {
  constructor(private readonly context: SppContext) {}

  /**
   * The user behind a request's bearer token; tells the remaining minutes in a header of the answer.
   * @throws ApiError 401 with 60094 without a living token.
   */
  user(request: FastifyRequest, reply: FastifyReply): SppUser {
    const token = bearerToken(request);
    const grant = token === undefined ? undefined : this.context.tokens.findUser(token);
    if (!grant) throw refusals.tokenMissing();
    const minutes = (grant.expires.getTime() - this.context.options.clock.now().getTime()) / 60_000;
    reply.header("X-TokenLifetimeRemaining", String(Math.floor(minutes)));
    return grant.user;
  }

  /**
   * The user behind a request, who must have one of these roles.
   * @throws ApiError 401 with 60094 without a living token, 403 with 60108 without a role.
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

/** The token of the Authorization header; undefined when there is none. */
export function bearerToken(request: FastifyRequest): string | undefined {
  return /^bearer\s+(\S+)\s*$/i.exec(request.headers.authorization ?? "")?.[1];
}
