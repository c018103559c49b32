import { z } from "zod";

/**
 * Shapes of answers that all requests and the login share (vendor's OpenAPI v4, with the deviations in reference §18). The shape of a
 * single endpoint is defined next to its reader.
 */

/** Error answers of Core, Appliance and Notification (§2.1). */
export const apiError = z.looseObject({ Code: z.number(), Message: z.string().nullish() });

/** Answers of the token service (§3.2). */
export const tokenAnswer = z.looseObject({ access_token: z.string() });
export const tokenRefusal = z.looseObject({ error: z.string(), error_description: z.string().nullish() });

/** `POST Token/LoginResponse` (§3.5). */
export const loginResponse = z.looseObject({ Status: z.string(), UserToken: z.string().nullish() });
