import { z } from "zod";
import { listAnswer } from "./answers";
import { type SpsClient, SpsRefusal } from "./client";

/** Protocols whose policies live in lists of their own; absent ones are skipped (SPS REST reference §11). */
const PROTOCOLS = ["http", "ica", "mssql", "rdp", "ssh", "telnet", "vnc"];

/** What the names of the objects contain that SPS makes when it is joined to SPP (§10.3). */
export const DEFAULT_OBJECTS = "safeguard_default";

const namedBody = z.looseObject({ body: z.looseObject({ name: z.string().optional() }).optional() });

/** Reads an object; undefined where the account does not get to see it. */
export type Reader = <T extends z.ZodType>(path: string, shape: T) => Promise<z.output<T> | undefined>;

/** A configuration object and where it stands. */
export interface NamedObject {
  /** Path of the list it was found in. */
  list: string;
  name: string;
}

export interface NamesFound {
  objects: NamedObject[];
  /** Lists that this user may not see; what stands there is not known. */
  forbidden: string[];
}

/** Where the objects of a join stand (§10.3). */
const ROOTS_OF_JOIN = ["policies", "plugins", "rdp", "ssh"].map((root) => `/api/configuration/${root}`);

/** Whether the user sees none of the places where a join makes objects, so that its end would never be seen. */
export function isBlindToJoin({ forbidden }: Pick<NamesFound, "forbidden">): boolean {
  return ROOTS_OF_JOIN.every((root) => forbidden.includes(root));
}

/**
 * Every policy, plugin and protocol setting whose name contains `text`, whatever the case. The lists are found by
 * walking, because their set differs between versions (§11). Reads only.
 */
export async function findNamed(client: SpsClient, text: string): Promise<NamesFound> {
  const found: NamesFound = { objects: [], forbidden: [] };
  const read = readerOf(client, found.forbidden);
  const collect = async (list: string) => {
    const names = await namesIn(list, read);
    found.objects.push(...names.filter((name) => contains(name, text)).map((name) => ({ list, name })));
  };
  const roots = ["policies", "plugins", ...PROTOCOLS].map((root) => `/api/configuration/${root}`);
  await Promise.all(
    roots.map(async (root) => {
      const lists = (await read(root, listAnswer))?.items ?? [];
      await Promise.all(lists.map((item) => collect(item.meta?.href ?? `${root}/${item.key}`)));
    }),
  );
  found.objects.sort((left, right) => `${left.list} ${left.name}`.localeCompare(`${right.list} ${right.name}`));
  return found;
}

/**
 * Tells whether one of these lists shows an object whose name contains `text`, or an object without a name, as 6.0
 * does: only a walk can tell then. Lists that are absent or forbidden show nothing.
 */
export async function hasNamed(client: SpsClient, lists: readonly string[], text: string): Promise<boolean> {
  const read = readerOf(client, []);
  const items = (await Promise.all(lists.map(async (list) => (await read(list, listAnswer))?.items ?? []))).flat();
  return items.some((item) => {
    const name = shownName(item);
    return name === undefined || contains(name, text);
  });
}

/** The names of the objects in a list. 6.0 lists only keys: then each object is read. */
export async function namesIn(list: string, read: Reader): Promise<string[]> {
  const items = (await read(list, listAnswer))?.items ?? [];
  const names = await Promise.all(
    items.map(async (item) => {
      const name = shownName(item);
      if (name !== undefined || item.body !== undefined) return name;
      return (await read(item.meta?.href ?? `${list}/${item.key}`, namedBody))?.body?.name;
    }),
  );
  return names.filter((name) => name !== undefined);
}

/** Whether a name contains a text, whatever the case. */
export function contains(name: string, text: string): boolean {
  return name.toLowerCase().includes(text.toLowerCase());
}

function shownName(item: { name?: string; body?: unknown }): string | undefined {
  const inItem = namedBody.safeParse(item);
  return item.name ?? (inItem.success ? inItem.data.body?.name : undefined);
}

/** Absent lists show nothing; forbidden ones are noted. */
function readerOf(client: SpsClient, forbidden: string[]): Reader {
  return async (path, shape) => {
    try {
      return await client.get(path, shape);
    } catch (error) {
      if (!(error instanceof SpsRefusal)) throw error;
      if (error.status === 403) forbidden.push(path);
      if (error.status === 403 || error.status === 404) return undefined;
      throw error;
    }
  };
}
