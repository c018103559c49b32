import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Appliance } from "../appliance";
import { malformed, notFound, SpsRefusal, unauthenticated, unauthorized } from "../state/errors";
import type { Json } from "../state/json";
import type { Session } from "../state/sessions";
import { sessionCookie } from "./login";
import { isAllowed } from "./privileges";
import type { ApiResponse, Call, Method, Resolver, Resource } from "./resource";

/** Clients that wait for a challenge send their password only after it. The realm of a real appliance is unknown. */
const CHALLENGE = { "www-authenticate": 'Basic realm="Safeguard for Privileged Sessions"' };

/** Serves the resources of an appliance: login, privileges, errors and headers. */
export function serve(server: FastifyInstance, appliance: Appliance, resolvers: Resolver[]): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
  server.addHook("onRequest", async (request, reply) => {
    reply.header("content-language", "en");
    if (appliance.faults.has("sps-slow")) await appliance.clock.wait(5);
    if (appliance.faults.has("sps-5xx") || appliance.clock.now().getTime() < appliance.outageUntil) {
      return reply.code(503).type("text/html").send("<html><body>Service Unavailable</body></html>");
    }
    if (request.method === "POST" && request.headers["content-length"] === undefined) return reply.code(411).send();
    return undefined;
  });
  server.all("/*", (request, reply) => respond(appliance, resolvers, request, reply));
}

async function respond(appliance: Appliance, resolvers: Resolver[], request: FastifyRequest, reply: FastifyReply) {
  const isChange = request.method !== "GET";
  if (isChange && appliance.faults.has("sps-out-of-memory")) return reply.code(500).send();
  const result = await handleRequest(appliance, resolvers, request, reply);
  if (isChange && result.status < 300 && appliance.faults.consume("sps-answer-lost")) {
    reply.hijack();
    request.raw.socket.destroy();
    return reply;
  }
  reply.code(result.status).headers(result.headers ?? {});
  if (result.body === undefined) return reply.send();
  if (Buffer.isBuffer(result.body)) return reply.send(result.body);
  return reply.type("application/json").send(JSON.stringify(result.body));
}

async function handleRequest(
  appliance: Appliance,
  resolvers: Resolver[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<ApiResponse> {
  const call = callOf(request);
  let wasOpen = true;
  try {
    const found = resolvers.map((resolve) => resolve(call.path)).find((resolved) => resolved !== undefined);
    if (found) reply.header("allow", Object.keys(found.resource.methods).sort().join(", "));
    findSession(appliance, call, request, reply);
    if (!call.session && found?.resource.access !== "anonymous") throw unauthenticated(call.path);
    if (!found) throw notFound(call.path);
    call.parameters = found.parameters;
    wasOpen = call.session?.transaction !== undefined;
    return await handle(appliance, found.resource, call, request);
  } catch (error) {
    if (!(error instanceof SpsRefusal)) throw error;
    // A refused change must not leave the transaction open that it opened implicitly.
    if (!wasOpen && call.session) call.session.transaction = undefined;
    const { type, message, details } = error;
    return {
      status: error.status,
      body: { error: { type, message, details }, meta: { href: call.path } },
      ...(error.status === 401 && isChallenged(appliance, call) ? { headers: CHALLENGE } : {}),
    };
  }
}

async function handle(
  appliance: Appliance,
  resource: Resource,
  call: Call,
  request: FastifyRequest,
): Promise<ApiResponse> {
  const method = request.method as Method;
  if (!Object.hasOwn(resource.methods, method)) {
    throw new SpsRefusal(405, "MethodNotAllowed", "This resource does not support the method.");
  }
  if (resource.access === "authenticated" && !isAllowed(appliance.privileges, call.path, method)) {
    throw unauthorized(call.path);
  }
  if (method !== "GET") {
    checkBrowserToken(appliance, call, request);
    call.body = bodyOf(request);
  }
  if (resource.access === "anonymous") return (await resource.methods[method]?.(call)) ?? { status: 405 };
  const { session } = call;
  if (!session) throw unauthenticated(call.path);
  return (await resource.methods[method]?.({ ...call, session })) ?? { status: 405 };
}

function isChallenged(appliance: Appliance, call: Call): boolean {
  return appliance.variant.loginChallenge === "every-401" || call.path === "/api/authentication";
}

function callOf(request: FastifyRequest): Call {
  const url = new URL(`https://sps${request.url}`);
  // Slashes at the end or in a row are accepted: safeguard-ps sends `/api//`.
  const path = url.pathname.replace(/\/{2,}/g, "/");
  return {
    path: path.length > 1 ? path.replace(/\/$/, "") : path,
    query: url.searchParams,
    parameters: {},
    body: undefined,
    authorization: request.headers.authorization,
    session: undefined,
    hasStaleCookie: false,
  };
}

/** Finds the session of the cookie. Without one, basic credentials start a new session. */
function findSession(appliance: Appliance, call: Call, request: FastifyRequest, reply: FastifyReply): void {
  const id = /(?:^|;\s*)session_id=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
  let session: Session | undefined = id === undefined ? undefined : appliance.sessions.find(id);
  if (session && appliance.faults.consume("sps-session-expired")) {
    appliance.sessions.end(session);
    session = undefined;
  }
  call.hasStaleCookie = id !== undefined && !session;
  if (!session && call.authorization !== undefined && call.path !== "/api/authentication") {
    session = appliance.sessions.logIn(call.authorization);
    if (session) reply.header("set-cookie", sessionCookie(session.id));
  }
  call.session = session;
}

/** Checks the CSRF token of browsers. The status of the refusal is undocumented; 403 is the lab's own. */
function checkBrowserToken(appliance: Appliance, call: Call, request: FastifyRequest): void {
  const isBrowser = /^Mozilla/i.test(request.headers["user-agent"] ?? "");
  if (appliance.variant.browserToken === "ignored" || !isBrowser) return;
  if (call.session && request.headers["x-token"] === call.session.token) return;
  throw new SpsRefusal(403, "TokenRequired", "Browsers must send the X-Token header.", { resource: call.path });
}

function bodyOf(request: FastifyRequest): Json | undefined {
  const text = typeof request.body === "string" ? request.body : "";
  if (text === "") return undefined;
  if (!/^application\/json\b/.test(request.headers["content-type"] ?? "")) {
    throw malformed("The content type must be application/json.");
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw malformed("The body is not valid JSON.");
  }
}
