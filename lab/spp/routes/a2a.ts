import { refusals } from "../api-error";
import { bodyOf, type RouteGroup, textOf } from "./route";

/**
 * The part of the a2a service that a join uses. The vendor documents only the path. The request, a POST of
 * `{"NodeId", "OneTimeToken"}` without a bearer token, and its empty response are the lab's own.
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
