import { SafeguardError } from "../core/errors";
import { parseJson } from "../core/json";
import type { Transport } from "../https/transport";

/** How long SPP may take for its own attempt; the appliance is told the same. */
const ATTEMPT_MILLISECONDS = 5_000;
const VERSIONS = ["v4", "v3"] as const;

/**
 * Lets SPP open a TCP connection itself, with its network diagnostics (SPP REST reference §12). It changes nothing but
 * leaves a trace in SPP's audit log. Its answer is free text of a tool, for a person to read.
 * @throws SafeguardError SG2401 when SPP does not do it
 */
export async function tryPortFromSpp(
  transport: Transport,
  userToken: string,
  address: string,
  port: number,
): Promise<string> {
  for (const version of VERSIONS) {
    const answer = await transport.send({
      method: "POST",
      path: `/service/appliance/${version}/NetworkDiagnostics/Telnet`,
      headers: { "content-type": "application/json", authorization: `Bearer ${userToken}` },
      body: JSON.stringify({ NetworkAddress: address, Port: port, MillisecondTimeout: ATTEMPT_MILLISECONDS }),
    });
    if (answer.status === 404) continue;
    if (answer.status === 200)
      return String(parseJson(answer.text) ?? "")
        .replace(/\s+/g, " ")
        .trim();
    throw notDone(transport.object, `it answered ${answer.status}`);
  }
  throw notDone(transport.object, "it has no network diagnostics");
}

function notDone(object: string, cause: string): SafeguardError {
  return new SafeguardError({
    code: "SG2401",
    object,
    step: "try a port with SPP's network diagnostics",
    cause,
  });
}
