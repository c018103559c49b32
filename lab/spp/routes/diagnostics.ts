import { refusals } from "../api-error";
import { ROLES } from "../authorization";
import type { SppContext } from "../context";
import { bodyOf, integerOf, type RouteGroup, textOf } from "./route";

/** Ports that count as open on every appliance of the lab. */
const OPEN_PORTS = [443, 8649];

/**
 * The network diagnostics. The response is the output of the tool as a JSON string. It is derived from the address book
 * of the lab; no packet is sent.
 */
export const diagnosticsRoutes: RouteGroup = (server, context, access) => {
  server.get("/NetworkDiagnostics", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return reply.code(204).send();
  });

  const tool = (name: string, run: (target: string, port: number | undefined) => string) =>
    server.post(`/NetworkDiagnostics/${name}`, async (request, reply) => {
      access.userWith(ROLES.operate, request, reply);
      const body = bodyOf(request);
      const target = textOf(body, "NetworkAddress");
      if (!target) throw refusals.addressEmpty();
      return reply.type("application/json").send(JSON.stringify(run(target, integerOf(body, "Port"))));
    });

  tool("Ping", (target) =>
    isKnown(context, target)
      ? `Reply from ${target}: bytes=32 time<1ms TTL=64\r\nPackets: Sent = 4, Received = 4, Lost = 0 (0% loss)\r\n`
      : `Request timed out.\r\nPackets: Sent = 4, Received = 0, Lost = 4 (100% loss)\r\n`,
  );
  tool("Telnet", (target, port = 23) =>
    isKnown(context, target) && OPEN_PORTS.includes(port)
      ? `Connected to ${target}:${port}.\r\n`
      : `Could not open a connection to ${target}:${port}.\r\n`,
  );
  tool("Traceroute", (target) =>
    isKnown(context, target)
      ? `  1    <1 ms    ${target}\r\nTrace complete.\r\n`
      : `  1     *     Request timed out.\r\n`,
  );
  tool("Nslookup", (target) => {
    const endpoint = context.options.addressBook.find(target);
    return endpoint ? `Name: ${target}\r\nAddress: ${endpoint.address}\r\n` : `${target}: non-existent domain\r\n`;
  });

  for (const name of ["Arp", "Netstat", "Routes"]) {
    server.post(`/NetworkDiagnostics/${name}`, async (request, reply) => {
      access.userWith(ROLES.operate, request, reply);
      const output = `Interface: ${context.identity.address} (X0)\r\n`;
      return reply.type("application/json").send(JSON.stringify(output));
    });
  }
};

function isKnown(context: SppContext, target: string): boolean {
  return context.options.addressBook.find(target) !== undefined;
}
