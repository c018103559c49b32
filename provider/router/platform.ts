import type { z } from "zod";
import type { OperationContext } from "../core/context";
import type { SafeguardError } from "../core/errors";
import { exclusively } from "../core/lock";
import type { Note } from "../core/note";
import type { Unknown } from "../core/unknown";
import type { InputFailure } from "../core/validate";
import type { Bypass, WatchdogOptions, watchdogSchema } from "./bypass";
import type { Capabilities } from "./capabilities";
import type { Confirmation, CounterOutput, InterfaceOutput } from "./outputs";
import type { Owner } from "./owner";
import type { PathTarget, PathTrial } from "./planning/paths";
import type { ProbeOptions } from "./protection";
import type { CheckedRedirection, Redirection } from "./redirection";
import type { RemovalOptions } from "./removal";

/** The redirections and options that a resource wants or owns on its router. */
export interface OwnedInputs<Options = unknown> {
  redirections: Redirection[];
  /** The options of the platform. */
  options: Options;
  persist: boolean;
  bypass: Bypass;
  watchdog: WatchdogOptions;
  /**
   * The resource; other resources may not change its redirections without adopting them. Absent for a reader, which takes
   * the redirections for wanted whoever owns them.
   */
  owner?: Owner | undefined;
}

/** The same inputs after check, with the connection; parts may be unknown. */
export interface CheckedPlatformInputs<Connection = unknown, Options = unknown> {
  connection: Connection | Unknown;
  redirections: (CheckedRedirection | Unknown)[] | Unknown;
  options: Options | Unknown;
  persist: boolean | Unknown;
  bypass: Bypass | Unknown;
  watchdog: z.output<typeof watchdogSchema> | Unknown;
}

/** How changes are protected and verified. */
export interface ApplyOptions {
  /** The commit window, in seconds. */
  windowSeconds: number;
  probe: ProbeOptions;
  removal: RemovalOptions;
}

/** What a resource owns on its router, according to the state. */
export interface Owned<Options = unknown, Status = unknown> {
  inputs: OwnedInputs<Options>;
  /** Inputs of an unfinished update that may have left parts on the router; absent otherwise. */
  unfinished?: OwnedInputs<Options> | undefined;
  /** The interfaces as last read. */
  interfaces: InterfaceOutput[];
  /** The outputs of the platform as last read; absent when the router was not read. */
  status?: Status | undefined;
}

/** A change on one router. */
export interface Change<Connection = unknown, Options = unknown, Status = unknown> {
  connection: Connection;
  /** What the router should have; absent when the resource is removed. */
  wanted?: OwnedInputs<Options> | undefined;
  /** What the resource owns there; absent for a new resource. */
  owned?: Owned<Options, Status> | undefined;
  /** True adopts redirections of the same names that belong to other resources or to none. */
  isAdopting: boolean;
  applyOptions: ApplyOptions;
}

/** The state read back from a router. */
export interface RouterReading<Status = unknown> {
  /** Equal to `lines` of the wanted state when the router is in sync. */
  rules: string[];
  interfaces: InterfaceOutput[];
  counters: CounterOutput[];
  status: Status;
}

/** The state of the router after a change. */
export interface Applied<Status = unknown> {
  reading: RouterReading<Status>;
  /** Absent when no change was needed. */
  confirmation?: Confirmation | undefined;
  /** Names of redirections that were not removed, because they belong to another resource by now. */
  left: string[];
}

/** The findings of an input check or of a look at the router. */
export interface Findings {
  failures: InputFailure[];
  notes: Note[];
}

/** What a look at the router finds for a change. */
export interface Looked {
  /** Every reason for which the router would refuse the change; nothing else was looked at when there are some. */
  refusals: SafeguardError[];
  notes: Note[];
  /** The open connections of the clients of each redirection; absent when the router does not list them. */
  connections?: readonly OpenConnections[];
}

/** The connections of clients that are open now, as the router tracks them. */
export interface OpenConnections {
  /** Name of the redirection that they match. */
  redirection: string;
  /** The number of those that it sends to SPS. */
  sent: number;
  /** The number of those that pass SPS by: they were opened before the redirection, or while it was bypassed. */
  direct: number;
  /** The number of those that may do either: the router does not tell. */
  unknown: number;
  /** One of those that pass SPS by: `10.0.0.1 to 10.0.0.2:22`. */
  example?: string;
}

/**
 * How much a preview reports: `refusals` only whether the router refuses the change, `summary` also warnings and one
 * line of result, `full` each check.
 */
export type PreviewDepth = "refusals" | "summary" | "full";

/** Identifies a router. */
export interface RouterIdentity {
  /** The router in messages: `router 10.0.0.1`. */
  object: string;
  /** The first part of a resource id: `10.0.0.1:22`. */
  address: string;
  /** Unique for each router, also for the same address behind different jump hosts. */
  key: string;
}

/** How a router tells to which SPS an open connection goes. */
export interface ConnectionBinding {
  /** The mark that the connection keeps. */
  mark: number;
  /** The routing table to which the mark leads. */
  table: number;
}

/** The context that a platform gets for its work. */
export interface PlatformContext extends OperationContext {
  /** Runs work while no other work of this process uses the same router. All connections are opened inside it. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * One kind of router. The resource knows routers only through this interface; capabilities refuse what a platform does
 * not support. Methods without a context are pure.
 */
export interface RouterPlatform<Connection = unknown, Options = unknown, Status = unknown> {
  /** The value of `platform`. */
  readonly name: string;
  /** The input with the options of the platform; its outputs are in `<block>Status`. */
  readonly block: string;
  /** Schema of the connection to the router. */
  readonly connection: z.ZodType;
  /** Schema of the options. */
  readonly options: z.ZodType;
  /** Schema of the outputs that only this platform has. */
  readonly status: z.ZodType;
  /** What the platform supports with these options. Whatever depends on an unknown option counts as supported. */
  capabilities(options: Options | Unknown): Capabilities;
  /** Errors and warnings about inputs that the schema of single values cannot express. */
  problems(inputs: CheckedPlatformInputs<Connection, Options>): Findings;
  /** The wanted state, one canonical line for each rule, in the order of creation. */
  lines(wanted: OwnedInputs<Options>): string[];
  /**
   * What binds the open connections of a redirection to its SPS. Absent or undefined where the router sends packets to SPS, not connections:
   * then those of open connections go where those of new ones go.
   */
  binding?(redirection: Redirection, options: Options): ConnectionBinding | undefined;
  identify(connection: Connection): RouterIdentity;
  /** Whether two connections lead to the same router. */
  isSameRouter(left: Connection, right: Connection): boolean;
  /**
   * Reads the router and reports what the change would do there. Changes nothing.
   * @throws SafeguardError when the router cannot be reached or read
   */
  preview(change: Change<Connection, Options, Status>, depth: PreviewDepth, context: PlatformContext): Promise<Looked>;
  /**
   * Makes the change and verifies it; safe to repeat after any interruption.
   * @throws SafeguardError when the router is unchanged; PartiallyApplied otherwise
   */
  apply(change: Change<Connection, Options, Status>, context: PlatformContext): Promise<Applied<Status>>;
  /**
   * Reads what is left on the router of the owned redirections; undefined when nothing is left. Redirections that belong
   * to another resource by now are not left.
   * @throws SafeguardError when the router cannot be read
   */
  read(
    connection: Connection,
    owned: Owned<Options, Status>,
    context: PlatformContext,
  ): Promise<RouterReading<Status> | undefined>;
  /** Removes everything that the resource owns on the router; without a confirmation, nothing was there. Throws as `apply`. */
  remove(
    change: Omit<Change<Connection, Options, Status>, "wanted">,
    context: PlatformContext,
  ): Promise<Pick<Applied, "left" | "confirmation">>;
  /**
   * Tries the way to addresses from the router, without changing it; absent where the platform cannot.
   * @throws SafeguardError when the router cannot be reached
   */
  tryPaths?(connection: Connection, targets: readonly PathTarget[], context: PlatformContext): Promise<PathTrial[]>;
  /** Why `tryPaths` is absent. */
  readonly noPaths?: string;
  /** What to do at the router to try the way to an address by hand, as an order; absent where that is not known. */
  pathCommands?(target: PathTarget): string;
}

/** The platforms by the value of `platform`. */
export type Platforms = ReadonlyMap<string, RouterPlatform>;

/** A failure after which the router may hold part of the changes. */
export class PartiallyApplied extends Error {
  constructor(
    readonly failure: SafeguardError,
    readonly details: {
      /** True when reading again may show that the changes were made. */
      isOutcomeUnknown?: boolean;
      /** The last known state of the router. */
      reading?: RouterReading | undefined;
      /** How far the changes were confirmed, if they were. */
      confirmation?: Confirmation | undefined;
    } = {},
  ) {
    super(failure.message, { cause: failure });
    this.name = "PartiallyApplied";
  }
}

/** The context for work on one router. */
export function platformContext({ key }: RouterIdentity, context: OperationContext): PlatformContext {
  return { ...context, exclusively: (work) => exclusively(`router ${key}`, work) };
}
