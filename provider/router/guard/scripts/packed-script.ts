import { gzipSync } from "node:zlib";

/** Scripts below this size fit into what TCP sends before the first acknowledgement, in characters. */
const SMALL = 12_000;

const END_OF_PACKED = "SPS-END-OF-PACKED";

/** Shell text that is true on routers that can unpack scripts. */
export const CAN_UNPACK = "command -v gzip >/dev/null 2>&1 && command -v base64 >/dev/null 2>&1";

/**
 * The same script, to be unpacked by the shell that runs it: for a far router a thousand rules at once are three round
 * trips more, because TCP begins with a few packets. Small scripts stay as they are.
 */
export function packScript(script: string): string {
  if (script.length < SMALL) return script;
  const lines = gzipSync(script, { level: 6 }).toString("base64").replace(/.{76}/g, "$&\n").trimEnd();
  return `sps_packed=$(base64 -d <<'${END_OF_PACKED}' | gzip -dc
${lines}
${END_OF_PACKED}
) || exit 1
eval "$sps_packed"`;
}
