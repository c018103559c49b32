import type { FastifyReply } from "fastify";
import { refusals } from "../api-error";
import { ROLES } from "../authorization";
import { cldapPing, nslookup, ping, telnet, throughput, traceroute } from "../support/diagnostics";
import { bodyOf, integerOf, type RouteGroup, textOf } from "./route";

/** The network diagnostics. The response is the output of the tool as a JSON string; no packet is sent. */
export const diagnosticsRoutes: RouteGroup = (server, context, access) => {
  const { addressBook, faults } = context.options;
  const network = { book: addressBook, faults };

  server.get("/NetworkDiagnostics", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return reply.code(204).send();
  });

  const tool = (name: string, run: (target: string, body: Record<string, unknown>) => string | object) =>
    server.post(`/NetworkDiagnostics/${name}`, async (request, reply) => {
      access.userWith(ROLES.operate, request, reply);
      const body = bodyOf(request);
      const target = textOf(body, "NetworkAddress");
      if (!target) throw refusals.addressEmpty();
      return sendOutput(reply, run(target, body));
    });

  tool("Ping", (target, body) =>
    ping(network, target, {
      count: integerOf(body, "NumberEchoRequests", [1, 2_147_483_647]) ?? 4,
      bufferSize: integerOf(body, "BufferSize", [0, 65_500]) ?? 32,
      isWhole: body.DontFragmentFlag === true,
      timeToLive: integerOf(body, "TimeToLive", [1, 255]) ?? 128,
      timeoutMilliseconds: integerOf(body, "MillisecondTimeout", [0, 2_147_483_647]),
      countHops: integerOf(body, "CountHops", [1, 9]),
      timestampForCountHops: integerOf(body, "TimestampForCountHops", [1, 4]),
    }),
  );
  tool("Telnet", (target, body) => {
    integerOf(body, "MillisecondTimeout", [1, 2_147_483_647]);
    return telnet(network, target, integerOf(body, "Port", [1, 65_535]) ?? 23);
  });
  tool("Traceroute", (target, body) => {
    integerOf(body, "MillisecondTimeout", [1, 2_147_483_647]);
    return traceroute(network, target, integerOf(body, "CountHops", [1, 255]) ?? 30);
  });
  tool("Nslookup", (target) => nslookup(addressBook, target));
  tool("CldapPing", (target) => cldapPing(target));

  server.post("/NetworkDiagnostics/Throughput", async (request, reply) => {
    access.userWith(ROLES.operate, request, reply);
    const body = bodyOf(request);
    const target = textOf(body, "TargetApplianceId");
    if (!target) throw refusals.valueMissing("TargetApplianceId");
    const megabytes = integerOf(body, "MbToTransfer", [1, 1000]) ?? 1;
    return sendOutput(reply, throughput(context.identity.applianceId, target, megabytes));
  });

  server.post("/NetworkDiagnostics/FlushDns", async (request, reply) => {
    access.userWith(ROLES.operate, request, reply);
    return reply.code(204).send();
  });

  for (const name of ["Arp", "Netstat", "Routes"]) {
    server.post(`/NetworkDiagnostics/${name}`, async (request, reply) => {
      access.userWith(ROLES.operate, request, reply);
      return sendOutput(reply, `Interface: ${context.identity.address} (X0)\r\n`);
    });
  }
};

/** Sends the output of a tool; text needs its own JSON encoding. */
function sendOutput(reply: FastifyReply, output: string | object) {
  return reply.type("application/json").send(typeof output === "string" ? JSON.stringify(output) : output);
}
