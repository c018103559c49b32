import type { z } from "zod";
import type { OperationContext } from "../core/context";
import type { SafeguardError } from "../core/errors";
import { exclusively } from "../core/lock";
import type { Unknown } from "../core/unknown";
import type { InputFailure } from "../core/validate";
import type { Bypass, WatchdogOptions, watchdogSchema } from "./bypass";
import type { Capabilities } from "./capabilities";
import type { Confirmation, CounterOutput, InterfaceOutput } from "./outputs";
import type { ProbeOptions } from "./protection";
import type { CheckedRedirection, Redirection } from "./redirection";
import type { RemovalOptions } from "./removal";

/** What a resource wants on its router, or has there. */
export interface OwnedInputs<Options = unknown> {
  redirections: Redirection[];
  /** The options of the platform. */
  options: Options;
  persist: boolean;
  bypass: Bypass;
  watchdog: WatchdogOptions;
}

/** The same after check, while parts may be unknown, with the router's connection. */
export interface CheckedPlatformInputs<Connection = unknown, Options = unknown> {
  connection: Connection | Unknown;
  redirections: (CheckedRedirection | Unknown)[] | Unknown;
  options: Options | Unknown;
  persist: boolean | Unknown;
  bypass: Bypass | Unknown;
  watchdog: z.output<typeof watchdogSchema> | Unknown;
}

/** How changes are protected and proved. */
export interface ApplyOptions {
  /** Time for the confirmation, in seconds. */
  windowSeconds: number;
  probe: ProbeOptions;
  removal: RemovalOptions;
}

/** What a resource has on its router, as recorded. */
export interface Owned<Options = unknown, Status = unknown> {
  inputs: OwnedInputs<Options>;
  /** What an update that did not finish may have left there; absent otherwise. */
  unfinished?: OwnedInputs<Options> | undefined;
  /** The interfaces as last read. */
  interfaces: InterfaceOutput[];
  /** The platform's outputs as last read; absent when the router was not read. */
  status?: Status | undefined;
}

/** A change of one router. */
export interface Change<Connection = unknown, Options = unknown, Status = unknown> {
  connection: Connection;
  /** What should be on the router; absent when nothing of the resource should be left. */
  wanted?: OwnedInputs<Options> | undefined;
  /** What the resource has there; absent when it has nothing. */
  owned?: Owned<Options, Status> | undefined;
  /** True takes over what is found under the names of the redirections. */
  isAdopting: boolean;
  applyOptions: ApplyOptions;
}

/** What was read back from a router. */
export interface RouterReading<Status = unknown> {
  /** Equal to `lines` of the wanted state where the router is as wanted. */
  rules: string[];
  interfaces: InterfaceOutput[];
  counters: CounterOutput[];
  status: Status;
}

/** What is on the router after a change. */
export interface Applied<Status = unknown> {
  reading: RouterReading<Status>;
  /** Absent when there was nothing to change. */
  confirmation?: Confirmation | undefined;
}

/** A line for the user that does not end the operation. */
export interface PlatformNote {
  severity: "info" | "warning";
  text: string;
}

/** What checking inputs or looking at a router finds. */
export interface Findings {
  failures: InputFailure[];
  notes: PlatformNote[];
}

/** A router among others. */
export interface RouterIdentity {
  /** The router in messages: `router 10.0.0.1`. */
  object: string;
  /** Begins the id of a resource: `10.0.0.1:22`. */
  address: string;
  /** Differs between two routers, also where they have the same address behind different jump hosts. */
  key: string;
}

/** What a platform is given for its work. */
export interface PlatformContext extends OperationContext {
  /** Runs work alone among all work of this process on the same router. Every connection is opened in it. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * One kind of router. The resource knows routers by this interface alone; what a platform cannot do is refused by its
 * capabilities. Methods without a context are pure.
 */
export interface RouterPlatform<Connection = unknown, Options = unknown, Status = unknown> {
  /** The value of `platform`. */
  readonly name: string;
  /** The input that holds the platform's options; its outputs are in `<block>Status`. */
  readonly block: string;
  /** Schema of the connection to the router. */
  readonly connection: z.ZodType;
  /** Schema of the options. */
  readonly options: z.ZodType;
  /** Schema of the outputs that only this platform has. */
  readonly status: z.ZodType;
  /** What the platform can do with these options; what follows from an unknown option counts as possible. */
  capabilities(options: Options | Unknown): Capabilities;
  /** What is wrong with inputs beyond their single values, and what the user should know about them. */
  problems(inputs: CheckedPlatformInputs<Connection, Options>): Findings;
  /** The wanted state, one canonical line a rule, in the order it is made. */
  lines(wanted: OwnedInputs<Options>): string[];
  identify(connection: Connection): RouterIdentity;
  /** Tells whether two connections lead to the same router. */
  isSameRouter(left: Connection, right: Connection): boolean;
  /**
   * Looks at the router and reports what the change would do there. Changes nothing.
   * @param depth `refusals` only looks for what would refuse the change; `full` also reports and tries the rest
   * @throws SafeguardError when the router refuses the change or cannot be reached
   */
  preview(
    change: Change<Connection, Options, Status>,
    depth: "refusals" | "full",
    context: PlatformContext,
  ): Promise<PlatformNote[]>;
  /**
   * Makes the change and verifies it; safe to repeat after any interruption.
   * @throws SafeguardError when the router is as it was; PartiallyApplied otherwise
   */
  apply(change: Change<Connection, Options, Status>, context: PlatformContext): Promise<Applied<Status>>;
  /**
   * Reads what is on the router of what a resource has there; undefined when nothing is left of it.
   * @throws SafeguardError when that cannot be read
   */
  read(
    connection: Connection,
    owned: Owned<Options, Status>,
    context: PlatformContext,
  ): Promise<RouterReading<Status> | undefined>;
  /** Removes everything that the resource has on the router. Throws as `apply`. */
  remove(change: Omit<Change<Connection, Options, Status>, "wanted">, context: PlatformContext): Promise<void>;
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
      /** What is known to be there. */
      reading?: RouterReading | undefined;
      /** How far the changes were confirmed, where they were. */
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
