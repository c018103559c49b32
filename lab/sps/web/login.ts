import type { Appliance } from "../appliance";
import { unauthenticated } from "../state/errors";
import type { JsonObject } from "../state/json";
import { metaOf } from "./links";
import { endpointsOf } from "./privileges";
import type { ApiResponse, Call, Resource, SessionCall } from "./resource";

/** Login, user information and privileges. */
export function loginResources(appliance: Appliance): Resource[] {
  const { variant } = appliance;
  const discovery: Resource = {
    path: `/api/authentication/${variant.loginDiscovery}`,
    access: "anonymous",
    methods: { GET: (call) => readLoginMethods(appliance, call) },
  };
  const userInfo = (path: string): Resource => ({
    path,
    access: "authenticated",
    methods: { GET: (call) => readUserInfo(appliance, call) },
  });
  const newer: Resource[] = [
    userInfo("/api/user/info"),
    userInfo("/api/userinfo"),
    {
      path: "/api/endpoints",
      access: "authenticated",
      methods: {
        GET: (call) => ({
          status: 200,
          body: { endpoints: endpointsOf(appliance.privileges), meta: metaOf(appliance, call) },
        }),
      },
    },
  ];
  return [
    { path: "/api/authentication", access: "anonymous", methods: { GET: (call) => logIn(appliance, call) } },
    discovery,
    userInfo("/api/user_info"),
    ...(variant.newerEndpoints ? newer : []),
  ];
}

/** The `Set-Cookie` header of a session. */
export function sessionCookie(id: string): string {
  return `session_id=${id}; Secure; HttpOnly; Path=/`;
}

function logIn(appliance: Appliance, call: Call): ApiResponse {
  const method = call.query.get("login_method") ?? "local";
  const isPassword = (call.query.get("type") ?? "basic") === "basic";
  if (call.authorization === undefined) {
    if (!call.session) throw unauthenticated(call.path);
    return { status: 200, body: { meta: metaOf(appliance, call) } };
  }
  const session = method === "local" && isPassword ? appliance.sessions.logIn(call.authorization) : undefined;
  if (!session) throw unauthenticated(call.path);
  return {
    status: 200,
    body: { meta: metaOf(appliance, { ...call, session }) },
    headers: { "set-cookie": sessionCookie(session.id) },
  };
}

function readLoginMethods(appliance: Appliance, call: Call): ApiResponse {
  const meta = metaOf(appliance, call);
  if (appliance.variant.loginDiscovery === "types") return { status: 200, body: { types: ["basic"], meta } };
  const local = appliance.variant.loginMethodItems === "texts" ? "local" : { name: "local", type: "password" };
  return { status: 200, body: { login_methods: [local], meta } };
}

function readUserInfo(appliance: Appliance, call: SessionCall): ApiResponse {
  const { browserToken, browserTokenField } = appliance.variant;
  const name = call.session.username;
  const token = browserToken === "required" ? call.session.token : undefined;
  const body: JsonObject = {
    user: browserTokenField === "user.token" && token ? { name, token } : { name },
    endpoints: endpointsOf(appliance.privileges),
    meta: metaOf(appliance, call),
  };
  if (browserTokenField === "token" && token) body.token = token;
  if (browserTokenField === "body.token" && token) body.body = { token };
  return { status: 200, body };
}
