import type { Configuration } from "../configuration";
import { BAD_NAME, type ConfigurationCommand } from "./context";
import { findInterface } from "./interface";

/** `interface range` and `default interface`. */
export const INTERFACE_RANGE_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "interface range <words>",
    run: (context, words) => {
      const names = namesOf(context.configuration, words.join(" "));
      if (!names) return BAD_NAME;
      context.place = { mode: "config-if-range", names };
      return undefined;
    },
  },
  {
    pattern: "default interface <words>",
    run: ({ configuration }, words) => {
      const found = findInterface(configuration, words.join(""));
      if (!found) return BAD_NAME;
      const { name } = found;
      const others = name.startsWith("Loopback") ? [] : ["negotiation auto"];
      const fresh = { name, secondaries: [], isShutDown: false, others };
      configuration.interfaces = configuration.interfaces.map((one) => (one === found ? fresh : one));
      return `Interface ${name} set to default configuration`;
    },
  },
];

/** The interfaces of `gi1 - 3 , gi4`; undefined when one of them is missing. */
function namesOf(configuration: Configuration, text: string): string[] | undefined {
  const names: string[] = [];
  for (const part of text.split(",")) {
    const [, kind = "", module = "", first, last] =
      /^\s*([a-z-]+)\s*((?:\d+\/)*)(\d+)\s*(?:-\s*(\d+)\s*)?$/i.exec(part) ?? [];
    if (first === undefined) return undefined;
    for (let number = Number(first); number <= Number(last ?? first); number += 1) {
      const found = findInterface(configuration, `${kind}${module}${number}`);
      if (!found) return undefined;
      names.push(found.name);
    }
  }
  return names.length > 0 ? names : undefined;
}
