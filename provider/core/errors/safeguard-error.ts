import { channel } from "node:diagnostics_channel";
import { printableLine, withoutStop } from "../printable";
import { type ErrorCode, entryOf } from "./catalogue";
import type { ErrorKind } from "./entry";

/** The parts of a failure: object, step, cause and remedy. None contains a secret. */
export interface FailureText {
  /** Decides the kind, and the remedy where none is given. */
  code: ErrorCode;
  /** The appliance or router, for example `sps 10.0.0.1`. */
  object: string;
  /** The step that failed, for example `promote to central management`. */
  step: string;
  cause: string;
  /** An order to the user. Default: the catalogue's. */
  remedy?: string;
}

/** Publishes a `{code, line}` for each failure, through which the tests find the examples of the documentation. */
const failures = channel("pulumi-safeguard:failure");

/** Limits of the parts of a failure, in characters: causes and remedies may quote appliances, routers and long lists. */
const MAX_NAME_CHARACTERS = 500;
const MAX_EXPLANATION_CHARACTERS = 4000;

/** Limit of the message of anything thrown, in characters. */
const MAX_MESSAGE_CHARACTERS = 10_000;

/** A failure with its cause and remedy in one line: `object: step: cause; remedy [code]`. */
export function failureLine(text: FailureText): string {
  const { code, object, step, cause, remedy } = shownText(text);
  const line = `${object}: ${step}: ${cause}; ${remedy} [${code}]`;
  failures.publish({ code, line });
  return line;
}

/** The same parts, safe to show and each in one line, with the catalogue's remedy where none is given. */
function shownText({ code, object, step, cause, remedy = entryOf(code).remedy }: FailureText): Required<FailureText> {
  const name = (part: string) => printableLine(part, MAX_NAME_CHARACTERS);
  const explanation = (part: string) => printableLine(part, MAX_EXPLANATION_CHARACTERS);
  // A cause may end with a device's answer in its own words.
  const shownCause = withoutStop(explanation(cause));
  return { code, object: name(object), step: name(step), cause: shownCause, remedy: explanation(remedy) };
}

/** A failure that names its object, step, cause and remedy. */
export class SafeguardError extends Error {
  readonly code: ErrorCode;
  readonly text: Required<FailureText>;

  constructor(text: FailureText, options?: ErrorOptions) {
    super(failureLine(text), options);
    this.name = "SafeguardError";
    this.code = text.code;
    this.text = shownText(text);
  }

  get kind(): ErrorKind {
    return entryOf(this.code).kind;
  }
}

/**
 * A failure after the first side effect: the resource exists in part. Carries what is needed to go on,
 * so that the next run resumes instead of starting over.
 */
export class PartialFailure extends Error {
  constructor(
    /** Id under which the half-made resource is recorded. */
    readonly id: string,
    /** The inputs and the outputs read so far. */
    readonly state: Record<string, unknown>,
    /** The failure, the completed and the interrupted steps, and the effect of the next run. */
    readonly reasons: string[],
    options?: ErrorOptions,
  ) {
    super(reasons[0] ?? "stopped half-way", options);
    this.name = "PartialFailure";
  }
}

/** The cause of a failure, for another failure that follows from it; the message of anything else thrown. */
export function causeOf(error: unknown): string {
  return error instanceof SafeguardError ? error.text.cause : messageOf(error);
}

/** The message of anything thrown, safe to show and in one line. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return printableLine(message, MAX_MESSAGE_CHARACTERS);
}
