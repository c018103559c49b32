/** An operation of `ip sla`. Without a kind, it was only begun, and is not shown. */
export interface SlaOperation {
  number: number;
  kind?: "icmp-echo" | "tcp-connect";
  /** The words after the kind, as the device shows them. */
  target: string;
  address: string;
  /** The port of `tcp-connect`. */
  port?: number;
  tag?: string;
  /** Milliseconds. */
  threshold: number;
  timeout: number;
  /** Seconds. */
  frequency: number;
  /** Whether it was scheduled to run from now on for ever. */
  isScheduled: boolean;
}

/** An object of `track` that follows an operation. */
export interface TrackObject {
  number: number;
  operation: number;
  aspect: "reachability" | "state";
  /** Seconds that a change has to last. */
  delay: { down?: number; up?: number };
}

/** The values that a running configuration does not show. */
const DEFAULTS = { threshold: 5000, timeout: 5000, frequency: 60 };

/** A new operation without a kind. */
export function newOperation(number: number): SlaOperation {
  return { number, target: "", address: "", ...DEFAULTS, isScheduled: false };
}

/** The lines of an operation; with `isComplete`, default values are shown too. */
export function operationLines(operation: SlaOperation, isComplete = false): string[] {
  const { number, kind, target, tag, isScheduled, ...values } = operation;
  if (kind === undefined) return [];
  const changed = (["threshold", "timeout", "frequency"] as const).filter(
    (name) => isComplete || values[name] !== DEFAULTS[name],
  );
  return [
    `ip sla ${number}`,
    ` ${kind} ${target}`,
    ...(tag === undefined ? [] : [` tag ${tag}`]),
    ...changed.map((name) => ` ${name} ${values[name]}`),
    ...(isScheduled ? [`ip sla schedule ${number} life forever start-time now`] : []),
  ];
}

export function trackLines({ number, operation, aspect, delay: { down, up } }: TrackObject): string[] {
  const delays = [...(down === undefined ? [] : [`down ${down}`]), ...(up === undefined ? [] : [`up ${up}`])];
  return [
    `track ${number} ip sla ${operation} ${aspect}`,
    ...(delays.length > 0 ? [` delay ${delays.join(" ")}`] : []),
  ];
}
