import type { Device } from "../device";
import type { VtyLines } from "../vty-lines";

/** `show version`. */
export function versionText({ running: { hostname }, spelling }: Device): string {
  const software =
    spelling === "ios"
      ? "Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.9(3)M, RELEASE SOFTWARE (fc1)"
      : "Cisco IOS XE Software, Version 17.09.04a\nCisco IOS Software [Cupertino], Virtual XE Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 17.9.4a, RELEASE SOFTWARE (fc3)";
  return [
    software,
    "Technical Support: http://www.cisco.com/techsupport",
    `${hostname} uptime is 1 day, 2 hours, 3 minutes`,
    'System image file is "bootflash:packages.conf"',
    "cisco C8000V (VXE) processor (revision VXE) with 2028465K/3075K bytes of memory.",
    "Processor board ID 9ABCDEFGHIJ",
    "4 Gigabit Ethernet interfaces",
    "Configuration register is 0x2102",
  ].join("\n");
}

/** `show inventory`. */
export const INVENTORY = [
  'NAME: "Chassis", DESCR: "Cisco Catalyst 8000V Edge Chassis"',
  "PID: C8000V            , VID: V00  , SN: 9ABCDEFGHIJ",
  "",
].join("\n");

/** `show memory statistics`. */
export const MEMORY = [
  "                Head    Total(b)     Used(b)     Free(b)   Lowest(b)  Largest(b)",
  "Processor  7F6C1AD048   2050252388   266512608   1783739780   1650000000   1500000000",
  " lsmpi_io  7F6C19A1A8      6295128      6294304          824          824          412",
  "      I/O  7F6C00B010     67108864     20971520     46137344     46000000     45000000",
].join("\n");

/** `show processes cpu`, its first line. */
export const PROCESSES = "CPU utilization for five seconds: 1%/0%; one minute: 1%; five minutes: 1%";

/** `show hosts`. */
export function hostsText({ running: { globals } }: Device): string {
  const domain = globals.map((line) => /^ip domain[ -]name (\S+)/.exec(line)?.[1]).find((name) => name !== undefined);
  return [
    domain === undefined ? "Default domain is not set" : `Default domain is ${domain}`,
    "Name/address lookup uses static mappings",
    "",
    "Codes: UN - unknown, EX - expired, OK - OK, ?? - revalidate",
    "Host                      Port  Flags      Age Type   Address(es)",
  ].join("\n");
}

/** `show users`, asked for on one of the lines. The vty lines come after the console. */
export function usersText({ sessions }: VtyLines, own: number): string {
  const rows = [...sessions].map(([line, { user, location, connections, idleSeconds }]) => {
    const idle = [3600, 60, 1].map((unit, index) => Math.floor(idleSeconds / unit) % (index === 0 ? 100 : 60));
    const start = `${line === own ? "*" : " "}${String(line + 1).padStart(3)} ${`vty ${line}`.padEnd(10)}${user.padEnd(11)}`;
    const time = idle.map((part) => String(part).padStart(2, "0")).join(":");
    return `${start}${(connections.at(-1)?.address ?? "idle").padEnd(21)}${time} ${location}`;
  });
  return [
    "    Line       User       Host(s)              Idle       Location",
    ...rows,
    "",
    "  Interface    User               Mode         Idle     Peer Address",
  ].join("\n");
}

/** `show logging`, with the buffer of the log. */
export function loggingText({ log, monitored }: VtyLines): string {
  const level = (target: string, count: number) =>
    `    ${target} level debugging, ${count} messages logged, xml disabled,`;
  return [
    "Syslog logging: enabled (0 messages dropped, 0 messages rate-limited, 0 flushes, 0 overruns, xml disabled, filtering disabled)",
    "",
    "No Active Message Discriminator.",
    "",
    "No Inactive Message Discriminator.",
    "",
    level("Console logging:", log.length),
    "                     filtering disabled",
    level("Monitor logging:", monitored),
    "                     filtering disabled",
    level("Buffer logging: ", log.length),
    "                    filtering disabled",
    "    Exception Logging: size (4096 bytes)",
    "    Count and timestamp logging messages: disabled",
    "    Persistent logging: disabled",
    "",
    "No active filter modules.",
    "",
    `    Trap logging: level informational, ${log.length} message lines logged`,
    "",
    "Log Buffer (4096 bytes):",
    ...(log.length > 0 ? ["", ...log] : []),
  ].join("\n");
}
