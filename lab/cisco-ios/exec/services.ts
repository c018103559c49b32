import type { Configuration } from "../configuration";
import type { Device } from "../device";
import type { ExecCommand } from "./session";

/** Services that are off in the emulation, or only configured, and what a device says of them then. */
export const SERVICE_COMMANDS: readonly ExecCommand[] = [
  ...["cdp", "lldp"].flatMap((name): ExecCommand[] =>
    ["", " neighbors", " neighbors detail", " interface", " traffic"].map((part) => ({
      pattern: `show ${name}${part}`,
      run: () => `% ${name.toUpperCase()} is not enabled`,
    })),
  ),
  { pattern: "show ntp associations", run: ({ device }) => associationsText(device) },
  { pattern: "show ntp status", run: ({ device }) => clockText(device) },
  { pattern: "show snmp", run: ({ device }) => ifAgent(device, "Chassis: 9ABCDEFGHIJ\n0 SNMP packets input") },
  // Users of version 3 cannot be made in the emulation.
  { pattern: "show snmp user", run: ({ device }) => ifAgent(device, undefined) },
  { pattern: "show ip prefix-list", run: ({ device }) => prefixListsText(device.running) },
  { pattern: "show ip prefix-list <name>", run: ({ device }, [name]) => prefixListsText(device.running, name) },
  { pattern: "show time-range", run: ({ device }) => timeRangesText(device.running) },
  { pattern: "show time-range <name>", run: ({ device }, [name]) => timeRangesText(device.running, name) },
  {
    pattern: "show ip arp vrf <name>",
    run: ({ device }, [vrf = ""]) =>
      device.running.vrfs.some(({ name }) => name === vrf) ? undefined : `%No VRF named ${vrf}`,
  },
  {
    pattern: "show ipv6 neighbors",
    run: () => "IPv6 Address                              Age Link-layer Addr State Interface",
  },
];

function ifAgent({ running }: Device, text: string | undefined): string | undefined {
  return running.globals.some((line) => line.startsWith("snmp-server ")) ? text : "%SNMP agent not enabled";
}

function ntpServers({ globals }: Configuration): string[] {
  return globals.flatMap((line) => /^ntp (?:server|peer) (?:vrf \S+ )?(\d[\d.]+)/.exec(line)?.[1] ?? []);
}

/** No server ever answers. */
function associationsText({ running }: Device): string {
  const servers = ntpServers(running);
  if (servers.length === 0) return "%NTP is not enabled.";
  return [
    "",
    "  address         ref clock       st   when   poll reach  delay  offset   disp",
    ...servers.map((server) => ` ~${server.padEnd(16)}.INIT.          16      -     64     0  0.000   0.000 15937.`),
    " * sys.peer, # selected, + candidate, - outlyer, x falseticker, ~ configured",
  ].join("\n");
}

function clockText({ running }: Device): string {
  if (ntpServers(running).length === 0) return "%NTP is not enabled.";
  return [
    "Clock is unsynchronized, stratum 16, no reference clock",
    "nominal freq is 250.0000 Hz, actual freq is 250.0000 Hz, precision is 2**10",
    "ntp uptime is 93780000 (1/100 of seconds), resolution is 4000",
    "reference time is 00000000.00000000 (00:00:00.000 UTC Mon Jan 1 1900)",
    "clock offset is 0.0000 msec, root delay is 0.00 msec",
    "root dispersion is 1406.71 msec, peer dispersion is 0.00 msec",
    "loopfilter state is 'FSET' (Drift set from file), drift is 0.000000000 s/s",
    "system poll interval is 8, never updated.",
  ].join("\n");
}

function prefixListsText({ globals }: Configuration, only?: string): string | undefined {
  const lists = new Map<string, string[]>();
  for (const line of globals) {
    const [, name, entry] = /^ip prefix-list (\S+) (seq .+)$/.exec(line) ?? [];
    if (name !== undefined && entry !== undefined && (only === undefined || name === only))
      lists.set(name, [...(lists.get(name) ?? []), entry]);
  }
  if (only !== undefined && lists.size === 0) return `% Can't find IP prefix list ${only}`;
  const texts = [...lists].flatMap(([name, entries]) => [
    `ip prefix-list ${name}: ${entries.length} entries`,
    ...entries.map((entry) => `   ${entry}`),
  ]);
  return texts.length > 0 ? texts.join("\n") : undefined;
}

function timeRangesText({ timeRanges, accessLists }: Configuration, only?: string): string | undefined {
  const texts = timeRanges
    .filter(({ name }) => only === undefined || name === only)
    .flatMap(({ name, settings }) => {
      const uses = accessLists
        .flatMap(({ lines }) => lines)
        .filter(({ entry }) => entry.options.includes(`time-range ${name}`));
      return [
        `time-range entry: ${name} (inactive)`,
        ...settings.map((line) => `   ${line}`),
        ...uses.map(() => "   used in: IP ACL entry"),
      ];
    });
  return texts.length > 0 ? texts.join("\n") : undefined;
}
