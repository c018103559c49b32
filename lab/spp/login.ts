import type { FastifyRequest } from "fastify";
import type { SppContext } from "./context";
import type { SppUser } from "./users";

/** The redirect address of programs that are no web sites. */
export const INSTALLED_APPLICATION = "urn:InstalledApplication";

/** The provider that asks for the second factor while that fault is on. */
export const SECOND_FACTOR_PROVIDER = "otp3";

/** The only code the lab's second factor accepts. */
export const SECOND_FACTOR_CODE = "246813";

/** The fields of a form. */
export type Fields = Record<string, string | undefined>;

/**
 * Checks a user name and a password.
 * @returns the user, or why the login is refused: neutral unless the settings "Inform User of …" allow more.
 */
export function checkPassword(context: SppContext, name: string, password: string): SppUser | string {
  const { options, settings, users } = context;
  if (options.faults.has("spp-credentials")) return "Access denied.";
  const user = users.verify(name, password);
  if (user) return user;
  if (users.locked(name)) return settings.informs("Locked Account") ? "Account is locked." : "Access denied.";
  return settings.informs("Bad Password") ? "Invalid password." : "Access denied.";
}

/** The text fields of a form or a JSON body. */
export function fieldsOf(request: FastifyRequest): Fields {
  const body: unknown = request.body;
  if (typeof body !== "object" || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === "string"));
}
