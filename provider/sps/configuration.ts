import { z } from "zod";
import { listAnswer } from "./answers";
import { type SpsClient, SpsRefusal } from "./client";

/** Protocols with their own policy lists; a version may lack some (SPS REST reference §11). */
export const PROTOCOLS = ["http", "ica", "mssql", "rdp", "ssh", "telnet", "vnc"];

/** Part of the names of the objects that SPS creates at the join to SPP (§10.3). */
export const DEFAULT_OBJECTS = "safeguard_default";

/** Lists in which a join creates objects, as named by the Administration Guide (§10.3). */
const LISTS_OF_JOIN = [
  "policies/aa_plugin_instances",
  "policies/credentialstores",
  "plugins/aa",
  "plugins/credentialstore",
  "ssh/connections",
  "rdp/connections",
].map((list) => `/api/configuration/${list}`);

/** Parents of these lists. */
const ROOTS_OF_JOIN = ["policies", "plugins", "rdp", "ssh"].map((root) => `/api/configuration/${root}`);

const namedBody = z.looseObject({ body: z.looseObject({ name: z.string().optional() }).optional() });

/** A configuration object and the path of its list. */
export interface NamedObject {
  list: string;
  name: string;
}

export interface NamesFound {
  objects: NamedObject[];
  /** Paths that the account may not read. */
  forbidden: string[];
}

/** Whether the account may read none of the lists in which a join creates objects. */
export function isBlindToJoin({ forbidden }: Pick<NamesFound, "forbidden">): boolean {
  return ROOTS_OF_JOIN.every((root) => forbidden.includes(root));
}

/**
 * All policies, plugins and protocol settings named `*safeguard_default*`, ignoring case. Follows the links of the parents, because the
 * lists differ between versions (§11).
 */
export async function findDefaultObjects(client: SpsClient): Promise<NamesFound> {
  const found: NamesFound = { objects: [], forbidden: [] };
  const read = readerOf(client, found.forbidden);
  const roots = ["policies", "plugins", ...PROTOCOLS].map((root) => `/api/configuration/${root}`);
  await Promise.all(
    roots.map(async (root) => {
      const lists = (await read(root, listAnswer))?.items ?? [];
      const paths = lists.map((item) => item.meta?.href ?? `${root}/${item.key}`);
      found.objects.push(...(await defaultObjectsIn(paths, read)));
    }),
  );
  found.objects.sort(byListAndName);
  return found;
}

/**
 * The objects that a join made, or all that `findDefaultObjects` finds if there are none. It sends a tenth of the requests for a joined node,
 * for callers that do not ask what a join would overwrite.
 */
export async function findJoinObjects(client: SpsClient): Promise<NamesFound> {
  const forbidden: string[] = [];
  const objects = await objectsOfJoin(client, forbidden);
  return objects.length > 0 ? { objects: objects.sort(byListAndName), forbidden } : findDefaultObjects(client);
}

/** Whether a Central Management node has objects of a join; unreadable lists are ignored. */
export async function looksJoined(client: SpsClient): Promise<boolean> {
  return (await objectsOfJoin(client, [])).length > 0;
}

const objectsOfJoin = (client: SpsClient, forbidden: string[]) =>
  defaultObjectsIn(LISTS_OF_JOIN, readerOf(client, forbidden));

/**
 * Whether a list holds a `safeguard_default` object, or one whose name needs a separate request (6.0). Only `findDefaultObjects` reads
 * those names.
 */
export async function mayHoldDefaultObject(client: SpsClient, lists: readonly string[]): Promise<boolean> {
  const read = readerOf(client, []);
  const items = (await Promise.all(lists.map(async (list) => (await read(list, listAnswer))?.items ?? []))).flat();
  return items.some((item) => isDefaultName(nameIn(item) ?? DEFAULT_OBJECTS));
}

/** Reads an object; undefined when it does not exist or the account may not read it. */
type Reader = <T extends z.ZodType>(path: string, shape: T) => Promise<z.output<T> | undefined>;

function readerOf(client: SpsClient, forbidden: string[]): Reader {
  return async (path, shape) => {
    try {
      return await client.get(path, shape);
    } catch (error) {
      if (!(error instanceof SpsRefusal) || ![403, 404].includes(error.status)) throw error;
      if (error.status === 403) forbidden.push(path);
      return undefined;
    }
  };
}

const byListAndName = (left: NamedObject, right: NamedObject) =>
  `${left.list} ${left.name}`.localeCompare(`${right.list} ${right.name}`);

async function defaultObjectsIn(lists: readonly string[], read: Reader): Promise<NamedObject[]> {
  const found = await Promise.all(
    lists.map(async (list) => (await namesIn(list, read)).filter(isDefaultName).map((name) => ({ list, name }))),
  );
  return found.flat();
}

/** The names of the objects in a list. 6.0 lists keys only, so each object is read. */
async function namesIn(list: string, read: Reader): Promise<string[]> {
  const items = (await read(list, listAnswer))?.items ?? [];
  const names = await Promise.all(
    items.map(async (item) => {
      const name = nameIn(item);
      if (name !== undefined || item.body !== undefined) return name;
      return (await read(item.meta?.href ?? `${list}/${item.key}`, namedBody))?.body?.name;
    }),
  );
  return names.filter((name) => name !== undefined);
}

function nameIn(item: { name?: string; body?: unknown }): string | undefined {
  return item.name ?? namedBody.safeParse(item).data?.body?.name;
}

const isDefaultName = (name: string) => name.toLowerCase().includes(DEFAULT_OBJECTS);
