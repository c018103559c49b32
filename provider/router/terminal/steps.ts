/** A change of a configuration by commands, and how this program undoes it. */
export interface CommandStep {
  /** What the step does, after "would": `attach route-map … to interface …`. */
  title: string;
  commands: string[];
  /** Undoes the step; right also when only part of its commands was executed. */
  undo: string[];
  /** True when no packet is affected before a later step, so that its commands may be entered together. */
  hasEffectLater?: true;
  /** What has to happen before the next step. */
  awaits?: Awaited;
}

/** An output that a step waits for. */
export interface Awaited {
  /** After "waiting for": `track 400 to come up`. */
  title: string;
  command: string;
  output: RegExp;
  limitSeconds: number;
}

/** The commands that undo steps, the last step first. */
export function undoCommands(steps: readonly CommandStep[]): string[] {
  return [...steps].reverse().flatMap(({ undo }) => undo);
}
