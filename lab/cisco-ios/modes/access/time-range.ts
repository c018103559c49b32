import { BAD_NAME, type ConfigurationCommand } from "../context";

const TIME = "([01]?\\d|2[0-3]):[0-5]\\d";
const DAY = "(monday|tuesday|wednesday|thursday|friday|saturday|sunday|daily|weekdays|weekend)";
const PERIODIC = new RegExp(`^${DAY}( ${DAY})* ${TIME} to (${DAY} )?${TIME}$`, "i");
const DATE = `${TIME} \\d{1,2} (january|february|march|april|may|june|july|august|september|october|november|december) \\d{4}`;
const ABSOLUTE = new RegExp(`^(start ${DATE}( end ${DATE})?|end ${DATE})$`, "i");

/** `time-range` in the global mode. The clock of the emulation stands still: no range ever begins or ends. */
export const TIME_RANGE_GLOBAL_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "time-range <name>",
    run: (context, [name = ""]) => {
      const { timeRanges } = context.configuration;
      if (!timeRanges.some((one) => one.name === name)) timeRanges.push({ name, settings: [] });
      context.place = { mode: "config-time-range", name };
      return undefined;
    },
  },
  {
    pattern: "no time-range <name>",
    run: ({ configuration }, [name]) => {
      configuration.timeRanges = configuration.timeRanges.filter((one) => one.name !== name);
      return undefined;
    },
  },
];

/** The commands of `time-range`. */
export const TIME_RANGE_COMMANDS: readonly ConfigurationCommand[] = (["periodic", "absolute"] as const).flatMap(
  (kind): ConfigurationCommand[] => [
    {
      pattern: `${kind} <words>`,
      run: ({ configuration, place }, words) => {
        const range = configuration.timeRanges.find(
          ({ name }) => place.mode === "config-time-range" && name === place.name,
        );
        const text = words.join(" ");
        if (!range || !(kind === "periodic" ? PERIODIC : ABSOLUTE).test(text)) return BAD_NAME;
        const line = `${kind} ${text}`;
        // There is one absolute time.
        if (kind === "absolute") range.settings = range.settings.filter((one) => !one.startsWith("absolute "));
        if (!range.settings.includes(line)) range.settings.push(line);
        return undefined;
      },
    },
    {
      pattern: `no ${kind} <words>`,
      run: ({ configuration, place }, words) => {
        const range = configuration.timeRanges.find(
          ({ name }) => place.mode === "config-time-range" && name === place.name,
        );
        if (range) range.settings = range.settings.filter((line) => line !== `${kind} ${words.join(" ")}`);
        return undefined;
      },
    },
  ],
);
