import { Address4 } from "ip-address";
import { SafeguardError } from "../core/errors";
import { clusterInterfaceAnswer, listAnswer, nicAnswer } from "./answers";
import { type SpsClient, SpsRefusal } from "./client";
import { inTransaction } from "./transaction";
import { toWritableObject } from "./whole-object";

/** An address of a node, and the key that the configuration uses for it (§4.2). */
export interface NodeAddress {
  ip: string;
  /** For example `nic1.interfaces.c0ffee01.addresses.a11ce001`. */
  referenceKey: string;
}

/** All IPv4 addresses of the node's network interfaces (§6.1). */
export async function listAddresses(client: SpsClient): Promise<NodeAddress[]> {
  const addresses: NodeAddress[] = [];
  const nics = await Promise.all(
    (await nicNames(client)).map(async (nic) => {
      return { nic, answer: await client.get(`/api/configuration/network/nics/${nic}`, nicAnswer) };
    }),
  );
  for (const { nic, answer } of nics) {
    for (const { id: interfaceId, value } of answer.body.interfaces) {
      for (const { id: addressId, value: cidr } of value.addresses) {
        if (!Address4.isValid(cidr)) continue;
        addresses.push({
          ip: new Address4(cidr).correctForm(),
          referenceKey: `${nic}.interfaces.${interfaceId}.addresses.${addressId}`,
        });
      }
    }
  }
  return addresses;
}

async function nicNames(client: SpsClient): Promise<string[]> {
  try {
    const list = await client.get("/api/configuration/network/nics", listAnswer);
    const names = list.items.map((item) => String(item.key ?? item.meta?.href.split("/").pop() ?? ""));
    if (names.some(Boolean)) return names.filter(Boolean);
  } catch (error) {
    if (!(error instanceof SpsRefusal) || error.status !== 404) throw error;
  }
  // Some versions do not list the physical cards, which have fixed names (§6.1).
  return ["nic1", "nic2", "nic3"];
}

const CLUSTER_INTERFACE = "/api/configuration/local_services/cluster";

/** Where the cluster service of a node listens. */
export interface ClusterInterface {
  isEnabled: boolean;
  /** Its IPv4 address; undefined while it is disabled, and where no network card has the address that is set. */
  address: string | undefined;
}

/** Reads where the cluster service of the node listens (§6.2). */
export async function readClusterInterface(client: SpsClient): Promise<ClusterInterface> {
  const { enabled, listen_address } = (await client.get(CLUSTER_INTERFACE, clusterInterfaceAnswer)).body;
  if (!enabled || listen_address === undefined) return { isEnabled: enabled, address: undefined };
  const found = (await listAddresses(client)).find(({ referenceKey }) => referenceKey === listen_address);
  return { isEnabled: true, address: found?.ip };
}

/**
 * The change that makes the cluster service listen on an address of the node; undefined when none is needed. The change ends the session
 * and logs in again.
 * @throws SafeguardError SG1205 when the node does not have the address.
 */
export async function planClusterInterface(
  client: SpsClient,
  ip: string,
): Promise<((limitSeconds: number) => Promise<void>) | undefined> {
  const path = CLUSTER_INTERFACE;
  const addresses = await listAddresses(client);
  const wanted = addresses.find((address) => address.ip === ip);
  if (!wanted) {
    throw new SafeguardError({
      code: "SG1205",
      object: client.object,
      step: "enable cluster interface",
      cause: `the node has no address ${ip}; it has ${addresses.map((address) => address.ip).join(", ") || "none"}`,
    });
  }
  const read = async () => (await client.get(path, clusterInterfaceAnswer)).body;
  const isRight = async () => {
    const { enabled, listen_address } = await read();
    return enabled && listen_address === wanted.referenceKey;
  };
  if (await isRight()) return undefined;
  return async (limitSeconds) => {
    // Read before the transaction: a new login inside it would silently lose the transaction.
    const body = { ...toWritableObject(await read()), enabled: true, listen_address: wanted.referenceKey };
    await inTransaction(client, limitSeconds, () => client.send("PUT", path, body), isRight);
    await client.loginAgain(limitSeconds);
    // SPS ignores unknown keys silently (§4.4), so the change is read back.
    if (await isRight()) return;
    throw new SafeguardError({
      code: "SG1206",
      object: client.object,
      step: "enable cluster interface",
      cause: "the node accepted the change but did not keep it",
    });
  };
}
