import type { Server } from "node:https";
import fastify, { type FastifyInstance } from "fastify";
import type { Traffic } from "../common/traffic";
import { ApiError, refusals } from "./api-error";
import { Authorization } from "./authorization";
import type { SppContext } from "./context";
import { tokenService } from "./login/token-service";
import { toCsv } from "./query/csv";
import { a2aRoutes } from "./routes/a2a";
import { accessRoutes } from "./routes/access";
import { applianceRoutes } from "./routes/appliance";
import { certificateRoutes } from "./routes/certificates";
import { clusterRoutes } from "./routes/cluster";
import { diagnosticsRoutes } from "./routes/diagnostics";
import { notificationRoutes } from "./routes/notification";
import type { RouteGroup } from "./routes/route";
import { sessionRoutes } from "./routes/session";
import { sessionModuleRoutes } from "./routes/session-modules";
import { settingsRoutes } from "./routes/settings";
import { supportRoutes } from "./routes/support";
import { attachFaults } from "./server-faults";

/** The route groups with their service and first API version. */
const SERVICES: { service: string; since: number; routes: RouteGroup }[] = [
  { service: "core", since: 2, routes: sessionRoutes },
  { service: "core", since: 3, routes: settingsRoutes },
  { service: "core", since: 3, routes: clusterRoutes },
  { service: "core", since: 3, routes: sessionModuleRoutes },
  { service: "core", since: 3, routes: certificateRoutes },
  { service: "core", since: 3, routes: accessRoutes },
  { service: "appliance", since: 2, routes: applianceRoutes },
  { service: "appliance", since: 2, routes: diagnosticsRoutes },
  { service: "appliance", since: 2, routes: supportRoutes },
  { service: "notification", since: 2, routes: notificationRoutes },
  { service: "a2a", since: 2, routes: a2aRoutes },
];

/** Builds the web server of the appliance. Paths are case-insensitive; all API versions are served in parallel. */
export function buildServer(context: SppContext, traffic: Traffic): FastifyInstance<Server> {
  const server = fastify({
    https: { ...context.certificate.keyAndCertificate(), minVersion: "TLSv1.2" },
    routerOptions: { caseSensitive: false, ignoreDuplicateSlashes: true },
    forceCloseConnections: true,
    exposeHeadRoutes: false,
  });
  attachFaults(server, context, traffic);
  parseBodies(server);
  answerErrors(server);
  answerCsv(server);
  const access = new Authorization(context);
  for (const { service, since, routes } of SERVICES) {
    // One set of routes for all versions: one set for each version would triple the start time.
    const versions = `[vV][${since}-${context.options.newestApiVersion}]`;
    server.register(
      (scope, _options, done) => {
        routes(scope, context, access);
        done();
      },
      { prefix: `/service/${service}/:version(^${versions}$)` },
    );
  }
  server.register(
    (scope, _options, done) => {
      tokenService(scope, context);
      done();
    },
    { prefix: "/RSTS" },
  );
  return server;
}

function parseBodies(server: FastifyInstance<Server>): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) => {
    if (body === "") return done(null, undefined);
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(refusals.unbindable("entity", "The body is not valid JSON."));
    }
  });
  server.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) =>
    body === "" ? done(null, undefined) : done(new ApiError(415)),
  );
}

/** Sends successful responses as CSV to clients that accept only that. */
function answerCsv(server: FastifyInstance<Server>): void {
  server.addHook("preSerialization", async (request, reply, payload) => {
    const isAsked = /^text\/csv\b/i.test(request.headers.accept ?? "");
    if (isAsked && reply.statusCode < 300 && /^\/service\//i.test(request.url)) {
      reply.type("text/csv; charset=utf-8").serializer(toCsv);
    }
    return payload;
  });
}

function answerErrors(server: FastifyInstance<Server>): void {
  server.setNotFoundHandler(async (_request, reply) => reply.code(404).send());
  server.setErrorHandler(async (error, _request, reply) => {
    if (error instanceof ApiError) return reply.code(error.status).send(error.body);
    const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
    if (status >= 500) console.error("lab: internal error of the simulated SPP:", error);
    return reply.code(status).send();
  });
}
