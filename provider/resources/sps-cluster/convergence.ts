import type { OperationContext } from "../../core/context";
import type { Journal } from "../../core/journal";
import type { SpsClusterKnown } from "./schema";

/** Input of every step besides the nodes. */
export interface Convergence {
  context: OperationContext;
  journal: Journal;
  timeouts: SpsClusterKnown["timeouts"];
  /** Checks the later steps of the program before the promotion; throws when one would fail. */
  proveFirst: () => Promise<void>;
}
