import { type Configuration, INTERFACE_DEFAULTS, type Interface } from "../configuration";
import { ADDRESS_COMMANDS } from "./address";
import {
  BAD_NAME,
  type ConfigurationCommand,
  type ConfigurationContext,
  interfaceOf,
  keptLines,
  onByDefault,
  onInterface,
} from "./context";
import { VRF_INTERFACE_COMMANDS } from "./routing/vrf";

/** Lines of an interface that are kept without an effect. `!`: one line for each pattern. */
const KEPT = [
  "ip nat inside",
  "ip nat outside",
  "ip access-group <name> in!",
  "ip access-group <name> out!",
  "ip mtu <number>!",
  "ip tcp adjust-mss <number>!",
  "ip helper-address <ipv4>",
  "ip inspect <name> in!",
  "ip inspect <name> out!",
  "ip wccp <words>",
  "ipv6 enable",
  "ipv6 traffic-filter <name> in!",
  "ipv6 traffic-filter <name> out!",
  "standby <words>",
  "vrrp <words>",
  "channel-group <number>!",
  "channel-group <number> mode <name>!",
  "crypto map <name>!",
  "ip ospf <words>",
  "ip route-cache policy",
  "mtu <number>!",
  "bandwidth <number>!",
  "speed <name>!",
  "duplex <name>!",
  "load-interval <number>!",
  "encapsulation <words>!",
  "cdp enable",
  "negotiation auto",
] as const;

/** What may follow `ip verify unicast`. */
const SOURCE_CHECKS = ["reverse-path"].concat(
  ["rx", "any"].flatMap((via) =>
    ["", " allow-default", " allow-self-ping", " allow-default allow-self-ping"].map(
      (options) => `source reachable-via ${via}${options}`,
    ),
  ),
);

/** The commands of `interface`. */
export const INTERFACE_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "description <line>",
    run: onInterface((one, [text = ""]) => {
      one.description = text;
    }),
  },
  { pattern: "no description", run: onInterface((one) => void delete one.description) },
  { pattern: "no description <line>", run: onInterface((one) => void delete one.description) },
  ...ADDRESS_COMMANDS,
  // The new route-map replaces another one without a word.
  {
    pattern: "ip policy route-map <name>",
    run: onInterface((one, [map = ""]) => {
      one.policy = map;
    }),
  },
  { pattern: "no ip policy route-map <name>", run: onInterface((one) => void delete one.policy) },
  { pattern: "no ip policy route-map", run: onInterface((one) => void delete one.policy) },
  {
    pattern: "shutdown",
    run: onInterface((one) => {
      one.isShutDown = true;
    }),
  },
  {
    pattern: "no shutdown",
    run: onInterface((one) => {
      one.isShutDown = false;
    }),
  },
  ...SOURCE_CHECKS.flatMap((check): ConfigurationCommand[] => [
    {
      pattern: `ip verify unicast ${check}`,
      run: onInterface((one) => {
        one.sourceCheck = check;
      }),
    },
    { pattern: `no ip verify unicast ${check}`, run: onInterface((one) => void delete one.sourceCheck) },
  ]),
  { pattern: "no ip verify unicast source", run: onInterface((one) => void delete one.sourceCheck) },
  ...["switchport", "switchport <words>"].map((pattern) => ({
    pattern,
    // A port of a switch routes nothing: documented is that its settings for routing may be lost.
    run: onInterface((one, words) => {
      delete one.address;
      one.secondaries = [];
      const line = ["switchport", ...words].join(" ");
      if (!one.others.includes(line)) one.others.push(line);
    }),
  })),
  {
    pattern: "no switchport",
    run: onInterface((one) => {
      one.others = one.others.filter((line) => !/^switchport\b/.test(line));
    }),
  },
  {
    pattern: "zone-member security <name>",
    run: (context, [zone = ""]) => {
      const one = interfaceOf(context);
      // Assumed: the text for a zone that does not exist.
      if (!context.configuration.globals.includes(`zone security ${zone}`)) return `%Zone ${zone} does not exist`;
      if (one)
        one.others = [...one.others.filter((line) => !line.startsWith("zone-member ")), `zone-member security ${zone}`];
      return undefined;
    },
  },
  {
    pattern: "no zone-member security <name>",
    run: onInterface((one, [zone]) => {
      one.others = one.others.filter((line) => line !== `zone-member security ${zone}`);
    }),
  },
  ...VRF_INTERFACE_COMMANDS,
  ...onByDefault(INTERFACE_DEFAULTS, (context) => interfaceOf(context)?.others),
  ...keptLines(KEPT, (context) => interfaceOf(context)?.others),
];

/** The interface with this name or abbreviation. */
export function findInterface(configuration: Configuration, text: string): Interface | undefined {
  const start = text.search(/\d/);
  const [kind, number] = [text.slice(0, start).toLowerCase(), text.slice(start)];
  return configuration.interfaces.find(({ name }) => {
    const fullStart = name.search(/\d/);
    return name.slice(fullStart) === number && name.slice(0, fullStart).toLowerCase().startsWith(kind);
  });
}

/** Enters an interface; a loopback interface is made when there is none. */
export function enterInterface(context: ConfigurationContext, text: string): string | undefined {
  const { interfaces } = context.configuration;
  const [, number] = /^lo[a-z]*(\d+)$/i.exec(text) ?? [];
  let found = findInterface(context.configuration, text);
  if (!found && number !== undefined) {
    found = { name: `Loopback${number}`, secondaries: [], isShutDown: false, others: [] };
    // Loopback interfaces are shown first.
    interfaces.splice(interfaces.filter(({ name }) => name.startsWith("Loopback")).length, 0, found);
  }
  if (!found) return BAD_NAME;
  context.place = { mode: "config-if", name: found.name };
  return undefined;
}

/** Removes a loopback interface; ports cannot be removed. */
export function removeInterface({ configuration }: ConfigurationContext, text: string): string | undefined {
  const found = findInterface(configuration, text);
  if (!found) return BAD_NAME;
  if (!found.name.startsWith("Loopback")) return "% Removal of physical interfaces is not permitted";
  configuration.interfaces = configuration.interfaces.filter((one) => one !== found);
  return undefined;
}
