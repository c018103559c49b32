import type { Device } from "../device";
import type { SlaOperation, TrackObject } from "../sla-configuration";
import type { ExecCommand } from "./session";

const APPLICATION = [
  "        IP Service Level Agreements",
  "Version: Round Trip Time MIB 2.2.0, Infrastructure Engine-III",
  "",
  "Supported Operation Types:",
  "        icmpEcho, path-echo, path-jitter, udpEcho, tcpConnect, http",
  "        dns, udpJitter, dhcp, ftp, icmpJitter",
  "Supported Features:",
  "        IPSLAs Event Publisher",
  "",
  "IP SLAs low memory water mark: 0",
].join("\n");

/** What privileged users see of operations and of the objects that follow them. */
export const SLA_EXEC_COMMANDS: readonly ExecCommand[] = [
  { pattern: "show ip sla application", run: () => APPLICATION },
  { pattern: "show ip sla summary", run: ({ device }) => summaryText(device) },
  { pattern: "show ip sla statistics", run: ({ device }) => statisticsText(device, device.running.operations) },
  {
    pattern: "show ip sla statistics <number>",
    run: ({ device }, [number]) => statisticsText(device, byNumber(device.running.operations, number)),
  },
  { pattern: "show ip sla configuration", run: ({ device }) => configurationText(device.running.operations) },
  {
    pattern: "show ip sla configuration <number>",
    run: ({ device }, [number]) => configurationText(byNumber(device.running.operations, number)),
  },
  { pattern: "show track", run: ({ device }) => tracksText(device, device.running.tracks) },
  { pattern: "show track brief", run: ({ device }) => tracksTable(device) },
  {
    pattern: "show track <number>",
    run: ({ device }, [number]) => tracksText(device, byNumber(device.running.tracks, number)),
  },
];

function byNumber<One extends { number: number }>(all: readonly One[], number: string | undefined): One[] {
  return all.filter((one) => one.number === Number(number));
}

function summaryText({ running, monitor }: Device): string {
  const rows = running.operations.map(({ number, kind = "", address, isScheduled }) => {
    const { returnCode } = monitor.resultOf(number);
    const name = `${isScheduled ? "*" : "^"}${number}`;
    const rtt = returnCode === "OK" ? "RTT=1" : "-";
    return `${name.padEnd(13)}${kind.padEnd(12)}${address.padEnd(18)}${rtt.padEnd(12)}${returnCode.padEnd(12)}1 second ago`;
  });
  return [
    "IPSLAs Latest Operation Summary",
    "Codes: * active, ^ inactive, ~ pending",
    "",
    "ID           Type        Destination       Stats       Return      Last",
    "                                           (ms)        Code        Run",
    "-----------------------------------------------------------------------",
    ...rows,
  ].join("\n");
}

function statisticsText({ monitor }: Device, operations: readonly SlaOperation[]): string {
  const blocks = operations.flatMap(({ number, isScheduled }) => {
    const { successes, failures, returnCode } = monitor.resultOf(number);
    return [
      `IPSLA operation id: ${number}`,
      `        Latest RTT: ${returnCode === "OK" ? "1 milliseconds" : "NoConnection/Busy/Timeout"}`,
      "Latest operation start time: 10:00:00 UTC Mon Jan 5 2026",
      `Latest operation return code: ${returnCode}`,
      `Number of successes: ${successes}`,
      `Number of failures: ${failures}`,
      `Operation time to live: ${isScheduled ? "Forever" : "0"}`,
      "",
    ];
  });
  return ["IPSLAs Latest Operation Statistics", "", ...blocks].join("\n");
}

function configurationText(operations: readonly SlaOperation[]): string {
  const blocks = operations.flatMap((one) => [
    `Entry number: ${one.number}`,
    "Owner: ",
    `Tag: ${one.tag ?? ""}`,
    `Operation timeout (milliseconds): ${one.timeout}`,
    `Type of operation to perform: ${one.kind ?? ""}`,
    `Target address/Source address: ${one.address}/0.0.0.0`,
    ...(one.port === undefined ? [] : [`Target port/Source port: ${one.port}/0`]),
    "Schedule:",
    `   Operation frequency (seconds): ${one.frequency}`,
    `   Next Scheduled Start Time: ${one.isScheduled ? "Start Time already passed" : "Pending trigger"}`,
    `   Status of entry (SNMP RowStatus): ${one.isScheduled ? "Active" : "notInService"}`,
    `Threshold (milliseconds): ${one.threshold}`,
    "",
  ]);
  return ["IP SLAs Infrastructure Engine-III", ...blocks].join("\n");
}

function tracksText(device: Device, tracks: readonly TrackObject[]): string {
  const { monitor, running } = device;
  return tracks
    .flatMap(({ number, operation, aspect, delay: { down, up } }) => {
      const state = monitor.isUp(number) ? "Up" : "Down";
      const changes = monitor.changesOf(number);
      const maps = running.sequences.filter(({ verifiedHops }) => verifiedHops.some(({ track }) => track === number));
      return [
        `Track ${number}`,
        `  IP SLA ${operation} ${aspect}`,
        `  ${aspect === "reachability" ? "Reachability" : "State"} is ${state}`,
        `    ${changes} ${changes === 1 ? "change" : "changes"}, last change 00:00:01`,
        ...(up === undefined ? [] : [`  Delay up ${up} ${up === 1 ? "sec" : "secs"}`]),
        ...(down === undefined ? [] : [`  Delay down ${down} ${down === 1 ? "sec" : "secs"}`]),
        `  Latest operation return code: ${monitor.resultOf(operation).returnCode}`,
        ...(maps.length > 0 ? ["  Tracked by:", ...maps.map(({ map }) => `    Route Map ${map}`)] : []),
      ];
    })
    .join("\n");
}

function tracksTable({ running, monitor }: Device): string {
  const rows = running.tracks.map(({ number, operation, aspect }) => {
    const name = aspect === "reachability" ? "Reachability" : "State";
    const state = monitor.isUp(number) ? "Up" : "Down";
    return `${String(number).padEnd(6)}${"ip sla".padEnd(10)}${String(operation).padEnd(28)}${name.padEnd(17)}${state.padEnd(6)}00:00:01`;
  });
  return ["Track Type      Instance                    Parameter        State Last Change", ...rows].join("\n");
}
