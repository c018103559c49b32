import type { Server } from "node:https";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { breakConnection, type Traffic } from "../common/traffic";
import { bearerToken } from "./authorization";
import type { SppContext } from "./context";

/** How much longer an answer takes while the appliance is slow. */
const SLOW_SECONDS = 5;
const OTHER_SITE = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n";

/**
 * Hooks the traffic log and those faults into a server that concern every request: another web site, server errors,
 * maintenance, slowness, forgotten tokens and lost answers.
 */
export function attachFaults(server: FastifyInstance<Server>, context: SppContext, traffic: Traffic): void {
  const { clock, faults } = context.options;
  // Ahead of the traffic log, which then knows that no answer was sent.
  server.addHook("onSend", async (request, reply) => {
    if (faults.has("spp-slow")) await clock.wait(SLOW_SECONDS);
    const changed = isChange(request) && reply.statusCode < 300;
    if (changed && faults.consume("spp-answer-lost")) breakConnection(request, reply);
  });
  traffic.attach(server);
  server.addHook("onRequest", async (request, reply) => {
    if (reply.sent) return;
    if (faults.has("spp-5xx")) return reply.code(503).send();
    if (faults.has("spp-not-spp")) {
      const found = request.url === "/";
      return reply
        .code(found ? 200 : 404)
        .type("text/html")
        .send(OTHER_SITE);
    }
    if (faults.has("spp-maintenance") && !/^\/service\/(notification|appliance)\//i.test(request.url)) {
      return reply.code(503).send();
    }
    if (bearerToken(request) && faults.consume("spp-token-expired")) context.tokens.forgetAllUsers();
  });
}

/** Whether a request changes the appliance, other than by logging in or out. */
function isChange(request: FastifyRequest): boolean {
  if (request.method === "GET" || request.method === "HEAD") return false;
  return /^\/service\/(?!core\/v\d\/Token\/|appliance\/v\d\/NetworkDiagnostics\/)/i.test(request.url);
}
