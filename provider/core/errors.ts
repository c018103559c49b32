/** What every failure of this product says: which object, at which step, why, and what to do. */
export interface FailureText {
  /** Stable code, `SG` and four digits; listed in docs/errors. */
  code: string;
  /** The appliance or router, for example `sps 10.0.0.1`. */
  object: string;
  /** The step that failed, for example `promote to central management`. */
  step: string;
  cause: string;
  remedy: string;
}

/** A failure with its cause and remedy in one line: `object: step: cause; remedy [code]`. Never holds a secret. */
export class SafeguardError extends Error {
  readonly code: string;
  readonly text: FailureText;

  constructor(text: FailureText, options?: ErrorOptions) {
    super(`${text.object}: ${text.step}: ${oneLine(text.cause)}; ${oneLine(text.remedy)} [${text.code}]`, options);
    this.name = "SafeguardError";
    this.code = text.code;
    this.text = text;
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
    /** Everything known so far: the inputs and what was read back. */
    readonly state: Record<string, unknown>,
    /** What failed, what was done, what was not, and what the next run will do. */
    readonly reasons: string[],
    options?: ErrorOptions,
  ) {
    super(reasons[0] ?? "stopped half-way", options);
    this.name = "PartialFailure";
  }
}

/** The message of anything thrown, for texts that must fit in one line. */
export function messageOf(error: unknown): string {
  return oneLine(error instanceof Error ? error.message || error.name : String(error));
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").trim();
}
