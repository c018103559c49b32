import { join } from "node:path";
import type { ApplianceConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { messageOf } from "../../core/errors";
import { SppClient } from "../../spp/client";
import { SpsClient } from "../../sps/client";
import { listNodes } from "../../sps/cluster";
import type { Site } from "../site/inputs";
import type { SavedFile } from "./archive-file";
import { collectSppBundle } from "./spp-bundle";
import { collectSpsBundle } from "./sps-bundle";

export interface BundleOptions {
  /** Folder of the files, which exists. */
  folder: string;
  /** Whether the other nodes of the SPS cluster are asked too, with the account of the Central Management node. */
  members: boolean;
  /** Whether a bundle that SPS keeps already is replaced. */
  replace: boolean;
  /** Whether SPP adds Windows' event logs. */
  includeEventLogs: boolean;
  /** Days of SPP's logs besides today's; undefined: all. */
  logDays: number | undefined;
  /** Limit of each appliance to make its bundle, in seconds. */
  limitSeconds: number;
  /** Called with the bytes so far of each appliance. */
  onBytes(object: string, bytes: number): void;
}

export interface CollectedBundles {
  bundles: (SavedFile & { appliance: string })[];
  failures: { appliance: string; reason: string }[];
  /** What needs attention although the bundles are saved. */
  warnings: string[];
  /** What the bundles lack because it was not asked for. */
  leftOut: string[];
}

/** Makes and saves the support bundles of a site, all at once. One that fails holds up no other. */
export async function collectBundles(
  site: Site,
  options: BundleOptions,
  context: OperationContext,
): Promise<CollectedBundles> {
  const result: CollectedBundles = { bundles: [], failures: [], warnings: [], leftOut: leftOutOf(options) };
  const stamp = new Date().toISOString().replace(/[-:.]/g, "");
  const collect = async (kind: "sps" | "spp", address: string, work: (made: Made) => Promise<SavedFile>) => {
    const appliance = `${kind} ${address}`;
    const name = `${site.name}-${kind}-${address}-${stamp}`.replace(/[^\w.-]/g, "_");
    const path = join(options.folder, `${name}.${kind === "sps" ? "tar.gz" : "zip"}`);
    try {
      const onBytes = (bytes: number) => options.onBytes(appliance, bytes);
      const saved = await work({ ...options, path, onBytes, onWarning: (text) => void result.warnings.push(text) });
      result.bundles.push({ appliance, ...saved });
    } catch (error) {
      result.failures.push({ appliance, reason: context.signal.aborted ? "cancelled" : messageOf(error) });
    }
  };
  const node = (connection: ApplianceConnection) =>
    collect("sps", connection.address, async (made) => {
      const client = await SpsClient.open(connection, context);
      try {
        return await collectSpsBundle(client, made);
      } finally {
        await client.close();
      }
    });
  const others = async () => {
    try {
      await Promise.all((await otherNodes(site.sps, context)).map(node));
    } catch (error) {
      result.failures.push({ appliance: `members of sps ${site.sps.address}`, reason: messageOf(error) });
    }
  };
  await Promise.all([
    node(site.sps),
    ...(options.members ? [others()] : []),
    collect("spp", site.spp.address, async (made) => {
      const client = await SppClient.open(site.spp, context);
      try {
        return await collectSppBundle(client, made);
      } finally {
        await client.close();
      }
    }),
  ]);
  return result;
}

type Made = Omit<BundleOptions, "onBytes"> & {
  path: string;
  onBytes(bytes: number): void;
  onWarning(text: string): void;
};

/** The other nodes of the cluster, which take the users of their Central Management node. Its pinned certificate would fit none of them. */
async function otherNodes(sps: ApplianceConnection, context: OperationContext): Promise<ApplianceConnection[]> {
  const client = await SpsClient.open(sps, context);
  try {
    const { nodes, selfId } = await listNodes(client);
    return nodes.filter(({ nodeId }) => nodeId !== selfId).map(({ address }) => ({ ...sps, address }));
  } finally {
    await client.close();
  }
}

/** In words, with the option that adds it. */
function leftOutOf({ members, includeEventLogs, logDays }: BundleOptions): string[] {
  return [
    ...(members ? [] : ["the other nodes of the SPS cluster (--members)"]),
    ...(includeEventLogs ? [] : ["event logs of the operating system of SPP (--event-logs)"]),
    ...(logDays === undefined ? [] : [`logs of SPP from before the last ${logDays + 1} days (--log-days)`]),
  ];
}
