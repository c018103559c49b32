import { type Configuration, INTERFACE_DEFAULTS, type Interface } from "../configuration";
import { BAD_NAME, type ConfigurationCommand, type ConfigurationContext, keptLines, onByDefault } from "./context";

/** Lines of an interface that are kept without an effect. `!`: one line for each pattern. */
const KEPT = [
  "ip nat inside",
  "ip nat outside",
  "ip access-group <name> in!",
  "ip access-group <name> out!",
  "ip mtu <number>!",
  "ip tcp adjust-mss <number>!",
  "ip helper-address <ipv4>",
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
  {
    pattern: "ip address <ipv4> <ipv4>",
    run: onInterface((one, [address = "", mask = ""]) => {
      one.address = { address, mask };
    }),
  },
  { pattern: "no ip address", run: onInterface((one) => void delete one.address) },
  { pattern: "no ip address <ipv4> <ipv4>", run: onInterface((one) => void delete one.address) },
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
  ...(["rx", "any"] as const).map((check) => ({
    pattern: `ip verify unicast source reachable-via ${check}`,
    run: onInterface((one) => {
      one.sourceCheck = check;
    }),
  })),
  { pattern: "no ip verify unicast source", run: onInterface((one) => void delete one.sourceCheck) },
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
    found = { name: `Loopback${number}`, isShutDown: false, others: [] };
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

function interfaceOf({ configuration, place }: ConfigurationContext): Interface | undefined {
  return configuration.interfaces.find(({ name }) => place.mode === "config-if" && name === place.name);
}

function onInterface(change: (one: Interface, values: string[]) => void) {
  return (context: ConfigurationContext, values: string[]): undefined => {
    const found = interfaceOf(context);
    if (found) change(found, values);
  };
}
