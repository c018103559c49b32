import { createHash, randomBytes } from "node:crypto";
import { parseJson } from "../core/json";
import type { HttpAnswer, Transport } from "../https/transport";
import { tokenAnswer, tokenRefusal } from "./answers";
import { sppFailure } from "./failures";

const REDIRECT = "urn:InstalledApplication";
const CONTROLLER = "/RSTS/UserLogin/LoginController";

/** A user of the token service. */
export interface RstsUser {
  /** Id of the user's identity provider; `local` for local users. */
  directory: string;
  username: string;
  password: string;
}

/** Step numbers of the login controller (SPP REST reference §3.3). */
const STEP = { initialise: 1, password: 3, claims: 6 } as const;

/**
 * Logs in a user like a browser (authorization code with PKCE). This works on every appliance, even when the password grant is
 * disabled, as on a fresh 8.x (§3.1).
 * @returns the short-lived token of the token service.
 * @throws SafeguardError SG2001 credentials refused, SG2002 second factor required, SG1012 not an SPP
 */
export async function logInWithPkce(
  transport: Transport,
  { directory, username, password }: RstsUser,
): Promise<string> {
  const verifier = randomBytes(60).toString("base64url");
  const csrf = randomBytes(32).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    code_challenge_method: "S256",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    redirect_uri: REDIRECT,
  });
  const cookies = new Map([["CsrfToken", csrf]]);
  const form = new URLSearchParams({
    directoryComboBox: directory,
    usernameTextbox: username,
    passwordTextbox: password,
    csrfTokenTextbox: csrf,
  }).toString();

  const ask = async (step: number): Promise<HttpAnswer> => {
    const answer = await transport.send({
      method: "POST",
      path: `${CONTROLLER}?${query}&loginRequestStep=${step}`,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
      },
      body: form,
    });
    keepCookies(cookies, answer);
    return answer;
  };

  const first = await ask(STEP.initialise);
  refuseUnless(first, transport, username, "notSpp");
  const second = await ask(STEP.password);
  refuseUnless(second, transport, username);
  if (textMember(second, "SecondaryProviderID")) throw sppFailure("secondFactor", transport.object, "log in", username);
  const third = await ask(STEP.claims);
  refuseUnless(third, transport, username);
  const address = textMember(third, "RelyingPartyUrl");
  const code = URL.canParse(address) ? new URL(address).searchParams.get("code") : undefined;
  if (!code) throw sppFailure("notSpp", transport.object, "log in");
  return exchange(transport, username, {
    grant_type: "authorization_code",
    redirect_uri: REDIRECT,
    code,
    code_verifier: verifier,
  });
}

/** `POST /RSTS/oauth2/token` (§3.2). */
async function exchange(transport: Transport, username: string, body: Record<string, string>): Promise<string> {
  const answer = await transport.send({
    method: "POST",
    path: "/RSTS/oauth2/token",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const json = parseJson(answer.text);
  const token = tokenAnswer.safeParse(json);
  if (answer.status === 200 && token.success) return token.data.access_token;
  if (tokenRefusal.safeParse(json).success) throw sppFailure("credentials", transport.object, "log in", username);
  throw sppFailure("notSpp", transport.object, "log in");
}

/** The meaning of a refusal depends on the step: before the password step, it cannot concern the credentials. */
function refuseUnless(
  answer: HttpAnswer,
  transport: Transport,
  username: string,
  otherwise: "credentials" | "notSpp" = "credentials",
): void {
  if (answer.status === 200) return;
  if (answer.status >= 500) throw sppFailure("unavailable", transport.object, "log in", `${answer.status}`);
  // The login controller reports its per-user rate limit in plain text only (§3.3).
  if (/too many/i.test(answer.text)) throw sppFailure("throttled", transport.object, "log in", username);
  throw sppFailure(otherwise, transport.object, "log in", username);
}

function keepCookies(cookies: Map<string, string>, answer: HttpAnswer): void {
  for (const line of [answer.headers["set-cookie"] ?? []].flat()) {
    const [name, ...value] = (line.split(";")[0] ?? "").split("=");
    if (name) cookies.set(name.trim(), value.join("="));
  }
}

function textMember(answer: HttpAnswer, name: string): string {
  const json = parseJson(answer.text);
  const value = json !== null && typeof json === "object" ? (json as Record<string, unknown>)[name] : undefined;
  return typeof value === "string" ? value : "";
}
