import type { OperationContext } from "../../core/context";
import type { Journal } from "../../core/journal";
import type { SpsClusterKnown } from "./schema";

/** Input of every step besides the nodes. */
export interface Convergence {
  context: OperationContext;
  journal: Journal;
  timeouts: SpsClusterKnown["timeouts"];
}
