import { entryText } from "./access-list";
import type { Pattern } from "./command-table";
import { type Configuration, configurationText } from "./configuration";
import { findInterface } from "./configuration-commands";
import type { Device } from "./device";

/** What an EXEC command may do to its session. */
export interface ExecSession {
  readonly device: Device;
  readonly user: string;
  isPrivileged: boolean;
  /** Lines of a page; 0 prints without pages. */
  length: number;
  width: number;
  enterConfiguration(): void;
  end(): void;
  /** Prints a question and reads the answer; `isHidden` does not echo it. */
  ask(question: string, isHidden?: boolean): Promise<string>;
}

/** A command of the EXEC modes. Its text is printed. */
interface ExecCommand extends Pattern {
  run(session: ExecSession, values: string[]): string | undefined | Promise<string | undefined>;
}

type Commands = ExecCommand[];

const ENTER = "Enter configuration commands, one per line.  End with CNTL/Z.";
const NOT_PENDING = "%No Rollback Confirmed Change pending";

/** Commands of user EXEC mode. */
export const USER_COMMANDS: Commands = [
  { pattern: "enable", run: enable },
  { pattern: "exit", run: (session) => void session.end() },
  { pattern: "logout", run: (session) => void session.end() },
  {
    pattern: "terminal length <number>",
    run: (session, [length]) => {
      session.length = Number(length);
      return undefined;
    },
  },
  {
    pattern: "terminal width <number>",
    run: (session, [width]) => {
      if (Number(width) > 512) return "% Invalid input detected at '^' marker.";
      session.width = Number(width);
      return undefined;
    },
  },
  { pattern: "terminal no monitor", run: () => undefined },
  { pattern: "show privilege", run: ({ isPrivileged }) => `Current privilege level is ${isPrivileged ? 15 : 1}` },
  { pattern: "show version", run: ({ device }) => versionText(device) },
  { pattern: "show clock", run: () => "*10:00:00.000 UTC Mon Jan 5 2026" },
  ...["", " repeat <number>", " repeat <number> timeout <number>"].map((options) => ({
    pattern: `ping <ipv4>${options}`,
    run: ping,
  })),
];

/** Commands of privileged EXEC mode. */
export const PRIVILEGED_COMMANDS: Commands = [
  ...USER_COMMANDS,
  {
    pattern: "disable",
    run: (session) => {
      session.isPrivileged = false;
      return undefined;
    },
  },
  { pattern: "configure terminal", run: (session) => configure(session) },
  { pattern: "configure terminal revert timer <number>", run: configureWithTimer },
  { pattern: "configure confirm", run: ({ device }) => (device.confirm() ? undefined : NOT_PENDING) },
  {
    pattern: "configure revert now",
    run: async ({ device }) =>
      (await device.rollBack())
        ? "Rollback Confirmed Change: rolling to the backup\n\nTotal number of passes: 1\nRollback Done\n"
        : NOT_PENDING,
  },
  { pattern: "reload in <number>", run: scheduleReload },
  {
    pattern: "reload cancel",
    run: ({ device }) =>
      device.cancelReload() ? "\n\n***\n*** --- SHUTDOWN ABORTED ---\n***\n" : "%No reload is scheduled.",
  },
  {
    pattern: "show reload",
    run: ({ device }) =>
      device.pendingReload ? `Reload scheduled in ${device.pendingReload.minutes} minutes` : "No reload is scheduled.",
  },
  { pattern: "write memory", run: save },
  {
    pattern: "copy running-config startup-config",
    run: async (session) => {
      await session.ask("Destination filename [startup-config]? ");
      return save(session);
    },
  },
  { pattern: "show running-config", run: ({ device }) => fileText(device, device.running, true) },
  { pattern: "show startup-config", run: ({ device }) => fileText(device, device.startup, false) },
  {
    pattern: "show running-config interface <words>",
    run: ({ device }, words) => {
      const name = findInterface(device.running, words.join(""))?.name;
      if (name === undefined) return "% Invalid input detected at '^' marker.";
      const block = sectionOf(configurationText(device.running, device.spelling), new RegExp(`^interface ${name}$`));
      return `Building configuration...\n\nCurrent configuration : ${block.length} bytes\n!\n${block}\nend\n`;
    },
  },
  { pattern: "show archive", run: ({ device }) => archiveText(device.running.archivePath) },
  {
    pattern: "show archive config rollback timer",
    run: ({ device: { pendingRollback } }) =>
      pendingRollback
        ? `Time configured(or reconfigured): 10:00:00 UTC Mon Jan 5 2026\nTimer type: absolute timer\nTimer value: ${pendingRollback.minutes} min\nUser: ${pendingRollback.user}`
        : NOT_PENDING,
  },
  { pattern: "show ip access-lists", run: ({ device }) => accessListsText(device) },
  { pattern: "show ip access-lists <name>", run: ({ device }, [name]) => accessListsText(device, name) },
  { pattern: "show route-map", run: ({ device }) => routeMapsText(device) },
  { pattern: "show route-map <name>", run: ({ device }, [name]) => routeMapsText(device, name) },
  {
    pattern: "show ip policy",
    run: ({ device }) =>
      [
        "Interface      Route map",
        ...device.running.interfaces.flatMap(({ name, policy }) =>
          policy === undefined ? [] : [`${shortName(name).padEnd(15)}${policy}`],
        ),
      ].join("\n"),
  },
  {
    pattern: "show ip interface brief",
    run: ({ device }) =>
      [
        "Interface              IP-Address      OK? Method Status                Protocol",
        ...device.running.interfaces.map(({ name, address, isShutDown }) => {
          const status = isShutDown ? "administratively down down" : "up                    up";
          return `${name.padEnd(23)}${(address?.address ?? "unassigned").padEnd(16)}YES NVRAM  ${status}`;
        }),
      ].join("\n"),
  },
];

/** Applies what follows `|` to a text. @returns undefined when it is no valid filter */
export function filtered(text: string, filter: string): string | undefined {
  const [, word = "", pattern] = /^(\S+)\s+(.+)$/.exec(filter.trim()) ?? [];
  if (pattern === undefined || word === "") return undefined;
  const expression = new RegExp(pattern.trim());
  const lines = text.split("\n");
  const kind = ["begin", "exclude", "include", "section"].find((one) => one.startsWith(word));
  if (kind === "include") return lines.filter((line) => expression.test(line)).join("\n");
  if (kind === "exclude") return lines.filter((line) => !expression.test(line)).join("\n");
  if (kind === "section") return sectionOf(text, expression);
  if (kind !== "begin") return undefined;
  const start = lines.findIndex((line) => expression.test(line));
  return start < 0 ? "" : lines.slice(start).join("\n");
}

/** The lines that match, each with the indented lines below it. */
function sectionOf(text: string, expression: RegExp): string {
  let isInside = false;
  const kept = text.split("\n").filter((line) => {
    if (!line.startsWith(" ")) isInside = expression.test(line);
    return isInside || expression.test(line);
  });
  return kept.join("\n");
}

async function enable(session: ExecSession): Promise<string | undefined> {
  const { enablePassword } = session.device;
  if (session.isPrivileged) return undefined;
  if (enablePassword === undefined) return "% Error in authentication.";
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if ((await session.ask("Password: ", true)) === enablePassword) {
      session.isPrivileged = true;
      return undefined;
    }
  }
  return "% Bad secrets\n";
}

function configure(session: ExecSession): string {
  const { lockedBy } = session.device;
  if (lockedBy) {
    const { process, user, terminal } = lockedBy;
    return `Configuration mode is locked by process '${process}' user '${user}' from terminal '${terminal}'. Please try later.`;
  }
  session.enterConfiguration();
  return ENTER;
}

function configureWithTimer(session: ExecSession, [minutes]: string[]): string {
  const { device, user } = session;
  if (Number(minutes) < 1 || Number(minutes) > 120) return "% Invalid input detected at '^' marker.";
  if (device.running.archivePath === undefined)
    return "%Error: Turn config archive on before using Rollback Confirmed Change";
  if (device.pendingRollback) return "%Error: Rollback Confirmed Change is already pending";
  const entered = configure(session);
  if (entered !== ENTER) return entered;
  const backup = device.armRollback(Number(minutes), user);
  return `Rollback Confirmed Change: Backing up current running config to ${backup}\n\n${ENTER}`;
}

async function scheduleReload(session: ExecSession, [minutes]: string[]): Promise<string | undefined> {
  const { device } = session;
  const text = (one: Configuration) => configurationText(one, device.spelling);
  if (text(device.running) !== text(device.startup)) {
    const answer = await session.ask("\nSystem configuration has been modified. Save? [yes/no]: ");
    if (/^y/i.test(answer)) save(session);
  }
  const answer = await session.ask(
    `Reload scheduled in ${minutes} minutes by ${session.user} on vty0\nProceed with reload? [confirm]`,
  );
  if (answer !== "" && !/^y/i.test(answer)) return undefined;
  device.scheduleReload(Number(minutes));
  return undefined;
}

function save({ device }: ExecSession): string {
  device.save();
  return "Building configuration...\n[OK]";
}

async function ping({ device }: ExecSession, [address = "", repeat = "5"]: string[]): Promise<string> {
  const count = Number(repeat);
  const isAnswered = await device.effects.ping(address);
  const rate = isAnswered ? 100 : 0;
  const times = isAnswered ? ", round-trip min/avg/max = 1/1/1 ms" : "";
  return [
    "Type escape sequence to abort.",
    `Sending ${count}, 100-byte ICMP Echos to ${address}, timeout is 2 seconds:`,
    (isAnswered ? "!" : ".").repeat(count),
    `Success rate is ${rate} percent (${isAnswered ? count : 0}/${count})${times}`,
  ].join("\n");
}

function fileText({ spelling }: Device, configuration: Configuration, isRunning: boolean): string {
  const text = configurationText(configuration, spelling);
  if (!isRunning) return `Using ${text.length} out of 33554432 bytes\n${text}\n`;
  return `Building configuration...\n\nCurrent configuration : ${text.length} bytes\n!\n! Last configuration change at 10:00:00 UTC Mon Jan 5 2026\n${text}\n`;
}

function archiveText(path: string | undefined): string {
  if (path === undefined) return " Archive feature not enabled";
  const rows = Array.from({ length: 10 }, (_, index) => `   ${String(index + 1).padEnd(9)}`);
  return [
    "The maximum archive configurations allowed is 10.",
    `The next archive file will be named ${path}-<timestamp>-0`,
    " Archive #  Name",
    ...rows,
  ].join("\n");
}

async function accessListsText(device: Device, name?: string): Promise<string> {
  const counts = await device.effects.entryCounts();
  return device.running.accessLists
    .filter((list) => name === undefined || list.name === name)
    .flatMap((list) => [
      `Extended IP access list ${list.name}`,
      ...list.lines.map(({ sequence, entry }) => {
        const count = counts.get(`${list.name} ${sequence}`) ?? 0;
        const matches = count === 0 ? "" : ` (${count} ${count === 1 ? "match" : "matches"})`;
        return `    ${sequence} ${entryText(entry).replace(/ +/g, " ")}${matches}`;
      }),
    ])
    .join("\n");
}

async function routeMapsText(device: Device, name?: string): Promise<string> {
  const counts = await device.effects.entryCounts();
  const { sequences, accessLists } = device.running;
  const packetsOf = (list: string) =>
    (accessLists.find((one) => one.name === list)?.lines ?? []).reduce(
      (sum, { sequence }) => sum + (counts.get(`${list} ${sequence}`) ?? 0),
      0,
    );
  return sequences
    .filter(({ map }) => name === undefined || map === name)
    .flatMap(({ map, action, number, accessLists: lists, nextHops, interfaces }) => {
      const packets = lists.reduce((sum, list) => sum + packetsOf(list), 0);
      return [
        `route-map ${map}, ${action}, sequence ${number}`,
        "  Match clauses:",
        ...(lists.length > 0 ? [`    ip address (access-lists): ${lists.join(" ")} `] : []),
        "  Set clauses:",
        ...(nextHops.length > 0 ? [`    ip next-hop ${nextHops.join(" ")}`] : []),
        ...(interfaces.length > 0 ? [`    interface ${interfaces.join(" ")}`] : []),
        `  Policy routing matches: ${packets} packets, ${packets * 60} bytes`,
      ];
    })
    .join("\n");
}

function versionText({ running: { hostname }, spelling }: Device): string {
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

function shortName(name: string): string {
  const start = name.search(/\d/);
  return `${name.slice(0, 2)}${name.slice(start)}`;
}
