import { gzipSync } from "node:zlib";

/** Smaller scripts fit into the first TCP window, in characters. */
const SMALL = 12_000;

const END_OF_PACKED = "SPS-END-OF-PACKED";

/** Shell text that is true on routers that can unpack scripts. */
export const CAN_UNPACK = "command -v gzip >/dev/null 2>&1 && command -v base64 >/dev/null 2>&1";

/**
 * Packs a script so that the shell that runs it unpacks it. TCP starts with a small window, so a thousand rules would
 * cost a distant router three more round trips. Small scripts are not packed.
 */
export function packScript(script: string): string {
  if (script.length < SMALL) return script;
  return `${unpackingText(script)} || exit 1
eval "$sps_packed"`;
}

/** Shell text that sets `sps_packed` to a script. Its lines are short, and hold nothing that a terminal would interpret. */
export function unpackingText(script: string): string {
  const lines = gzipSync(script, { level: 6 }).toString("base64").replace(/.{76}/g, "$&\n").trimEnd();
  return `sps_packed=$(base64 -d <<'${END_OF_PACKED}' | gzip -dc
${lines}
${END_OF_PACKED}
)`;
}
