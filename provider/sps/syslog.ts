import { z } from "zod";
import { type SpsClient, SpsRefusal } from "./client";

const receiver = z.looseObject({
  address: z.union([z.string(), z.looseObject({ value: z.string() }).transform(({ value }) => value)]),
  port: z.number().nullish(),
});
const syslogAnswer = z.looseObject({ body: z.looseObject({ receivers: z.array(receiver) }) });

/**
 * Where SPS forwards its log to, such as `10.0.0.9:514` (`/api/configuration/management/syslog`); undefined when the account may not read it,
 * or the answer has another form: no document describes its members (SPS REST reference §12.4).
 */
export async function readSyslogReceivers(client: SpsClient): Promise<string[] | undefined> {
  try {
    const answer = await client.get("/api/configuration/management/syslog", z.unknown());
    const known = syslogAnswer.safeParse(answer);
    if (!known.success) return undefined;
    return known.data.body.receivers.map(({ address, port }) => (port ? `${address}:${port}` : address));
  } catch (error) {
    if (error instanceof SpsRefusal && [403, 404].includes(error.status)) return undefined;
    throw error;
  }
}
