/** A change of a configuration by commands, and how this program undoes it. */
export interface CommandStep {
  /** What the step does, after "would": `attach route-map … to interface …`. */
  title: string;
  commands: string[];
  /** Undoes the step; right also when only part of its commands was executed. */
  undo: string[];
  /** How many of its first commands are entered together: because they affect packets only as a whole, or not before a later step. */
  together?: number;
  /**
   * Steps in a row with the same group may be entered together: they affect different packets, and are right in any order and
   * when only some of them were executed.
   */
  group?: string;
  /** What has to happen before the next step. */
  awaits?: Awaiting;
}

/** Outputs that a step waits for, within one limit. */
export interface Awaiting {
  limitSeconds: number;
  outputs: readonly Awaited[];
}

/** An output that a step waits for. */
export interface Awaited {
  /** After "waiting for": `track 400 to come up`. */
  title: string;
  command: string;
  output: RegExp;
  /** The cause when it did not come in time. */
  missed(seconds: number): string;
  /** True rolls the changes back when it does not come. */
  isRequired: boolean;
  /** An output that shows why a required one cannot come, so that the changes may stay. */
  excuse?: { command: string; output: RegExp };
}

/** The commands that undo steps, the last step first. */
export function undoCommands(steps: readonly CommandStep[]): string[] {
  return [...steps].reverse().flatMap(({ undo }) => undo);
}
