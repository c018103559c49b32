import type { Command } from "../command";
import { shownConfiguration } from "../show-configuration";

/**
 * Configurations in files of the user's home folder, as backup programs keep them. They are commands, which `load` executes:
 * up to the first that is refused, unless `clienv on-failure` is `continue`.
 */
export const FILE_COMMANDS: Command[] = [
  {
    pattern: "save configuration <value>",
    run: ({ device, holder }, [name = ""]) => {
      device.files.set(name, shownConfiguration(device, holder));
      return undefined;
    },
  },
];

/** Commands that need the lock of the configuration. */
export const LOAD_COMMANDS: Command[] = [
  {
    pattern: "load configuration <value>",
    run: async (session, [name = ""]) => {
      const text = session.device.files.get(name);
      // Assumed: the words for a file that is not there.
      if (text === undefined) return `CLINFR0699  Unable to open file ${name}`;
      for (const line of text.split("\n")) {
        if (session.environment["echo-cmd"] === "on") session.print(`${line}\n`);
        const isRefused = await session.executeLine(line);
        if (isRefused && session.environment["on-failure"] === "stop") break;
      }
      return undefined;
    },
  },
];
