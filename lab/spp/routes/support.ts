import { refusals } from "../api-error";
import { ROLES } from "../authorization";
import { flag, parameter, selectFields } from "../query/collection";
import { bodyOf, booleanOf, pathParameter, queryOf, type RouteGroup, textOf } from "./route";

const BINARY = "application/octet-stream";

/** Downloads and settings for the vendor's support: bundles, debug logging, backup files. */
export const supportRoutes: RouteGroup = (server, context, access) => {
  const { backups, bundles, serviceDebug } = context;

  server.get("/SupportBundle", async (request, reply) => {
    access.userWith(ROLES.downloadSupportBundle, request, reply);
    const query = queryOf(request);
    flag(query, "includeSessionLogs");
    const days = parameter(query, "logRetentionDays");
    if (days !== undefined && !/^\d{1,9}$/.test(days)) {
      throw refusals.unbindable("logRetentionDays", `The value '${days}' is not valid.`);
    }
    const bundle = await bundles.collect({
      includeEventLogs: parameter(query, "includeEventLogs") === undefined || flag(query, "includeEventLogs"),
      logRetentionDays: days === undefined ? undefined : Number(days),
    });
    return reply.type(BINARY).send(bundle);
  });

  server.get("/SupportBundle/QuickGlance", async (request, reply) => {
    access.userWith(ROLES.downloadSupportBundle, request, reply);
    return reply.type(BINARY).send(Buffer.from(await bundles.quickGlance()));
  });

  server.get("/SupportBundle/Quarantine", async (request, reply) => {
    access.userWith(ROLES.downloadSupportBundle, request, reply);
    // The appliance was never in quarantine.
    throw refusals.notFound();
  });

  server.get("/Service/Debug", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    return selectFields(serviceDebug.settings(), queryOf(request), "ServiceDebug");
  });

  server.put("/Service/Debug", async (request, reply) => {
    access.userWith(ROLES.changeServiceDebug, request, reply);
    const body = bodyOf(request);
    serviceDebug.change({
      networkDebugEnabled: booleanOf(body, "NetworkDebugEnabled") ?? false,
      syslogServer: body.SyslogServer ? Object(body.SyslogServer) : undefined,
      syslogFacility: textOf(body, "SyslogFacility"),
      services: body.Services,
    });
    return serviceDebug.settings();
  });

  server.get("/Backups/:id/Download", async (request, reply) => {
    access.userWith(ROLES.readAppliance, request, reply);
    flag(queryOf(request), "vmCompatible");
    const backup = backups.get(pathParameter(request, "id"));
    if (backup.Status === "InProcess") throw refusals.backupRunning();
    return reply.type(BINARY).send(Buffer.from(`lab backup ${backup.Id} of ${backup.ApplianceId}\n`));
  });
};
