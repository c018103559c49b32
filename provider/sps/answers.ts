import { z } from "zod";

/**
 * Shapes of SPS answers. They accept the variations in the vendor's documents and refuse answers that are not from SPS (SPS REST API
 * Reference Guide; reference sections in each comment).
 */

/** An error answer (§4.6). `details` of a failed join holds SPP's own answer, as an object or as text (§10.4). */
export const errorAnswer = z.object({
  error: z.object({
    type: z.string(),
    message: z.string().nullish(),
    details: z.unknown().optional(),
  }),
});

/** `GET /api/info` of a logged-in user (§3). */
export const infoAnswer = z.object({
  body: z.object({
    hostname: z.string().nullish(),
    domainname: z.string().nullish(),
    firmware_version: z.string(),
    roles: z
      .array(z.string())
      .nullish()
      .transform((roles) => roles ?? []),
  }),
});

/** `GET /api/info` without a login: no version and no roles (§3). */
export const publicInfoAnswer = z.object({ body: z.object({ hostname: z.string().nullish() }) });

/** An item of a list; `body` comes from 6.1.0 on and not everywhere (§4.1, §8.1). */
const listItem = z.looseObject({
  key: z.union([z.string(), z.number()]).optional(),
  name: z.string().optional(),
  body: z.unknown().optional(),
  meta: z.looseObject({ href: z.string() }).optional(),
});

/** A list (§4.1). `meta.self` on cluster lists is the node that answers (§8.1). */
export const listAnswer = z.object({
  items: z
    .array(listItem)
    .nullish()
    .transform((items) => items ?? []),
  meta: z.looseObject({ self: z.string().nullish() }).optional(),
});

/** One node of the cluster (§8.1). Undocumented members are kept, because the node is written back as a whole. */
export const nodeAnswer = z.object({
  key: z.string().optional(),
  body: z.looseObject({
    address: z.string(),
    roles: z
      .array(z.string())
      .nullish()
      .transform((roles) => roles ?? []),
  }),
  meta: z.looseObject({ href: z.string() }).optional(),
});

/** An ordered map of the configuration: ids to values, with the order under `@order` (§4.2). */
function orderedMap<T extends z.ZodType>(value: T) {
  return z.record(z.string(), z.unknown()).transform((map, issues) => {
    const order = z.array(z.string()).safeParse(map["@order"]);
    const ids = order.success ? order.data : Object.keys(map).filter((key) => key !== "@order");
    return ids.flatMap((id) => {
      const parsed = value.safeParse(map[id]);
      if (parsed.success) return [{ id, value: parsed.data as z.output<T> }];
      issues.addIssue({ code: "custom", message: `member ${id} has another shape` });
      return [];
    });
  });
}

/** A network interface card with its interfaces and addresses in CIDR form (§6.1). */
export const nicAnswer = z.object({
  key: z.string().optional(),
  body: z.object({
    interfaces: orderedMap(z.object({ addresses: orderedMap(z.string()) })),
  }),
});

/** The cluster service of a node and its listen address (§6.2). Written back as a whole, too. */
export const clusterInterfaceAnswer = z.object({
  body: z.looseObject({
    enabled: z.boolean(),
    listen_address: z
      .union([z.string(), z.object({ key: z.string() }).transform((reference) => reference.key)])
      .nullish()
      .transform((key) => key ?? undefined),
  }),
});

/** Answer of the joining node to `POST /api/cluster/join_request` (§7.3); `psk` is a secret. */
export const joinRequestAnswer = z.object({
  body: z.looseObject({ address: z.string(), node_id: z.string(), psk: z.string() }),
});

/** `GET /api/transaction` in both documented shapes (§5.2). */
export const transactionAnswer = z
  .object({
    body: z.object({ status: z.string() }).optional(),
    transaction: z.object({ status: z.string() }).optional(),
  })
  .transform((answer) => answer.body?.status ?? answer.transaction?.status ?? "unknown");
