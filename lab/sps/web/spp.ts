import type { Appliance } from "../appliance";
import { isCentral } from "../cluster/roles";
import { malformed, notFound, semanticError } from "../state/errors";
import { isObject } from "../state/json";
import { metaOf } from "./links";
import type { ApiResponse, Resource, SessionCall } from "./resource";

/** The join to SPP, which does not use transactions. */
export function sppResources(appliance: Appliance): Resource[] {
  const { sppRead } = appliance.variant;
  const post = (call: SessionCall) => joinSpp(appliance, call);
  const get = (call: SessionCall): ApiResponse => {
    if (sppRead === 404) throw notFound(call.path);
    const spp = appliance.join.state?.spp ?? null;
    return { status: 200, body: { body: { spp }, meta: metaOf(appliance, call) } };
  };
  const methods = sppRead === 405 ? { POST: post } : { GET: get, POST: post };
  return [{ path: "/api/cluster/spp", access: "authenticated", methods }];
}

async function joinSpp(appliance: Appliance, call: SessionCall): Promise<ApiResponse> {
  const { identity, join, store, variant } = appliance;
  if (!isObject(call.body)) throw malformed("The body must be a JSON object.");
  const { spp, spp_api_token: token, spp_cert_chain: chainPem } = call.body;
  if (typeof spp !== "string" || typeof token !== "string" || typeof chainPem !== "string") {
    throw malformed("The members spp, spp_api_token and spp_cert_chain are needed.");
  }
  if (!isCentral(store, identity.nodeId)) {
    throw semanticError("Only the Central Management node of a cluster can be joined.");
  }
  if (call.session.transaction && variant.joinWithOpenTransaction === "refused") {
    throw semanticError("Commit or roll back the open transaction first.");
  }
  await join.begin({ spp, token, chainPem });
  const status = variant.joinAnswerStatus;
  if (status === 202 || status === 204) return { status };
  return { status, body: { meta: metaOf(appliance, call) } };
}
