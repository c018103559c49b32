import { refusals } from "../api-error";
import { bodyOf, type RouteGroup, textOf } from "./route";

/**
 * The a2a service, as far as a join needs it. Only the path is known from the vendor; that the request is a POST of
 * `{"NodeId","OneTimeToken"}` without a bearer token, answered with an empty object, is an agreement between the lab's
 * own appliances.
 */
export const a2aRoutes: RouteGroup = (server, context, access) => {
  server.post("/PsmValidation", async (request) => {
    access.requirePrimary();
    const body = bodyOf(request);
    const nodeId = textOf(body, "NodeId");
    const oneTimeToken = textOf(body, "OneTimeToken");
    if (!nodeId || !oneTimeToken) throw refusals.handshakeRefused();
    context.handshake.validate(nodeId, oneTimeToken);
    return {};
  });
};
