/**
 * The whole number that stands behind an option on the command line, or the usual one without it.
 * @throws Error when something else stands there, or a number below `least`.
 */
export function numberAfter(name: string, usual: number, least = 1): number {
  const index = process.argv.indexOf(name);
  if (index < 0) return usual;
  const value = Number(process.argv[index + 1]);
  if (Number.isInteger(value) && value >= least) return value;
  throw new Error(
    `Invalid value for ${name}: ${process.argv[index + 1]}. Allowed values are: whole numbers from ${least} on.`,
  );
}
