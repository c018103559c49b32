import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Values<Given extends Options> = ReturnType<typeof parseArgs<{ options: Given }>>["values"];

/** Parses the options of a command. Ends the process with one line for an invalid option. */
export function parseOptions<const Given extends Options>(options: Given): Values<Given> {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const [reason = ""] = String(error instanceof Error ? error.message : error).split(/\. (?=To )/);
    process.stderr.write(`error: ${reason}; run it with --help for its options\n`);
    process.exit(2);
  }
}
