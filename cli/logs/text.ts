import { changeText } from "../../provider/diagnosis/logging/change-text";
import type { LogSettings, SppDebug } from "../../provider/diagnosis/logging/logs";
import type { RaisedLogs } from "../../provider/diagnosis/logging/raised-logs";
import type { Site } from "../../provider/diagnosis/site/inputs";

/** What `logs` shows. Holds no secret. */
export interface LogsReport {
  site: string;
  sps: { address: string; levels: Record<string, number>; debugLogging?: boolean | undefined; syslog?: string[] };
  /** Absent when the account may not read it. */
  spp?: { address: string } & SppDebug;
  raised?: RaisedLogs;
}

export function logsReport(
  site: Site,
  sps: LogSettings & { syslog?: string[] },
  spp: SppDebug | undefined,
  raised: RaisedLogs | undefined,
): LogsReport {
  return {
    site: site.name,
    sps: { address: site.sps.address, ...sps },
    ...(spp && { spp: { address: site.spp.address, ...spp } }),
    ...(raised && { raised }),
  };
}

/** No interface shows the logs themselves, so the text says where they are. */
const WHERE = `to read the logs of SPS, open Basic Settings > Troubleshooting > View log files:
  a failed join: log type syslog, today, filter SPP-join
  connections that fail after the join: log type ssh or rdp, today, filter SPP-join`;

/**
 * The report for a terminal.
 * @param putBack the command that puts raised settings back
 */
export function logsText({ sps, spp, raised }: LogsReport, putBack: string): string {
  const levels = Object.entries(sps.levels).map(([protocol, level]) => `${protocol} ${level}`);
  const onOrOff = (value: boolean | undefined) => (value === undefined ? "not reported" : value ? "on" : "off");
  return [
    `sps ${sps.address}: log levels: ${levels.join(", ") || "none that the account may read"}`,
    `sps ${sps.address}: debug logging: ${onOrOff(sps.debugLogging)}`,
    ...(sps.syslog ? [`sps ${sps.address}: its log goes to ${sps.syslog.join(", ") || "no syslog server"}`] : []),
    ...(spp
      ? [
          `spp ${spp.address}: network debug logging: ${onOrOff(spp.isNetworkDebugEnabled)}; debug logs go to ${spp.syslogServer ?? "no syslog server"}`,
        ]
      : []),
    ...(raised
      ? [`raised from this machine until ${raised.until}: ${changeText(raised)}; to put it back now, run: ${putBack}`]
      : []),
    WHERE,
  ].join("\n");
}
