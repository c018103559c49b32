/**
 * The whole number after an option on the command line, or the default without that option.
 * @throws Error for any other value and for a number below `least`
 */
export function numberAfter(name: string, defaultValue: number, least = 1): number {
  const index = process.argv.indexOf(name);
  if (index < 0) return defaultValue;
  const value = Number(process.argv[index + 1]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(
    `Invalid value for ${name}: ${process.argv[index + 1]}. Allowed values are: whole numbers from ${least} on.`,
  );
}

/**
 * The text after an option on the command line; undefined without that option.
 * @throws Error when nothing follows it
 */
export function textAfter(name: string): string | undefined {
  const index = process.argv.indexOf(name);
  if (index < 0) return undefined;
  const value = process.argv[index + 1];
  if (value !== undefined && !value.startsWith("--")) return value;
  throw new Error(`Invalid value for ${name}: (none). Allowed values are: a text after it.`);
}
