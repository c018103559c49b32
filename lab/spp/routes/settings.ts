import { refusals } from "../api-error";
import { ROLES } from "../authorization";
import { collection, selectFields } from "../query/collection";
import { bodyOf, pathParameter, queryOf, type RouteGroup, textOf } from "./route";

/** Settings. */
export const settingsRoutes: RouteGroup = (server, { settings }, access) => {
  server.get("/Settings", async (request, reply) => {
    access.user(request, reply);
    return collection(settings.list(), queryOf(request), "Setting");
  });

  server.get("/Settings/:id", async (request, reply) => {
    access.user(request, reply);
    return selectFields(settings.get(pathParameter(request, "id")), queryOf(request), "Setting");
  });

  server.put("/Settings/:id", async (request, reply) => {
    access.userWith(ROLES.changeSettings, request, reply);
    access.requirePrimary();
    const body = bodyOf(request);
    const setting = settings.get(pathParameter(request, "id"));
    const name = textOf(body, "Name");
    if (name !== undefined && name.toLowerCase() !== setting.Name.toLowerCase()) throw refusals.keyMismatch();
    const value = textOf(body, "Value");
    if (value === undefined) throw refusals.settingValueMissing();
    return settings.set(setting.Name, value);
  });
};
