import type { SppContext } from "../context";
import type { SppUser } from "./users";

/** The response of the token service with a token; `isComplete` is false when a second factor is still needed. */
export async function stsGrant(context: SppContext, user: SppUser, isComplete: boolean) {
  const { token, expiresInSeconds } = await context.tokens.issueStsToken(user, "pwd", isComplete);
  return {
    access_token: token,
    expires_in: expiresInSeconds,
    scope: "rsts:sts:primaryproviderid:local:pwd",
    success: true,
    token_type: "Bearer",
  };
}
