import { networkText } from "../../common/ipv4";
import type { Device } from "../device";
import type { Command } from "./command";

/** What the gateway knows of its neighbours, its hardware and its services, as published sessions show it. */
export const REPORT_COMMANDS: Command[] = [
  { pattern: "show arp dynamic all", run: ({ device }) => neighboursText(device) },
  { pattern: "show asset all", run: () => ASSETS },
  { pattern: "show dns", run: ({ device }) => dnsText(device) },
  { pattern: "show ntp servers", run: ({ device }) => ntpText(device) },
  { pattern: "show ntp active", run: ({ device }) => (settingOf(device, "set ntp active ") === "on" ? "Yes" : "No") },
  { pattern: "show ipv6 route", run: () => IPV6_ROUTES },
  { pattern: "show uptime", run: () => UPTIME },
  {
    pattern: "show clock",
    run: () => `${new Date().toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+).*/, "$1 $3 $2 $5 $4")} GMT`,
  },
];

const UPTIME = " 10:00:00 up 1 day,  2:03,  1 user,  load average: 0.00, 0.01, 0.05";

const ASSETS = [
  "Platform: PH-30-00",
  "Model: Check Point 6200",
  "Serial Number: LR202603000001",
  "CPU Frequency: 2500.000 MHz",
  "Number of line cards: 0",
  "",
].join("\n");

const IPV6_ROUTES = [
  "Codes: C - Connected, S - Static, B - BGP, A - Aggregate,",
  "       O - OSPFv3 IntraArea (IA - InterArea, E - External),",
  "       K - Kernel Remnant, H - Hidden, P - Suppressed,",
  "       U - Unreachable, i - Inactive",
  "",
  "C         ::1/128                  is directly connected, lo",
].join("\n");

/** The rest of the line of the configuration that begins so. */
export function settingOf({ running }: Device, start: string): string | undefined {
  return running.others.find((line) => line.startsWith(start))?.slice(start.length);
}

function neighboursText({ neighbours, running }: Device): string {
  const isOwn = (address: string) =>
    running.interfaces.some(
      (one) =>
        one.isOn &&
        one.address &&
        networkText(address, one.address.maskLength) === networkText(one.address.address, one.address.maskLength),
    );
  return [
    "Dynamic Arp Parameters",
    "",
    "IP Address                 Mac Address",
    ...neighbours
      .filter(({ address }) => isOwn(address))
      .map(({ address, mac }) => `${address.padEnd(32)}${mac.toUpperCase()}`),
  ].join("\n");
}

function dnsText(device: Device): string {
  const servers = ["primary", "secondary", "tertiary"].map((rank) => settingOf(device, `set dns ${rank} `) ?? "");
  return [
    "DNS setup",
    "Name                  Value                 ",
    "",
    `Domain                ${settingOf(device, "set dns suffix ") ?? ""}`,
    ...servers.map((server) => `DNS server            ${server}`),
  ].join("\n");
}

/** Servers are configured as `set ntp server primary 1.1.1.1 version 3`. */
function ntpText({ running }: Device): string {
  const rows = running.others.flatMap((line) => {
    const [, rank = "", address, version = "3"] =
      /^set ntp server (primary|secondary) (\S+)(?: version (\d))?$/.exec(line) ?? [];
    const type = `${(rank[0] ?? "").toUpperCase()}${rank.slice(1)}`;
    return address === undefined ? [] : [`${address.padEnd(25)}${type.padEnd(18)}${version}`];
  });
  return ["IP Address               Type              Version  ", ...rows].join("\n");
}
