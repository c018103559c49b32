import { randomBytes } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { SppContext } from "./context";
import {
  checkPassword,
  type Fields,
  fieldsOf,
  INSTALLED_APPLICATION,
  SECOND_FACTOR_CODE,
  SECOND_FACTOR_PROVIDER,
} from "./login";
import { parameter, type Query } from "./query/collection";
import type { SppUser } from "./users";

/** Cookie that connects the steps of one login. The name on a real appliance is unknown. */
const SESSION_COOKIE = "RstsLogin";

/** A login in progress. */
interface LoginAttempt {
  challenge: string;
  user?: SppUser | undefined;
  secondFactor: "none" | "needed" | "passed";
  /** `State` of the second factor; absent until step 7. */
  state?: string;
}

/**
 * The login controller behind the login page. A login has the steps 1, 3 and 6, with 7 and 5 before 6 for a second
 * factor. Each step is a form with the value of the cookie `CsrfToken`. Errors are plain text with status 400.
 */
export function loginController(server: FastifyInstance, context: SppContext): void {
  const logins = new Map<string, LoginAttempt>();

  const steps: Record<string, (login: LoginAttempt, fields: Fields, reply: FastifyReply) => FastifyReply> = {
    "3": (login, fields, reply) => {
      if (fields.directoryComboBox?.toLowerCase() !== "local") return sendText(reply, "The provider is not known.");
      const name = fields.usernameTextbox ?? "";
      if (context.options.loginThrottle && !context.users.allowLogin(name)) {
        return sendText(reply, "There were too many authentication requests for this user. Try again later.");
      }
      const user = checkPassword(context, name, fields.passwordTextbox ?? "");
      if (typeof user === "string") return sendText(reply, user);
      const isNeeded = context.options.faults.has("spp-second-factor");
      login.user = user;
      login.secondFactor = isNeeded ? "needed" : "none";
      return reply.send({ SecondaryProviderID: isNeeded ? SECOND_FACTOR_PROVIDER : "" });
    },
    "7": (login, _fields, reply) => {
      if (login.secondFactor !== "needed") return sendText(reply, "No second factor is needed.");
      login.state = randomBytes(12).toString("base64url");
      return reply.send({ State: login.state, Message: "Enter the code of your token." });
    },
    "5": (login, fields, reply) => {
      if (!login.state || fields.secondaryAuthenticationStateTextbox !== login.state) {
        return sendText(reply, "The second factor was not started.");
      }
      if (fields.secondaryLoginTextbox !== SECOND_FACTOR_CODE) {
        return reply.code(203).send({ State: login.state, Message: "The code is wrong." });
      }
      login.secondFactor = "passed";
      return reply.send({});
    },
    "6": (login, _fields, reply) => {
      if (!login.user || login.secondFactor === "needed") return sendText(reply, "The login is not complete.");
      const code = context.tokens.issueCode(login.user, login.challenge);
      login.user = undefined;
      return reply.send({ RelyingPartyUrl: `${INSTALLED_APPLICATION}?code=${code}` });
    },
  };

  server.post("/UserLogin/LoginController", async (request, reply) => {
    const query = request.query as Query;
    const challenge = parameter(query, "code_challenge") ?? "";
    const problem = requestProblem(request, query, challenge);
    if (problem) return sendText(reply, problem);
    const step = parameter(query, "loginRequestStep") ?? "";
    if (step === "1") {
      const id = randomBytes(24).toString("base64url");
      logins.set(id, { challenge, secondFactor: "none" });
      reply.header("Set-Cookie", `${SESSION_COOKIE}=${id}; Path=/RSTS; Secure; HttpOnly`);
      return reply.send({});
    }
    const id = cookiesOf(request).get(SESSION_COOKIE) ?? "";
    const login = logins.get(id);
    if (!login || login.challenge !== challenge) return sendText(reply, "The login was not initialized.");
    const handle = Object.hasOwn(steps, step) ? steps[step] : undefined;
    if (!handle) return sendText(reply, "The login step is not known.");
    if (step !== "3" && !login.user) return sendText(reply, "The login steps are out of order.");
    return handle(login, fieldsOf(request), reply);
  });
}

function requestProblem(request: FastifyRequest, query: Query, challenge: string): string | undefined {
  const csrf = cookiesOf(request).get("CsrfToken");
  if (!csrf || fieldsOf(request).csrfTokenTextbox !== csrf) return "The CSRF token is not valid.";
  if (parameter(query, "response_type") !== "code") return "The response type is not supported.";
  if (parameter(query, "redirect_uri") !== INSTALLED_APPLICATION) return "The redirect address is not known.";
  const isWellFormed = parameter(query, "code_challenge_method") === "S256" && /^[\w-]{43}$/.test(challenge);
  return isWellFormed ? undefined : "The code challenge is not valid.";
}

function cookiesOf(request: FastifyRequest): Map<string, string> {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim().split(/=(.*)/s));
  return new Map(pairs.map(([name = "", value = ""]) => [name, value]));
}

function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.code(400).type("text/plain").send(text);
}
