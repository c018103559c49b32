import { SafeguardError } from "../../core/errors";
import type { Transport } from "../../https/transport";
import { readPublicStatus, type SppStatus } from "../../spp/status";
import { type Greeting, readGreeting } from "../../sps/greeting";

/*
 * Reads without a login that recognize the other kind of appliance at the address, because the two addresses are easily
 * exchanged. They send additional requests only when the expected appliance does not answer.
 */

/** As `readGreeting`. @throws also SafeguardError SG1012 when SPP answers at the address of SPS */
export async function readGreetingUnlessSpp(transport: Transport): Promise<Greeting> {
  const greeting = await readGreeting(transport);
  if (greeting.isSps || !(await succeeds(() => readPublicStatus(transport)))) return greeting;
  throw exchanged("SG1012", transport, "an SPP appliance, not SPS");
}

/** As `readPublicStatus`. @throws also SafeguardError SG2004 when SPS answers at the address of SPP */
export async function readStatusUnlessSps(transport: Transport): Promise<SppStatus> {
  try {
    return await readPublicStatus(transport);
  } catch (error) {
    if (!(error instanceof SafeguardError) || error.code !== "SG2004") throw error;
    if (!(await succeeds(async () => (await readGreeting(transport)).isSps || Promise.reject()))) throw error;
    throw exchanged("SG2004", transport, "an SPS node, not SPP");
  }
}

function exchanged(code: "SG1012" | "SG2004", transport: Transport, kind: string): SafeguardError {
  const [side = "", address = ""] = transport.object.split(" ");
  return new SafeguardError({
    code,
    object: transport.object,
    step: "read status",
    cause: `${address} is ${kind}`,
    remedy: `correct ${side}.address: are sps and spp exchanged?`,
  });
}

async function succeeds(read: () => Promise<unknown>): Promise<boolean> {
  return read().then(
    () => true,
    () => false,
  );
}
