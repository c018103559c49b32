import { z } from "zod";
import { SafeguardError } from "../core/errors";
import { type SpsClient, SpsRefusal } from "./client";
import { contains, DEFAULT_OBJECTS, namesIn, type Reader } from "./configuration";

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

/**
 * Whether a Central Management node shows traces of a join to SPP: the cluster's endpoint of SPP tells (which no
 * document promises), or there is an object of a join. Seven requests where lists show names, one more for each object
 * where they do not (6.0). What this account may not see counts as no trace.
 */
export async function showsJoin(client: SpsClient): Promise<boolean> {
  const read = readerOf(client);
  const shown = await Promise.all([endpointTells(read), ...LISTS.map((list) => listTells(list, read))]);
  return shown.includes(true);
}

async function endpointTells(read: Reader): Promise<boolean> {
  const answer = await read("/api/cluster/spp", endpointAnswer);
  return Boolean(answer?.body?.spp ?? answer?.spp);
}

async function listTells(list: string, read: Reader): Promise<boolean> {
  return (await namesIn(list, read)).some((name) => contains(name, DEFAULT_OBJECTS));
}

function readerOf(client: SpsClient): Reader {
  return async (path, shape) => {
    try {
      return await client.get(path, shape);
    } catch (error) {
      if (error instanceof SpsRefusal && error.status !== 401 && error.status < 500) return undefined;
      // Shapes nobody documented: they are no trace, and no reason to fail.
      if (error instanceof SafeguardError && error.code === "SG1012") return undefined;
      throw error;
    }
  };
}
