import type { ResourceName } from "./front";
import type { Properties } from "./provider";

/** A resource under the contract: what the suite does with it, and what must come of it. */
export interface Subject<Own extends Stage = Stage> {
  readonly resource: ResourceName;
  /** Why its appliances cannot be put up on this machine; undefined where they can. */
  unavailable?(): Promise<string | undefined>;
  /** Puts up appliances of its own, as they are before the resource is made. */
  open(name: string): Promise<Own>;
  /** Inputs that check refuses, each with all its sentences. */
  refusals(stage: Own): Refusal[];
  /** Inputs of previews in which something is not known yet. */
  previews(stage: Own): Preview[];
  /** What is refused at the appliances before anything is changed. */
  obstacles(stage: Own): Obstacle[];
  /** What `create` leads to, besides the echo of the inputs. */
  outputs(stage: Own): Properties;
  /** Parts of lines, in this order, that `create` must report as it goes on. */
  phases: (string | RegExp)[];
  /** Changed inputs that need work, and the outputs then. */
  change(stage: Own): { inputs: Properties; outputs: Properties };
  /** Changed credentials that do not even work, to show that nobody tries them. */
  access(stage: Own): Properties;
  /** The sentence with which delete is refused; undefined where it is not. */
  deleteRefusal?(stage: Own): string;
  /** Inputs after which delete is allowed, where it is refused otherwise. */
  deletable?(stage: Own): Properties;
  /** The warning with which delete only drops the record; undefined where it removes something. */
  forgetting?(stage: Own): string;
  /** Exact counts of requests over the whole life. */
  counts(stage: Own): Count[];
  /** A recorded state whose object is definitely not there. */
  gone(stage: Own, recorded: Properties): Promise<Properties>;
  /** A fault in the middle of `create`; absent where a change is one transaction. */
  interruption?: Interruption<Own>;
}

/** The appliances of a test, with what a program would know of them. */
export interface Stage {
  /** Right inputs, as a program gives them. */
  readonly inputs: Properties;
  /** Everything that must never be shown. */
  readonly secrets: string[];
  /** What can be seen to change when anything is sent that changes something. */
  footprint(): Promise<unknown>;
  /** How many requests of any kind have arrived; undefined where that cannot be counted. */
  requests(): number | undefined;
  close(): Promise<void>;
}

/** A number that must be exact. */
export type Count = [what: string, is: number, wanted: number];

export interface Refusal {
  what: string;
  inputs: Properties;
  reasons: (string | RegExp)[];
}

export interface Preview {
  what: string;
  inputs: Properties;
  /** Members of the checked inputs, those that matter. */
  checked: Properties;
}

export interface Obstacle {
  what: string;
  inputs: Properties;
  error: string | RegExp;
  /** Brings the obstacle about and returns what removes it. */
  raise?(): () => void;
}

/** A failure half-way, and what it leaves. */
export interface Interruption<Own extends Stage = Stage> {
  what: string;
  inputs(stage: Own): Properties;
  /** Arranges the fault. @returns what ends it */
  arrange(stage: Own): () => void;
  id(stage: Own): string;
  reasons(stage: Own): (string | RegExp)[];
  /** Exact counts of requests after the update that finished it. */
  counts(stage: Own): Count[];
}
