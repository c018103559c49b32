import type { ResourceName } from "./front";
import type { Properties } from "./provider";

/** What the contract suite does with one resource, and the results that it expects. */
export interface ResourceCase<Own extends TestBed = TestBed> {
  readonly resource: ResourceName;
  /** The reason why its test bed cannot start on this machine; undefined when it can. */
  unavailable?(): Promise<string | undefined>;
  /** Starts appliances on which the resource does not exist yet. */
  open(name: string): Promise<Own>;
  /** Inputs that check refuses, each with all its messages. */
  refusals(testBed: Own): Refusal[];
  /** Inputs of a preview that are partly unknown. */
  previews(testBed: Own): Preview[];
  /** Inputs that pass check but do not match the appliances: create refuses them before the first change. */
  mismatches(testBed: Own): Mismatch[];
  /** Outputs after `create`, without the inputs. */
  outputs(testBed: Own): Properties;
  /** Parts of the log lines of `create`, in this order. */
  phases: (string | RegExp)[];
  /** Inputs that change the appliances, and the outputs after the update. */
  change(testBed: Own): { inputs: Properties; outputs: Properties };
  /** Inputs with invalid credentials: their update must send no request. Absent where there are no credentials. */
  access?(testBed: Own): Properties;
  /** The error of a refused delete; undefined where delete is allowed. */
  deleteRefusal?(testBed: Own): string;
  /** Inputs that allow a delete which is otherwise refused. */
  deletableInputs?(testBed: Own): Properties;
  /** The warning of a delete that changes the state only; undefined where delete changes the appliances. */
  forgetWarning?(testBed: Own): string;
  /** Exact numbers of requests over the whole suite. */
  counts(testBed: Own): Count[];
  /** A recorded state whose object definitely does not exist. Absent where there is only the record. */
  gone?(testBed: Own, recorded: Properties): Promise<Properties>;
  /** A fault in the middle of `create`; absent where all changes are one transaction. */
  interruption?: Interruption<Own>;
}

/** Appliances, and what a program knows about them. */
export interface TestBed {
  /** Valid inputs of a program. */
  readonly inputs: Properties;
  /** Values that no output may contain. */
  readonly secrets: string[];
  /** Differs after every change to the appliances. */
  snapshot(): Promise<unknown>;
  /** Number of requests so far, reads included; undefined where they cannot be counted. */
  requests(): number | undefined;
  close(): Promise<void>;
}

/** A number of requests that must be exact. */
export type Count = [requests: string, actual: number, expected: number];

export interface Refusal {
  title: string;
  inputs: Properties;
  reasons: (string | RegExp)[];
}

export interface Preview {
  title: string;
  inputs: Properties;
  /** The members of the checked inputs that are compared. */
  checked: Properties;
  /** True when the recorded resource does not differ from it. */
  isUnchanged?: boolean;
}

export interface Mismatch {
  title: string;
  inputs: Properties;
  error: string | RegExp;
  /** Prepares the appliances. @returns a function that undoes this */
  arrange?(): () => void;
}

/** A failure in the middle of `create`, and the partial state that it leaves. */
export interface Interruption<Own extends TestBed = TestBed> {
  title: string;
  inputs(testBed: Own): Properties;
  /** Switches the fault on. @returns a function that switches it off */
  arrange(testBed: Own): () => void;
  id(testBed: Own): string;
  reasons(testBed: Own): (string | RegExp)[];
  /** Exact numbers of requests after the update that completes the resource. */
  counts(testBed: Own): Count[];
}
