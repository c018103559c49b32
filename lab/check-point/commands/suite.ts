import type { Device } from "../device";
import type { Command } from "./command";

/**
 * Programs of the firewall that are extended commands of Clish. The names of the fields are those of published output and of
 * public parsers; their order, the columns and the values are assumed, because the lab has no policy.
 */
export const SUITE_COMMANDS: Command[] = [
  { pattern: "fw stat", run: ({ device }) => policyText(device) },
  { pattern: "cpstat <rest>", run: ({ device }, words) => cpstatText(device, words) },
];

const POLICY = "Standard";

function policyText({ running }: Device): string {
  const interfaces = running.interfaces.filter(({ isOn }) => isOn).map(({ name }) => `[>${name}] [<${name}]`);
  return ["HOST      POLICY     DATE", `localhost ${POLICY} 1Mar2026 10:00:00 :  ${interfaces.join(" ")}`].join("\n");
}

/** `cpstat [-f FLAVOUR] APPLICATION`, in any order. */
function cpstatText(device: Device, words: readonly string[]): string {
  const at = words.indexOf("-f");
  const flavour = at < 0 ? "default" : words[at + 1];
  const [application] = words.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  if (application === "os" && flavour === "default") return systemText(device);
  if (application === "fw" && (flavour === "policy" || flavour === "default")) return firewallText(device);
  // Assumed: a gateway without VSX has nothing to report. One with VSX is not emulated here.
  if (application === "vsx" && flavour === "stat" && device.variants.virtualSystems.length === 0) return "";
  return `Invalid application or flavour: ${words.join(" ")}`;
}

function systemText({ variants }: Device): string {
  return table([
    ["Product Name", "SVN Foundation"],
    ["SVN Foundation Version String", variants.version],
    ["SVN Foundation Status", "OK"],
    ["OS Name", "Gaia"],
    ["OS Major Version", "3"],
    ["OS Minor Version", "10"],
    ["Appliance SN", "LR202603000001"],
    ["Appliance Name", "Check Point 6200"],
    ["Appliance Manufacturer", "CheckPoint"],
  ]);
}

function firewallText({ running }: Device): string {
  const row = (name: string, direction: string, counts: readonly number[]) =>
    `|${name.padEnd(4)}|${direction.padEnd(3)}|${counts.map((count) => String(count).padStart(6)).join("|")}|`;
  const line = "-".repeat(38);
  return [
    table([
      ["Product name", "Firewall"],
      ["Policy name", POLICY],
      ["Policy install time", "Sun Mar  1 10:00:00 2026"],
      ["Num. connections", "26"],
      ["Peak num. connections", "581"],
      ["Connections capacity limit", "0"],
    ]),
    "",
    "Interface table",
    line,
    "|Name|Dir|Accept|  Drop|Reject|   Log|",
    line,
    ...running.interfaces.flatMap(({ name }) => [row(name, "in", [100, 2, 0, 3]), row(name, "out", [90, 1, 0, 0])]),
    line,
    row("", "", [190 * running.interfaces.length, 3 * running.interfaces.length, 0, 3 * running.interfaces.length]),
    line,
  ].join("\n");
}

function table(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, value]) => `${`${name}:`.padEnd(31)}${value}`).join("\n");
}
