import type { Appliance } from "../appliance";
import type { Bundle } from "../state/bundles";
import { malformed, notFound, SpsRefusal } from "../state/errors";
import { isObject, type JsonObject } from "../state/json";
import { folderResponse, metaOf } from "./links";
import type { ApiResponse, Resource, SessionCall } from "./resource";

const BUNDLES = "/api/troubleshooting/support-bundle";

/** Support bundles and name resolution; 7.0 and later. */
export function troubleshootingResources(appliance: Appliance): Resource[] {
  if (!appliance.variant.newerEndpoints) return [];
  return [
    {
      path: "/api/troubleshooting",
      access: "authenticated",
      methods: { GET: (call) => folderResponse(appliance, call, ["support-bundle"]) },
    },
    {
      path: BUNDLES,
      access: "authenticated",
      methods: { GET: (call) => listBundles(appliance, call), POST: (call) => startBundle(appliance, call) },
    },
    {
      path: `${BUNDLES}/:key`,
      access: "authenticated",
      methods: {
        GET: (call) => ({
          status: 200,
          body: { ...describe(appliance, findBundle(appliance, call)), meta: metaOf(appliance, call) },
        }),
        DELETE: (call) => {
          findBundle(appliance, call);
          appliance.bundles.remove();
          return { status: 200, body: { meta: metaOf(appliance, call) } };
        },
      },
    },
    {
      path: `${BUNDLES}/:key/download`,
      access: "authenticated",
      methods: { GET: (call) => download(appliance, call) },
    },
    {
      path: "/api/tools",
      access: "authenticated",
      methods: { GET: (call) => folderResponse(appliance, call, ["hosts-by-name", "ldaptest"]) },
    },
    {
      path: "/api/tools/hosts-by-name",
      access: "authenticated",
      methods: { POST: (call) => resolveHost(appliance, call) },
    },
  ];
}

function startBundle(appliance: Appliance, call: SessionCall): ApiResponse {
  const running = appliance.bundles.current();
  const isRunning = running !== undefined && !appliance.bundles.isFinished(running);
  if (isRunning && appliance.variant.bundleSecondStart === "refused") {
    throw new SpsRefusal(409, "SupportBundleRunning", "A support bundle is being collected already.");
  }
  const bundle = isRunning ? running : appliance.bundles.start();
  return { status: 201, body: { ...describe(appliance, bundle), meta: metaOf(appliance, call, linksOf(bundle)) } };
}

function listBundles(appliance: Appliance, call: SessionCall): ApiResponse {
  const bundle = appliance.bundles.current();
  const items = bundle ? [{ ...describe(appliance, bundle), meta: linksOf(bundle) }] : [];
  return { status: 200, body: { items, meta: metaOf(appliance, call) } };
}

function findBundle(appliance: Appliance, call: SessionCall): Bundle {
  const bundle = appliance.bundles.current();
  if (bundle?.key !== call.parameters.key || !bundle) throw notFound(call.path);
  return bundle;
}

function describe(appliance: Appliance, bundle: Bundle): JsonObject {
  return { key: bundle.key, body: { status: appliance.bundles.isFinished(bundle) ? "finished" : "running" } };
}

function linksOf(bundle: Bundle): JsonObject {
  return { href: `${BUNDLES}/${bundle.key}`, parent: BUNDLES };
}

function download(appliance: Appliance, call: SessionCall): ApiResponse {
  const bundle = findBundle(appliance, call);
  if (!appliance.bundles.isFinished(bundle)) throw notFound(call.path);
  return { status: 200, body: appliance.bundles.archive(), headers: { "content-type": "application/gzip" } };
}

/** Resolves names of the address book. The vendor documents only `protocol`; `name` and the response are the lab's own. */
function resolveHost(appliance: Appliance, call: SessionCall): ApiResponse {
  if (!isObject(call.body) || typeof call.body.name !== "string") throw malformed("The member name is missing.");
  const { name, protocol = "TCP" } = call.body;
  if (protocol !== "TCP" && protocol !== "UDP") throw malformed("The protocol must be TCP or UDP.");
  const endpoint = appliance.addressBook.find(name);
  return { status: 200, body: { hosts: endpoint ? [endpoint.address] : [], meta: metaOf(appliance, call) } };
}
