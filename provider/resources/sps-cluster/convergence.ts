import type { OperationContext } from "../../core/context";
import type { Journal } from "../../core/journal";
import type { SpsClusterKnown } from "./schema";

/** What every step of bringing a cluster about needs besides its nodes. */
export interface Convergence {
  context: OperationContext;
  journal: Journal;
  timeouts: SpsClusterKnown["timeouts"];
}
