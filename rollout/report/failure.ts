import { failureJson, type KnownParts } from "../generated/failure-json";
import { DefinitionError } from "../plan/load";

/** What a failure is reported to. */
interface Reporting {
  readonly output: { out(text: string): void; error(text: string): void };
  readonly isJson: boolean;
}

/** Reports a failure to people, and where a program reads the result, as its JSON object. */
export function reportFailure({ output, isJson }: Reporting, failure: unknown): void {
  const message = failure instanceof Error ? failure.message : String(failure);
  output.error(`error: ${message}\n`);
  if (isJson) output.out(failureJson(...partsOf(failure, message)));
}

/** A definition may have several mistakes, each with its own remedy. */
function partsOf(failure: unknown, message: string): [message: string, known?: KnownParts] {
  if (!(failure instanceof DefinitionError)) return [message];
  const { file, problems } = failure;
  const whole = `${file}: ${problems.join(" ")}`;
  return problems.length === 1 ? [whole] : [whole, { cause: whole, remedy: `correct ${file}` }];
}
