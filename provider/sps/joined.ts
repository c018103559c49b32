import { z } from "zod";
import { SafeguardError } from "../core/errors";
import { listAnswer } from "./answers";
import { type SpsClient, SpsRefusal } from "./client";

/** What the names of the objects contain that SPS makes when it is joined to SPP (SPS REST reference §10.3). */
const DEFAULT_NAME = "safeguard_default";

/**
 * Lists in which a join leaves an object. The exact set is not documented; these are the kinds the Administration
 * Guide names, and one hit is enough.
 */
const LISTS = [
  "policies/aa_plugin_instances",
  "policies/credentialstores",
  "plugins/aa",
  "plugins/credentialstore",
  "ssh/connections",
  "rdp/connections",
].map((list) => `/api/configuration/${list}`);

const endpointAnswer = z.looseObject({
  body: z.looseObject({ spp: z.unknown().optional() }).nullish(),
  spp: z.unknown().optional(),
});

const named = z.looseObject({ body: z.looseObject({ name: z.string() }) });

/**
 * Whether a Central Management node shows traces of a join to SPP: the cluster's endpoint of SPP tells (which no
 * document promises), or there is an object of a join. Seven requests where lists show names, one more for each object
 * where they do not (6.0). What this account may not see counts as no trace.
 */
export async function showsJoin(client: SpsClient): Promise<boolean> {
  const shown = await Promise.all([endpointTells(client), ...LISTS.map((list) => listTells(client, list))]);
  return shown.includes(true);
}

async function endpointTells(client: SpsClient): Promise<boolean> {
  const answer = await readIfShown(client, "/api/cluster/spp", endpointAnswer);
  return Boolean(answer?.body?.spp ?? answer?.spp);
}

async function listTells(client: SpsClient, list: string): Promise<boolean> {
  const items = (await readIfShown(client, list, listAnswer))?.items ?? [];
  const names = await Promise.all(
    items.map(async (item) => {
      const shown = item.name ?? named.safeParse(item).data?.body.name;
      const path = item.meta?.href ?? `${list}/${item.key}`;
      return shown ?? (await readIfShown(client, path, named))?.body.name;
    }),
  );
  return names.some((name) => name?.toLowerCase().includes(DEFAULT_NAME));
}

async function readIfShown<T extends z.ZodType>(client: SpsClient, path: string, shape: T) {
  try {
    return await client.get(path, shape);
  } catch (error) {
    if (error instanceof SpsRefusal && error.status !== 401 && error.status < 500) return undefined;
    // Shapes nobody documented: they are no trace, and no reason to fail.
    if (error instanceof SafeguardError && error.code === "SG1012") return undefined;
    throw error;
  }
}
