import type { Configuration } from "../configuration";
import type { Device, LockHolder } from "../device";
import { ENVIRONMENT_COMMANDS } from "./administration/environment";
import { FILE_COMMANDS, LOAD_COMMANDS } from "./administration/files";
import { KEPT_SETTINGS } from "./administration/kept-settings";
import { TRANSACTION_COMMANDS } from "./administration/transaction";
import { type ClishSession, type Command, type ConfigurationCommand, lockedBy } from "./command";
import { INTERFACE_COMMANDS, INTERFACE_SETTINGS } from "./interfaces";
import { pingText, tracerouteText } from "./network";
import { PBR_COMMANDS } from "./pbr";
import { REPORT_COMMANDS } from "./reports";
import { CONFIGURATION_COMMANDS } from "./show-configuration";
import { ROUTE_COMMANDS, ROUTE_QUERIES, STATIC_ROUTE_SETTINGS } from "./static-routes";
import { SUITE_COMMANDS } from "./suite";
import { SYSTEM_COMMANDS } from "./system";

export const LOCK_IS_ON = "CLICMD0201  Config lock is already turned on.";

/** What a session prints that needs the lock of another. */
export function refusedFor({ lockHolder, variants }: Device): string {
  const advice = " To acquire the lock use the command 'lock database override'.";
  const refusal = "CLINFR0519  Configuration lock present. Can not execute this command.";
  if (!variants.namesLockHolder) return `${refusal}${advice}`;
  return [...(lockHolder ? [lockedBy(lockHolder)] : []), refusal].join("\n");
}

/** Commands that need no lock. */
export const COMMANDS: Command[] = [
  { pattern: "exit", run: (session) => void session.end() },
  { pattern: "quit", run: (session) => void session.end() },
  { pattern: "expert", run: expert },
  ...SYSTEM_COMMANDS,
  ...SUITE_COMMANDS,
  ...ENVIRONMENT_COMMANDS,
  ...REPORT_COMMANDS,
  ...FILE_COMMANDS,
  ...CONFIGURATION_COMMANDS,
  { pattern: "show config-state", run: ({ device }) => (device.isSaved ? "saved" : "unsaved") },
  { pattern: "show config-lock", run: ({ device: { lockHolder }, holder }) => lockText(lockHolder, holder) },
  { pattern: "set config-lock on", run: ({ device, holder }) => lock(device, holder, false) },
  { pattern: "set config-lock on override", run: ({ device, holder }) => lock(device, holder, true) },
  { pattern: "lock database override", run: ({ device, holder }) => lock(device, holder, true) },
  ...["set config-lock off", "unlock database"].map((pattern) => ({
    pattern,
    run: ({ device, holder }: ClishSession) => {
      device.unlock(holder);
      return undefined;
    },
  })),
  ...INTERFACE_COMMANDS,
  ...ROUTE_COMMANDS,
  ...ROUTE_QUERIES,
  { pattern: "show pbr tables", run: ({ device }) => tablesText(device.running) },
  { pattern: "show pbr rules", run: ({ device }) => rulesText(device.running) },
  {
    pattern: "show pbr summary",
    run: ({ device: { running } }) => `PBR tables: ${running.tables.length}\nPBR rules: ${running.rules.length}`,
  },
  { pattern: "show virtual-system all", run: ({ device }) => virtualSystemsText(device) },
  { pattern: "cphaprob state", run: ({ device }) => clusterText(device) },
  { pattern: "ping <rest>", run: ({ device }, words) => pingText(device, words) },
  { pattern: "traceroute <rest>", run: ({ device }, words) => tracerouteText(device, words) },
];

/** Commands that need the lock of the configuration. */
export const LOCKED_COMMANDS: (Command | ConfigurationCommand)[] = [
  ...PBR_COMMANDS,
  {
    pattern: "set hostname <value>",
    run: (configuration: Configuration, [name = ""]: string[]) => {
      configuration.hostname = name;
      return undefined;
    },
  },
  ...INTERFACE_SETTINGS,
  ...KEPT_SETTINGS,
  ...STATIC_ROUTE_SETTINGS,
];

/** Commands that need the lock, and change what outlives the session. */
export const DEVICE_COMMANDS: Command[] = [
  ...LOAD_COMMANDS,
  ...TRANSACTION_COMMANDS,
  {
    pattern: "save config",
    run: ({ device }) => {
      device.save();
      return undefined;
    },
  },
  {
    pattern: "reboot",
    run: async (session) => {
      const answer = await session.ask("Are you sure you want to reboot?(Y/N)[N]\n");
      if (/^y/i.test(answer)) await session.device.reboot();
      return undefined;
    },
  },
];

async function expert(session: ClishSession): Promise<string | undefined> {
  const { expertPassword } = session.device;
  if (expertPassword === undefined) {
    return 'Expert password has not been defined. To set expert password, use the command "set expert-password".';
  }
  const answer = await session.ask("Enter expert password:", true);
  if (answer !== expertPassword) return "\n\nWrong password.";
  session.print("\n\nWarning! All configurations should be done through clish\nYou are in expert mode now.\n\n");
  await session.enterExpert();
  return undefined;
}

function lock(device: Device, holder: LockHolder, isOverriding: boolean): string | undefined {
  if (device.lockHolder === holder) return LOCK_IS_ON;
  if (device.lock(holder, isOverriding)) return undefined;
  if (!device.variants.namesLockHolder) return refusedFor(device);
  return device.lockHolder && lockedBy(device.lockHolder);
}

function lockText(current: LockHolder | undefined, holder: LockHolder): string {
  if (current === undefined) return "Config lock is off";
  return current === holder ? "Config lock is on" : lockedBy(current);
}

/** The format of these two is not documented. */
function tablesText({ tables }: Configuration): string {
  return tables.map(({ name, routes }, index) => `${name} (id ${index + 1}): ${routes.length} routes`).join("\n");
}

function rulesText({ rules }: Configuration): string {
  return rules
    .map(({ priority, match, action }) => {
      const words = Object.entries(match).map(([key, value]) => `${key} ${value}`);
      return `${String(priority).padEnd(8)}${words.join(" ")}  ${action ?? "no action"}`;
    })
    .join("\n");
}

function virtualSystemsText({ variants }: Device): string {
  const rows = ["0", ...variants.virtualSystems].map((name, id) => `${String(id).padEnd(12)}${name}`);
  return ["Virtual systems list", "VS ID       VS NAME", ...rows].join("\n");
}

function clusterText({ variants }: Device): string {
  if (variants.clusterMembers.length === 0) return "HA module not started.";
  return [
    "Cluster Mode:   High Availability (Active Up) with IGMP Membership",
    "",
    "ID         Unique Address  Assigned Load   State          Name",
    "",
    ...variants.clusterMembers.map((name, index) => {
      const [id, state, load] = index === 0 ? ["1 (local)", "ACTIVE", "100%"] : [`${index + 1}`, "STANDBY", "0%"];
      return `${id.padEnd(11)}10.231.149.${index + 1}    ${load.padEnd(16)}${state.padEnd(15)}${name}`;
    }),
  ].join("\n");
}
