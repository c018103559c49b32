import { SafeguardError } from "../core/errors";
import { parseJson } from "../core/json";
import type { Transport } from "../https/transport";

/** How long SPP may take for its own attempt; the appliance is told the same. */
const ATTEMPT_MILLISECONDS = 5_000;
const VERSIONS = ["v4", "v3"] as const;

/** A network tool of SPP with its options (SPP REST reference §12). */
export type NetworkTool =
  | { name: "Telnet"; options: { Port: number; MillisecondTimeout: number } }
  | {
      name: "Ping";
      options: {
        NumberEchoRequests: number;
        BufferSize: number;
        DontFragmentFlag: boolean;
        MillisecondTimeout: number;
      };
    }
  | {
      name: "Traceroute";
      options: { CountHops: number; MillisecondTimeout: number; ResolveAddressesToHostnames: boolean };
    }
  | { name: "Nslookup"; options: { RecordType: string } };

/**
 * Lets SPP run one of its network tools against an address. It changes nothing but leaves a trace in SPP's audit log.
 * @returns the output of the tool, which is free text, line by line
 * @throws SafeguardError SG2401 when SPP does not do it
 */
export async function runNetworkTool(
  transport: Transport,
  userToken: string,
  address: string,
  { name, options }: NetworkTool,
  answerSeconds?: number,
): Promise<string> {
  for (const version of VERSIONS) {
    const answer = await transport.send({
      method: "POST",
      path: `/service/appliance/${version}/NetworkDiagnostics/${name}`,
      headers: { "content-type": "application/json", authorization: `Bearer ${userToken}` },
      body: JSON.stringify({ NetworkAddress: address, ...options }),
      ...(answerSeconds !== undefined && { answerSeconds }),
    });
    if (answer.status === 404) continue;
    if (answer.status === 200) return String(parseJson(answer.text) ?? "").replaceAll("\r", "");
    throw notDone(transport.object, `it answered ${answer.status}`);
  }
  throw notDone(transport.object, "it has no network diagnostics");
}

/** Lets SPP open a TCP connection; its answer in one line, for a person to read. Throws as `runNetworkTool`. */
export async function tryPortFromSpp(
  transport: Transport,
  userToken: string,
  address: string,
  port: number,
): Promise<string> {
  const options = { Port: port, MillisecondTimeout: ATTEMPT_MILLISECONDS };
  const output = await runNetworkTool(transport, userToken, address, { name: "Telnet", options });
  return output.replace(/\s+/g, " ").trim();
}

function notDone(object: string, cause: string): SafeguardError {
  return new SafeguardError({
    code: "SG2401",
    object,
    step: "try a port with SPP's network diagnostics",
    cause,
  });
}
