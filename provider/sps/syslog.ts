import { z } from "zod";
import type { SpsClient } from "./client";
import { ifThere } from "./if-there";

const receiver = z.looseObject({
  address: z.union([z.string(), z.looseObject({ value: z.string() }).transform(({ value }) => value)]),
  port: z.number().nullish(),
});
const syslogAnswer = z
  .looseObject({ body: z.looseObject({ receivers: z.array(receiver) }) })
  .optional()
  .catch(undefined);

/**
 * Where SPS forwards its log to, such as `10.0.0.9:514` (`/api/configuration/management/syslog`); undefined when the account may not read it,
 * or the answer has another form: no document describes its members (SPS REST reference §12.4).
 */
export async function readSyslogReceivers(client: SpsClient): Promise<string[] | undefined> {
  const answer = await ifThere(() => client.get("/api/configuration/management/syslog", syslogAnswer));
  return answer?.body.receivers.map(({ address, port }) => (port ? `${address}:${port}` : address));
}
