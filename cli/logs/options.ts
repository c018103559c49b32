import { type LogSettings, SECRET_LOG_LEVEL } from "../../provider/diagnosis/logging/logs";
import type { SiteSource } from "../site-file/sites";
import { UsageError } from "../usage-error";
import { wholeNumber } from "../whole-number";

/** The options of `logs` as written. */
export interface LogsValues extends SiteSource {
  site?: string;
  level?: string;
  protocol?: string[];
  debugLogging?: boolean;
  minutes?: string;
  acceptSecretsInLogs?: boolean;
  putBack?: boolean;
  json?: boolean;
}

/** How long the settings stay raised, in minutes. @throws UsageError */
export function minutesOf(given = "15"): number {
  return wholeNumber(given, "--minutes", 1, 1440);
}

/** The settings that the options ask for, for the protocols that have a level. @throws UsageError */
export function wantedSettings(values: LogsValues, present: LogSettings): LogSettings {
  const known = Object.keys(present.levels);
  const protocols = values.protocol ?? known;
  const unknown = protocols.find((protocol) => !known.includes(protocol));
  if (unknown !== undefined) {
    const allowed = known.join(", ") || "none: no protocol of this SPS has a log level that the account may read";
    throw new UsageError(`Invalid value for --protocol: ${unknown}. Allowed values are: ${allowed}.`);
  }
  const level = values.level === undefined ? undefined : wholeNumber(values.level, "--level", 1, 10);
  if (level !== undefined && level >= SECRET_LOG_LEVEL && !values.acceptSecretsInLogs) {
    const why = `at ${SECRET_LOG_LEVEL} to 10, SPS may log passwords in plain text`;
    throw new UsageError(`--level ${level}: ${why}; add --accept-secrets-in-logs, or use 7 or less`);
  }
  const levels = level === undefined ? [] : protocols.map((protocol) => [protocol, level] as const);
  return { levels: Object.fromEntries(levels), ...(values.debugLogging && { debugLogging: true }) };
}
