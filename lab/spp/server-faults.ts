import type { Server } from "node:https";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { breakConnection, type Traffic } from "../common/traffic";
import { bearerToken } from "./authorization";
import type { SppContext } from "./context";

/** Delay of a response while the fault `spp-slow` is on. */
const SLOW_SECONDS = 5;
const WEB_SITE = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n";

/**
 * Hooks the traffic record into a server, and the faults that affect all requests: web site, server errors, maintenance,
 * slow responses, revoked tokens and lost responses.
 */
export function attachFaults(server: FastifyInstance<Server>, context: SppContext, traffic: Traffic): void {
  const { clock, faults } = context.options;
  // Must run before the hook of the traffic record, which checks whether a response was sent.
  server.addHook("onSend", async (request, reply) => {
    if (faults.has("spp-slow")) await clock.wait(SLOW_SECONDS);
    const isApplied = isChange(request) && reply.statusCode < 300;
    if (isApplied && faults.consume("spp-answer-lost")) breakConnection(request, reply);
  });
  traffic.attach(server);
  server.addHook("onRequest", async (request, reply) => {
    if (reply.sent) return;
    if (faults.has("spp-5xx")) return reply.code(503).send();
    if (faults.has("spp-not-spp")) {
      const isHomePage = request.url === "/";
      return reply
        .code(isHomePage ? 200 : 404)
        .type("text/html")
        .send(WEB_SITE);
    }
    if (faults.has("spp-maintenance") && !/^\/service\/(notification|appliance)\//i.test(request.url)) {
      return reply.code(503).send();
    }
    if (bearerToken(request) && faults.consume("spp-token-expired")) context.tokens.revokeAllUserTokens();
  });
}

/** Whether a request changes the appliance; logins and logouts do not count. */
function isChange(request: FastifyRequest): boolean {
  if (request.method === "GET" || request.method === "HEAD") return false;
  return /^\/service\/(?!core\/v\d\/Token\/|appliance\/v\d\/NetworkDiagnostics\/)/i.test(request.url);
}
