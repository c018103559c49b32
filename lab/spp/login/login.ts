import type { FastifyRequest } from "fastify";
import type { SppContext } from "../context";
import type { SppUser } from "./users";

/** The redirect URI of installed applications. */
export const INSTALLED_APPLICATION = "urn:InstalledApplication";

/** The provider of the second factor while the fault `spp-second-factor` is on. */
export const SECOND_FACTOR_PROVIDER = "otp3";

/** The only valid code of the second factor. */
export const SECOND_FACTOR_CODE = "246813";

/** Whether the user needs a second factor: while the fault is on, the account of the options does, in each directory. */
export function needsSecondFactor({ options }: SppContext, { name }: SppUser): boolean {
  return (
    options.faults.has("spp-second-factor") && name.toLowerCase().split("\\").at(-1) === options.username.toLowerCase()
  );
}

/** The text fields of a form or a JSON body. */
export type Fields = Record<string, string | undefined>;

/**
 * Checks a user name and a password.
 * @returns the user, or the error message. It is neutral unless a setting "Inform User of …" is on.
 */
export function checkPassword(context: SppContext, name: string, password: string): SppUser | string {
  const { options, settings, users } = context;
  if (options.faults.has("spp-credentials")) return "Access denied.";
  const user = users.verify(name, password);
  if (user) return user;
  if (users.isLockedOut(name))
    return settings.informsUserOf("Locked Account") ? "Account is locked." : "Access denied.";
  return settings.informsUserOf("Bad Password") ? "Invalid password." : "Access denied.";
}

/** The text fields of a request body. */
export function fieldsOf(request: FastifyRequest): Fields {
  const body: unknown = request.body;
  if (typeof body !== "object" || body === null) return {};
  return Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === "string"));
}
