import type { Pattern } from "./command-table";
import { type Configuration, configurationText, type Interface, pbrLines } from "./configuration";
import type { Device, LockHolder } from "./device";
import { pingText, tracerouteText } from "./network-commands";
import { type ConfigurationCommand, PBR_COMMANDS } from "./pbr-commands";

/** What a command may do to its session. */
export interface ClishSession {
  readonly device: Device;
  readonly holder: LockHolder;
  /** Lines of a page; 0 prints without pages. */
  rows: number;
  /** Runs the shell of expert mode, or enters it. */
  enterExpert(): Promise<void>;
  print(text: string): void;
  end(): void;
  /** Prints a question and reads the answer; `isHidden` does not echo it. */
  ask(question: string, isHidden?: boolean): Promise<string>;
}

/** A command that does not change the configuration. Its text is printed. */
interface Command extends Pattern {
  run(session: ClishSession, values: string[]): string | undefined | Promise<string | undefined>;
}

export const LOCK_IS_ON = "CLICMD0201  Config lock is already turned on.";

/** The line that tells a session of the lock of another. */
export function lockedBy({ user }: LockHolder): string {
  return `CLINFR0771  Config lock is owned by ${user}. Use the command 'lock database override' to acquire the lock.`;
}

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
  { pattern: "ver", run: ({ device }) => versionText(device) },
  { pattern: "show version all", run: ({ device }) => versionText(device) },
  { pattern: "show version product", run: ({ device }) => versionText(device).split("\n")[0] },
  {
    pattern: "set clienv rows <value>",
    run: (session, [rows = ""]) => {
      if (!/^\d{1,4}$/.test(rows)) return `CLINFR0409  Range check fails: Invalid value ${rows}`;
      session.rows = Number(rows);
      return undefined;
    },
  },
  { pattern: "show clienv rows", run: ({ rows }) => `Rows ${rows}` },
  { pattern: "show hostname", run: ({ device }) => device.running.hostname },
  { pattern: "show configuration", run: ({ device, holder }) => shownConfiguration(device, holder) },
  {
    pattern: "show configuration pbr",
    run: ({ device }) => pbrLines(device.running, device.variants.matchLines).join("\n"),
  },
  {
    pattern: "show configuration interface",
    run: ({ device, holder }) =>
      shownConfiguration(device, holder)
        .split("\n")
        .filter((line) => /^(set|add) interface /.test(line))
        .join("\n"),
  },
  { pattern: "show config-state", run: ({ device }) => (device.isSaved ? "saved" : "unsaved") },
  { pattern: "show config-lock", run: ({ device: { lockHolder }, holder }) => lockText(lockHolder, holder) },
  { pattern: "set config-lock on", run: ({ device, holder }) => lock(device, holder, false) },
  { pattern: "set config-lock on override", run: ({ device, holder }) => lock(device, holder, true) },
  { pattern: "lock database override", run: ({ device, holder }) => lock(device, holder, true) },
  {
    pattern: "set config-lock off",
    run: ({ device, holder }) => {
      device.unlock(holder);
      return undefined;
    },
  },
  { pattern: "show interfaces", run: ({ device }) => device.running.interfaces.map(({ name }) => name).join("\n") },
  {
    pattern: "show interfaces all",
    run: ({ device }) => device.running.interfaces.map((one) => interfaceText(one)).join("\n"),
  },
  {
    pattern: "show interface <value>",
    run: ({ device }, [name]) => {
      const found = device.running.interfaces.find((one) => one.name === name);
      return found ? interfaceText(found, "") : `CLINFR0329  Invalid command:'show interface ${name}'.`;
    },
  },
  { pattern: "show route", run: ({ device }) => routeText(device.running) },
  { pattern: "show route all", run: ({ device }) => routeText(device.running) },
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
  ...["on", "off"].map((state) => ({
    pattern: `set interface <value> state ${state}`,
    run: onInterface((one) => {
      one.isOn = state === "on";
    }),
  })),
  {
    pattern: "set interface <value> comments <value>",
    run: onInterface((one, [text = ""]) => {
      one.comments = text;
    }),
  },
  {
    pattern: "set interface <value> ipv4-address <value> mask-length <value>",
    run: onInterface((one, [address = "", length]) => {
      one.address = { address, maskLength: Number(length) };
    }),
  },
];

/** Commands that need the lock, and change what outlives the session. */
export const DEVICE_COMMANDS: Command[] = [
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

function onInterface(change: (one: Interface, values: string[]) => void): ConfigurationCommand["run"] {
  return (configuration, [name = "", ...values], line) => {
    const found = configuration.interfaces.find((one) => one.name === name);
    if (!found) return `CLINFR0329  Invalid command:'${line}'.`;
    change(found, values);
    return undefined;
  };
}

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

function shownConfiguration({ running, variants, lockHolder }: Device, holder: LockHolder): string {
  const date = new Date().toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+).*/, "$1 $3 $2 $5 $4");
  return configurationText(running, variants.matchLines, [
    ...(lockHolder && lockHolder !== holder ? [lockedBy(lockHolder)] : []),
    `# Exported by ${holder.user} on ${date}`,
  ]);
}

function versionText({ variants }: Device): string {
  return [
    `Product version Check Point Gaia ${variants.version}`,
    "OS build 631",
    "OS kernel version 3.10.0-1160.15.2cpx86_64",
    "OS edition 64-bit",
  ].join("\n");
}

function interfaceText({ name, isOn, comments, address }: Interface, indent = "    "): string {
  const lines = [
    `state ${isOn ? "on" : "off"}`,
    "mac-addr 00:1c:7f:00:11:22",
    "type ethernet",
    `link-state ${isOn ? "link up" : "link down"}`,
    "mtu 1500",
    "auto-negotiation on",
    "speed 1000M",
    "ipv6-autoconfig Not configured",
    "duplex full",
    "monitor-mode Not configured",
    "link-speed 1000M/full",
    `comments${comments === undefined ? "" : ` ${comments}`}`,
    `ipv4-address ${address ? `${address.address}/${address.maskLength}` : "Not Configured"}`,
    "ipv6-address Not Configured",
    "ipv6-local-link-address Not Configured",
  ];
  return [
    ...(indent === "" ? [] : [`Interface ${name}`]),
    ...lines.map((line) => indent + line),
    "",
    "Statistics:",
    "TX bytes:1377155 packets:12951 errors:0 dropped:0 overruns:0 carrier:0",
    "RX bytes:1457202 packets:13786 errors:0 dropped:0 overruns:0 frame:0",
  ].join("\n");
}

function routeText({ interfaces, others }: Configuration): string {
  const statics = others.flatMap((line) => {
    const [, network, gateway] = /^set static-route (\S+) nexthop gateway address (\S+) on$/.exec(line) ?? [];
    return network && gateway ? [{ network: network === "default" ? "0.0.0.0/0" : network, gateway }] : [];
  });
  const connected = interfaces.flatMap(({ name, isOn, address }) =>
    isOn && address ? [{ name, network: networkOf(address.address, address.maskLength) }] : [],
  );
  return [
    "Codes: C - Connected, S - Static, R - RIP, B - BGP (D - Default),",
    "       O - OSPF IntraArea (IA - InterArea, E - External, N - NSSA),",
    "       A - Aggregate, K - Kernel Remnant, H - Hidden, P - Suppressed,",
    "       U - Unreachable, i - Inactive",
    "",
    ...statics.map(
      ({ network, gateway }) =>
        `S     ${network.padEnd(20)}via ${gateway}, ${nameFor(gateway, interfaces)}, cost 0, age 1234`,
    ),
    ...connected.map(({ name, network }) => `C     ${network.padEnd(20)}is directly connected, ${name}`),
  ].join("\n");
}

function nameFor(gateway: string, interfaces: readonly Interface[]): string {
  const same = interfaces.find(
    ({ address }) =>
      address && networkOf(gateway, address.maskLength) === networkOf(address.address, address.maskLength),
  );
  return same?.name ?? interfaces[0]?.name ?? "lo";
}

function networkOf(address: string, length: number): string {
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = value - (value % 2 ** (32 - length));
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".")}/${length}`;
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
