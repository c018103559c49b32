import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { messageOf } from "../../provider/core/errors";
import { parseJson } from "../../provider/core/json";
import { printableLine } from "../../provider/core/printable";
import { isRecord } from "../../provider/core/record";
import { nameInUrn } from "../../provider/core/urn";
import { routerInputs } from "../../provider/diagnosis/site/inputs";
import type { DiagnoseOptions } from "../../sdk/nodejs/diagnose";
import { UsageError } from "../usage-error";

type Sites = DiagnoseOptions["sites"];
type Members = Record<string, unknown>;

/** A resource as `pulumi stack export` gives it. */
interface RecordedResource {
  urn: string;
  type: string;
  parent?: string;
  dependencies?: string[];
  inputs?: Members;
  delete?: boolean;
  /** Why the last update did not finish it. */
  initErrors?: string[] | null;
}

/** What a stack holds: its sites, what was left out of them, and which updates failed or were interrupted, in words. */
export interface StackSites {
  sites: Sites;
  leftOut: string[];
  unfinished: string[];
}

/** Limit of the reason of one failed update, in characters. */
const MAX_REASON_CHARACTERS = 2000;

/** No answer of the CLI may fill the memory. */
const MAX_EXPORT_BYTES = 256 * 1024 * 1024;

/**
 * Reads sites from what a Pulumi stack has recorded, secrets included, which stay in memory. Runs the Pulumi CLI in this folder.
 * @throws UsageError when the CLI fails, or the stack holds no site
 */
export async function readStack(stack: string, signal?: AbortSignal): Promise<StackSites> {
  const value = await exported(stack, signal);
  const found = stackSites(value);
  if (found.sites.length > 0) return found;
  // A join that is refused before its request leaves nothing in the state, not even the connection to SPP.
  const [cluster] = resourcesIn(value).filter(isOf("SpsCluster"));
  const cause = cluster
    ? `it holds ${nameInUrn(cluster.urn)} and no SppJoin yet: its join was not requested`
    : "it holds no SppJoin, so there is no site to look at";
  const remedy = cluster ? "run pulumi preview, which checks the join, or describe the site in a file" : "name a file";
  throw new UsageError(`stack ${stack}: ${cause}; ${remedy}${cluster ? " and name it" : ""} with --file`);
}

async function exported(stack: string, signal?: AbortSignal): Promise<unknown> {
  const args = ["stack", "export", "--show-secrets", "--non-interactive", "--stack", stack];
  try {
    const options = { maxBuffer: MAX_EXPORT_BYTES, ...(signal && { signal }) };
    const { stdout } = await promisify(execFile)("pulumi", args, options);
    const value = parseJson(stdout);
    // Its own error would quote the text, which holds secrets.
    if (value === undefined) throw new Error("pulumi stack export printed no JSON");
    return value;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new UsageError(`stack ${stack}: ${reasonOf(error)}`);
  }
}

/** The message of a failed command repeats its arguments; the last line of its error output tells why. */
function reasonOf(error: unknown): string {
  const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
  if (code === "ENOENT")
    return "there is no command pulumi on PATH; install the Pulumi CLI, or name a file with --file";
  if (stderr === undefined) return messageOf(error);
  const lines = stderr.trim().split("\n");
  return `pulumi stack export failed: ${lines.find((line) => line.startsWith("error:")) ?? lines.at(-1)}`;
}

/** What an interrupted update was doing, as `pulumi stack export` gives it. */
interface PendingOperation {
  type: string;
  resource: RecordedResource;
}

const deploymentIn = (exported: unknown) =>
  isRecord(exported) && isRecord(exported.deployment) ? exported.deployment : {};

const listIn = <Item>(exported: unknown, key: string) => {
  const value = deploymentIn(exported)[key];
  return (Array.isArray(value) ? value : []) as Item[];
};

/**
 * The operations of interrupted updates, each resource once. The engine repeats an interrupted creation in all later states until somebody
 * clears it, also once the resource is there.
 */
function pendingIn(exported: unknown): PendingOperation[] {
  const recorded = new Set(recordedIn(exported).map(({ urn }) => urn));
  const pending = listIn<PendingOperation>(exported, "pending_operations").filter(
    ({ type, resource }) => type !== "creating" || !recorded.has(resource.urn),
  );
  return [...new Map(pending.map((operation) => [operation.resource.urn, operation])).values()];
}

/** A replaced resource stays until its deletion succeeds. */
const recordedIn = (exported: unknown) =>
  listIn<RecordedResource>(exported, "resources").filter((resource) => !resource.delete);

/** The resources in an exported stack, and those whose creation was interrupted: there the state of a site is of most interest. */
function resourcesIn(exported: unknown): RecordedResource[] {
  const begun = pendingIn(exported).flatMap(({ type, resource }) => (type === "creating" ? [resource] : []));
  return [...recordedIn(exported), ...begun].filter((resource) => isRecord(resource.inputs));
}

/** Which updates of this product's resources failed halfway, or were interrupted. */
function unfinishedIn(exported: unknown): string[] {
  const interrupted = pendingIn(exported)
    .filter(({ resource }) => isOwn(resource))
    .map(({ type, resource }) => `${nameInUrn(resource.urn)}: an update was interrupted while ${type} it`);
  const failed = resourcesIn(exported)
    .filter(isOwn)
    .flatMap(({ urn, initErrors }) => {
      const name = nameInUrn(urn);
      const [text] = initErrors ?? [];
      if (text === undefined) return [];
      // The reason often begins with the name too.
      const reason = text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text;
      return [`${name}: the last update failed: ${printableLine(reason, MAX_REASON_CHARACTERS)}`];
    });
  return [...interrupted, ...failed];
}

/** The sites in an exported stack. Each SppJoin makes one; its name is that of its Site, else its own. */
export function stackSites(exported: unknown): StackSites {
  const resources = resourcesIn(exported);
  const joins = resources.filter(isOf("SppJoin"));
  const routers = resources.filter(isOf("RouterRedirection"));
  const leftOut = routers
    .filter((router) => joinOf(router, joins) === undefined)
    .map(
      ({ urn }) =>
        `${nameInUrn(urn)}: it depends on none of the stack's ${joins.length} joins, so its site is not known`,
    );
  const sites = joins.map((join) => {
    const { sps, spp, clusterId } = plain(join.inputs) as Members;
    const ofSite = routers.filter((router) => joinOf(router, joins) === join);
    const name = nameInUrn(isSite(join.parent) ? join.parent : join.urn);
    return { name, sps, spp, ...(clusterId !== undefined && { clusterId }), routers: ofSite.map(routerOf) };
  });
  return { sites: sites as unknown as Sites, leftOut, unfinished: unfinishedIn(exported) };
}

/** The join whose site a router belongs to: that of the same Site, else the one it depends on, else the only one. */
function joinOf(router: RecordedResource, joins: readonly RecordedResource[]): RecordedResource | undefined {
  if (isSite(router.parent)) return joins.find(({ parent }) => parent === router.parent);
  const depended = joins.find(({ urn }) => router.dependencies?.includes(urn));
  return depended ?? (joins.length === 1 ? joins[0] : undefined);
}

const ROUTER_KEYS = [...Object.keys(routerInputs), "router"];

function routerOf({ urn, inputs }: RecordedResource): Members {
  const members = Object.entries(plain(inputs) as Members).filter(([key]) => ROUTER_KEYS.includes(key));
  return { ...Object.fromEntries(members), name: nameInUrn(urn) };
}

const OWN_TYPE = "pulumi-nodejs:dynamic/safeguard:";

const isOwn = ({ type }: RecordedResource) => type.startsWith(OWN_TYPE);

const isOf = (type: string) => (resource: RecordedResource) => resource.type === `${OWN_TYPE}${type}`;

const isSite = (urn: string | undefined): urn is string => urn !== undefined && /[:$]safeguard:index:Site::/.test(urn);

/** A decrypted secret is an object whose member `plaintext` holds it as JSON. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isRecord(value)) return value;
  if (typeof value.plaintext === "string" && SIGNATURE in value) return plain(parseJson(value.plaintext));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Marks special values in a state of Pulumi. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
