/** The kinds of failures, each with its meaning and remedy. Code distinguishes failures by kind or code, never by text. */
export const ERROR_KINDS = {
  input: "the program contains a wrong or impossible value: change the program or its environment",
  access: "an appliance or router cannot be reached or does not answer as expected: check the address and the network",
  identity: "an appliance or router did not prove its identity: check its certificate or host key",
  login: "the login cannot succeed with these credentials: correct them",
  permission: "the account lacks a right: grant it",
  refused: "the appliance refused the request: read its answer",
  state: "an appliance or router is not in the required state: change it there",
  conflict: "something else already uses what the resource needs: move, remove or adopt it",
  busy: "another operation is running: wait for its end",
  timeout: "an awaited state was not reached in time: find the cause of the delay",
  outcome: "a change did not end as requested: read the message before the next run",
} as const;

export type ErrorKind = keyof typeof ERROR_KINDS;

/** What is known of a code apart from any one failure. A failure's message adds the object, the step and the very cause. */
export interface ErrorEntry {
  kind: ErrorKind;
  /** A few words, lower case. */
  title: string;
  /** Why this happens, in general words. */
  cause: string;
  /** What to do, as an order. Used in the message unless the failure knows better. */
  remedy: string;
  /** How long to wait before the next attempt, in seconds. Absent where none is needed once the cause is fixed. */
  retryAfterSeconds?: number;
  /** How it shows in the answer of an appliance. */
  symptom?: string;
}

export type ErrorEntries = Record<`SG${number}`, ErrorEntry>;
