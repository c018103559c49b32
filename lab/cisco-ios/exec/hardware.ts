import type { Device } from "../device";

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
