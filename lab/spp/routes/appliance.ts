import { refusals } from "../api-error";
import { ROLES } from "../authorization";
import { collection, flag, selectFields } from "../query/collection";
import { healthOf, productVersionOf } from "../status";
import { pathParameter, queryOf, type RouteGroup } from "./route";

/** The appliance service: version, time, health, network interfaces, backups. */
export const applianceRoutes: RouteGroup = (server, context, access) => {
  const { backups, identity, options } = context;

  server.get("/Version", async (request) =>
    selectFields(productVersionOf(context), queryOf(request), "ProductVersion"),
  );

  server.get("/SystemTime", async (request, reply) => {
    // Needs no token; with a token, the response has its remaining lifetime.
    if (request.headers.authorization) access.user(request, reply);
    return { CurrentTime: options.clock.now().toISOString() };
  });

  server.get("/ApplianceStatus", async (request) => {
    const status = {
      Identity: identity.applianceId,
      Name: identity.name,
      HostDnsSuffix: identity.hostDnsSuffix,
      InstalledLicenses: ["PasswordManagement", "SessionManagement"].map((module) => ({
        Type: "Trial",
        Module: module,
        IsValid: true,
        Expires: null,
      })),
      IsReadOnly: false,
      RunLevel: "Level5",
    };
    return selectFields(status, queryOf(request), "ApplianceStatus");
  });

  server.get("/ApplianceStatus/Health", async () => healthOf(context));

  for (const path of ["/A2AService", "/A2AService/Status"]) {
    server.get(path, async (request, reply) => {
      access.userWith(ROLES.readAppliance, request, reply);
      return selectFields({ StartMode: "Automatic", IsRunning: true }, queryOf(request), "ServiceStatus");
    });
  }

  const primaryInterface = () => ({
    Name: "X0",
    MacAddress: identity.applianceId,
    EnableLinkAutoNegotiation: true,
    LinkSpeedMbps: 1000,
    LinkDuplex: "Full",
    LinkPresent: true,
    Ipv4Address: identity.address,
    Ipv4Netmask: "255.0.0.0",
    Ipv4Gateway: null,
    Ipv6Address: null,
    Ipv6SubnetPrefixLength: 0,
    Ipv6Gateway: null,
    Ipv4StaticRoutes: [],
    Ipv6StaticRoutes: [],
    DnsServers: [],
    DnsSuffix: identity.hostDnsSuffix,
    SystemOwned: true,
    VlanId: 0,
  });

  server.get("/NetworkInterfaces", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return collection([primaryInterface()], queryOf(request), "NetworkInterface");
  });

  server.get("/NetworkInterfaces/:id", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    if (pathParameter(request, "id").toUpperCase() !== "X0") throw refusals.notFound();
    return selectFields(primaryInterface(), queryOf(request), "NetworkInterface");
  });

  server.get("/Backups", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return collection(backups.rows, queryOf(request), "Backup");
  });

  server.post("/Backups", async (request, reply) => {
    const user = access.userWith(ROLES.operate, request, reply);
    return reply.code(201).send(backups.start(user));
  });

  server.get("/Backups/:id", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return selectFields(backups.get(pathParameter(request, "id")), queryOf(request), "Backup");
  });

  server.delete("/Backups/:id", async (request, reply) => {
    access.userWith(ROLES.operate, request, reply);
    flag(queryOf(request), "waitForCancel");
    backups.remove(pathParameter(request, "id"));
    return reply.code(204).send();
  });
};
