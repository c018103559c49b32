import { z } from "zod";
import { listAnswer } from "./answers";
import { type SpsClient, SpsRefusal } from "./client";

/** Protocols whose policies live in lists of their own; absent ones are skipped (SPS REST reference §11). */
const PROTOCOLS = ["http", "ica", "mssql", "rdp", "ssh", "telnet", "vnc"];

const namedBody = z.looseObject({ body: z.looseObject({ name: z.string().optional() }).optional() });

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

/**
 * Every policy, plugin and protocol setting whose name contains `text`, whatever the case. The lists are found by
 * walking, because their set differs between versions (§11). Reads only.
 */
export async function findNamed(client: SpsClient, text: string): Promise<NamesFound> {
  const found: NamesFound = { objects: [], forbidden: [] };
  const roots = ["policies", "plugins", ...PROTOCOLS].map((root) => `/api/configuration/${root}`);
  await Promise.all(
    roots.map(async (root) => {
      const lists = await readList(client, root, found);
      await Promise.all(lists.map((item) => collect(client, item.meta?.href ?? `${root}/${item.key}`, text, found)));
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
  const found: NamesFound = { objects: [], forbidden: [] };
  const items = (await Promise.all(lists.map((list) => readList(client, list, found)))).flat();
  return items.some((item) => shownName(item)?.toLowerCase().includes(text.toLowerCase()) ?? true);
}

function shownName(item: { name?: string; body?: unknown }): string | undefined {
  const inItem = namedBody.safeParse(item);
  return item.name ?? (inItem.success ? inItem.data.body?.name : undefined);
}

async function collect(client: SpsClient, list: string, text: string, found: NamesFound): Promise<void> {
  const items = await readList(client, list, found);
  const names = await Promise.all(
    items.map(async (item) => {
      const name = shownName(item);
      // 6.0 lists only keys, so the object itself has to be read.
      return name ?? (item.body === undefined && item.meta ? await readName(client, item.meta.href, found) : undefined);
    }),
  );
  for (const name of names) {
    if (name?.toLowerCase().includes(text.toLowerCase())) found.objects.push({ list, name });
  }
}

async function readList(client: SpsClient, path: string, found: NamesFound) {
  return (await readUnlessForbidden(client, path, listAnswer, found))?.items ?? [];
}

async function readName(client: SpsClient, path: string, found: NamesFound): Promise<string | undefined> {
  return (await readUnlessForbidden(client, path, namedBody, found))?.body?.name;
}

async function readUnlessForbidden<T extends z.ZodType>(
  client: SpsClient,
  path: string,
  shape: T,
  found: NamesFound,
): Promise<z.output<T> | undefined> {
  try {
    return await client.get(path, shape);
  } catch (error) {
    if (!(error instanceof SpsRefusal)) throw error;
    if (error.status === 403) found.forbidden.push(path);
    if (error.status === 403 || error.status === 404) return undefined;
    throw error;
  }
}
