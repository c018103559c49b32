import { configurationText } from "../configuration";
import type { Device, LockHolder } from "../device";
import { type ClishSession, type Command, lockedBy } from "./command";

/** Parts of the configuration that `show configuration` prints alone, of those that `show commands` lists. */
const PARTS = [
  ...["aaa", "aggregate", "allowed-client", "backup-scheduled", "bgp", "bonding", "bridging", "clienv", "core-dump"],
  ...["cron", "dhcp-client", "dhcp-server", "dns", "domainname", "edition", "expert-password", "format", "group"],
  ...["host", "hostname", "igmp", "installer", "interface", "interface-name", "ipv6-state", "kernel-routes"],
  ...["management", "message", "net-access", "netflow", "ntp", "ospf", "password-controls", "pbr", "ping", "proxy"],
  ...["rba", "rip", "router-id", "snmp", "static-route", "syslog", "timezone", "user", "vrrp", "web"],
];

export const CONFIGURATION_COMMANDS: Command[] = [
  { pattern: "show configuration", run: ({ device, holder }) => shownConfiguration(device, holder) },
  ...PARTS.map((part) => ({
    pattern: `show configuration ${part}`,
    // Assumed: a part has no head, and nothing is printed of one that is not configured.
    run: ({ device, holder }: ClishSession) =>
      shownConfiguration(device, holder)
        .split("\n")
        .filter((line) => /^(set|add) (\S+)/.exec(line)?.[2] === part)
        .join("\n"),
  })),
];

/** The configuration with its head, as a session sees it. */
export function shownConfiguration({ running, variants, lockHolder }: Device, holder: LockHolder): string {
  const date = new Date().toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+).*/, "$1 $3 $2 $5 $4");
  const text = configurationText(running, variants.matchLines, [
    ...(lockHolder && lockHolder !== holder ? [lockedBy(lockHolder)] : []),
    `# Exported by ${holder.user} on ${date}`,
  ]);
  if (variants.hiddenFeatures.length === 0) return text;
  const isShown = (line: string) => !variants.hiddenFeatures.includes(line.split(" ")[1] ?? "");
  return text
    .split("\n")
    .filter((line) => line.startsWith("#") || isShown(line))
    .join("\n");
}
