import { applianceState, availabilityOf, statusOf } from "../status";
import type { RouteGroup } from "./route";

/** The notification service: health without a token, also in maintenance mode. */
export const notificationRoutes: RouteGroup = (server, context) => {
  server.get("/Status", async () => statusOf(context));
  server.get("/Status/Availability", async () => availabilityOf(context));
  server.get("/Status/Cluster", async () => [statusOf(context)]);
  server.get("/Status/ClusterPatch", async (_request, reply) => reply.code(204).send());

  server.get("/Status/State", async (_request, reply) =>
    reply.type("application/json").send(JSON.stringify(applianceState(context))),
  );

  server.get("/Status/Maintenance", async () => {
    const active = applianceState(context) === "Maintenance";
    return {
      StartTime: active ? context.identity.startedAt.toISOString() : null,
      Type: active ? "Patch" : "None",
      TaskData: null,
      IsComplete: !active,
      Steps: [],
    };
  });
};
