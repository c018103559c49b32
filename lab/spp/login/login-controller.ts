import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SppContext } from "../context";
import { parameter, type Query } from "../query/collection";
import { accountName, providerOf } from "./identity-providers";
import {
  checkPassword,
  type Fields,
  fieldsOf,
  INSTALLED_APPLICATION,
  needsSecondFactor,
  SECOND_FACTOR_CODE,
  SECOND_FACTOR_PROVIDER,
} from "./login";
import { stsGrant } from "./sts-grant";
import type { SppUser } from "./users";

/** Cookie that connects the steps of one login. The name on a real appliance is unknown. */
const SESSION_COOKIE = "RstsLogin";
/** Cookie of a user whose password was right; safeguard-ps requires it. */
const IDENTITY_COOKIE = "stsIdentity0";
const CSRF_COOKIE = "CsrfToken";

/** A login in progress. */
interface LoginAttempt {
  /** What the login returns: a code for the token endpoint, or the token itself. */
  responseType: "code" | "token";
  /** PKCE challenge; empty for a token. */
  challenge: string;
  user?: SppUser | undefined;
  secondFactor: "none" | "needed" | "passed";
  /** `State` of the second factor; absent until step 7. */
  state?: string;
}

type Step = (login: LoginAttempt, fields: Fields, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;

/**
 * The login controller behind the login page. A login has the steps 1, 3 and 6, with 7 and 5 before 6 for a second
 * factor. Each step is a form with the value of the cookie `CsrfToken`. Errors are plain text with status 400.
 */
export function loginController(server: FastifyInstance, context: SppContext): void {
  const logins = new Map<string, LoginAttempt>();
  const steps = stepsOf(context);

  // safeguard-bash reads the providers with a GET of step 1; the certificate provider has no form and is not listed.
  const providers = [{ Id: "local", DisplayName: "Local" }];
  server.get("/UserLogin/LoginController", async (request, reply) => {
    const isFirst = parameter(request.query as Query, "loginRequestStep") === "1";
    return isFirst ? { Providers: providers } : reply.code(405).send();
  });

  server.post("/UserLogin/LoginController", async (request, reply) => {
    const query = request.query as Query;
    const responseType = parameter(query, "response_type") ?? "";
    const challenge = parameter(query, "code_challenge") ?? "";
    const step = parameter(query, "loginRequestStep") ?? "";
    const issuesCsrfToken = step === "1" && !cookiesOf(request).has(CSRF_COOKIE);
    if (!issuesCsrfToken && !hasCsrfToken(request)) return sendText(reply, "The CSRF token is not valid.");
    const problem = requestProblem(query, responseType, challenge, context);
    if (problem) return sendText(reply, problem);
    if (step === "1") {
      const id = randomBytes(24).toString("base64url");
      logins.set(id, { responseType: responseType === "token" ? "token" : "code", challenge, secondFactor: "none" });
      addCookie(reply, SESSION_COOKIE, id);
      const csrf = issuesCsrfToken ? { AntiCsrfToken: issueCsrfToken(reply) } : {};
      return reply.send({ Providers: providers, ...csrf });
    }
    const login = logins.get(cookiesOf(request).get(SESSION_COOKIE) ?? "");
    if (!login || login.challenge !== challenge || login.responseType !== responseType) {
      return sendText(reply, "The login was not initialized.");
    }
    const handle = Object.hasOwn(steps, step) ? steps[step] : undefined;
    if (!handle) return sendText(reply, "The login step is not known.");
    if (step !== "3" && !login.user) return sendText(reply, "The login steps are out of order.");
    return handle(login, fieldsOf(request), reply);
  });
}

function stepsOf(context: SppContext): Record<string, Step> {
  return {
    "3": async (login, fields, reply) => {
      const provider = providerOf(context, fields.directoryComboBox);
      if (!provider) return sendText(reply, "The provider is not known.");
      const name = fields.usernameTextbox ?? "";
      if (context.options.loginThrottle && !context.users.allowLogin(name)) {
        return sendText(reply, "There were too many authentication requests for this user. Try again later.");
      }
      const user = checkPassword(context, accountName(provider, name), fields.passwordTextbox ?? "");
      if (typeof user === "string") return sendText(reply, user);
      const isNeeded = needsSecondFactor(context, user);
      login.user = user;
      login.secondFactor = isNeeded ? "needed" : "none";
      addCookie(reply, IDENTITY_COOKIE, randomBytes(24).toString("base64url"));
      // safeguard-ps takes the token from this response when no second factor is needed.
      const token = login.responseType === "token" && !isNeeded ? await stsGrant(context, user, true) : {};
      return reply.send({ SecondaryProviderID: isNeeded ? SECOND_FACTOR_PROVIDER : "", ...token });
    },
    "7": (login, _fields, reply) => {
      if (login.secondFactor !== "needed") return sendText(reply, "No second factor is needed.");
      login.state = randomBytes(12).toString("base64url");
      return reply.send({ State: login.state, Message: "Enter the code of your token.", Echo: true });
    },
    "5": (login, fields, reply) => {
      // safeguard-ps sends the state first without a code, and then the code without the state.
      const state = fields.secondaryAuthenticationStateTextbox || login.state;
      if (!login.state || state !== login.state) return sendText(reply, "The second factor was not started.");
      const code = fields.secondaryLoginTextbox ?? "";
      if (code === "") return reply.send({ State: login.state, Message: "Enter the code of your token.", Echo: true });
      if (code !== SECOND_FACTOR_CODE) {
        return reply.code(203).send({ State: login.state, Message: "The code is wrong.", Echo: true });
      }
      login.secondFactor = "passed";
      return reply.send({});
    },
    "6": async (login, _fields, reply) => {
      const { user } = login;
      if (!user || login.secondFactor === "needed") return sendText(reply, "The login is not complete.");
      login.user = undefined;
      return reply.send({ RelyingPartyUrl: `${INSTALLED_APPLICATION}${await resultOf(context, login, user)}` });
    },
  };
}

/** The end of the redirect address: a code as query, a token as fragment. */
async function resultOf(context: SppContext, login: LoginAttempt, user: SppUser): Promise<string> {
  if (login.responseType === "code") return `?code=${context.tokens.issueCode(user, login.challenge)}`;
  const { access_token, token_type, expires_in, scope } = await stsGrant(context, user, true);
  return `#${new URLSearchParams({ access_token, token_type, expires_in: String(expires_in), scope })}`;
}

function requestProblem(query: Query, type: string, challenge: string, context: SppContext): string | undefined {
  if (type !== "code" && type !== "token") return "The response type is not supported.";
  if (parameter(query, "redirect_uri") !== INSTALLED_APPLICATION) return "The redirect address is not known.";
  if (type === "token") {
    const isAllowed = context.options.variants.implicitGrant === "allowed" || context.settings.allowsGrant("Implicit");
    return isAllowed ? undefined : "OAuth2 implicit grant type is not allowed.";
  }
  const isWellFormed = parameter(query, "code_challenge_method") === "S256" && /^[\w-]{43}$/.test(challenge);
  return isWellFormed ? undefined : "The code challenge is not valid.";
}

function hasCsrfToken(request: FastifyRequest): boolean {
  const csrf = cookiesOf(request).get(CSRF_COOKIE);
  return csrf !== undefined && csrf !== "" && fieldsOf(request).csrfTokenTextbox === csrf;
}

/** Sets the cookie of a client that brought none. The value needs URL encoding, as on a real appliance. */
function issueCsrfToken(reply: FastifyReply): string {
  const value = `${randomBytes(24).toString("base64")}==`;
  addCookie(reply, CSRF_COOKIE, encodeURIComponent(value));
  return value;
}

function addCookie(reply: FastifyReply, name: string, value: string): void {
  reply.header("Set-Cookie", `${name}=${value}; Path=/RSTS; Secure; HttpOnly`);
}

/** The cookies of a request, decoded. */
function cookiesOf(request: FastifyRequest): Map<string, string> {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim().split(/=(.*)/s));
  return new Map(pairs.map(([name = "", value = ""]) => [name, decoded(value)]));
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(400).type("text/plain").send(text);
}
