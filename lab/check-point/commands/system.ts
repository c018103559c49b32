import type { Device } from "../device";
import type { Command } from "./command";
import { settingOf } from "./reports";

/** Facts of the system and its users, as published sessions show them. */
export const SYSTEM_COMMANDS: Command[] = [
  { pattern: "ver", run: ({ device }) => versionLines(device).join("\n") },
  { pattern: "show version all", run: ({ device }) => versionLines(device).join("\n") },
  ...["product", "os build", "os kernel", "os edition"].map((part, index) => ({
    pattern: `show version ${part}`,
    run: ({ device }: { device: Device }) => versionLines(device)[index],
  })),
  { pattern: "show hostname", run: ({ device }) => device.running.hostname },
  ...["suffix", "primary", "secondary", "tertiary"].map((part) => ({
    // Assumed: the value alone, and nothing where none is set.
    pattern: `show dns ${part}`,
    run: ({ device }: { device: Device }) => settingOf(device, `set dns ${part} `),
  })),
  { pattern: "show domainname", run: ({ device }) => `Domain name  ${settingOf(device, "set domainname ") ?? ""}` },
  { pattern: "show users", run: ({ device }) => usersText(device) },
];

function versionLines({ variants }: Device): string[] {
  return [
    `Product version Check Point Gaia ${variants.version}`,
    "OS build 631",
    "OS kernel version 3.10.0-1160.15.2cpx86_64",
    "OS edition 64-bit",
  ];
}

/** The administrator of the gateway, and the user `monitor` that every gateway has. */
function usersText({ username, hasBashLogin }: Device): string {
  const shell = hasBashLogin ? "/bin/bash" : "/etc/cli.sh";
  const rows = [
    ["User", "Uid", "Gid", "Home Dir.", "Shell", "Real Name", "Privileges"],
    [username, "0", "0", `/home/${username}`, shell, "Admin", "Access to Expert features"],
    ["monitor", "102", "100", "/home/monitor", "/etc/cli.sh", "Monitor", "None"],
  ];
  // Each column is followed by a blank, also the last one.
  const widths = [16, 9, 9, 16, 16, 23, 17];
  return rows.map((row) => row.map((text, index) => `${text.padEnd(widths[index] ?? 0)} `).join("")).join("\n");
}
