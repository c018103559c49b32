import type { FaultName } from "../../../lab/common/faults";
import type { ApplianceConnection } from "../../../provider/core/connection";
import type { PreflightOrder } from "../../../provider/join/preflight/order";
import type { CheckReport } from "../../../provider/join/preflight/report";
import type { LabPair, PairOptions } from "../lab-pair";

/** A documented reason why a join fails or does harm, how the lab is brought to it, and which check must find it. */
export interface Cause {
  name: string;
  /** Id of the check. */
  check: string;
  status: CheckReport["status"];
  /** Further checks that fail, because the cause has more than one effect. Default: none. */
  alsoFails?: string[];
  /** Deviations of the lab; undefined: the common healthy pair, with the fault alone. */
  options?: PairOptions;
  fault?: FaultName;
  /** How long the lab needs afterwards to end what still goes on, in seconds. */
  endSeconds?: number;
  /** Further preparation; returns changes of the order. */
  arrange?(pair: LabPair): Promise<Partial<PreflightOrder> | undefined> | Partial<PreflightOrder> | undefined;
}

/** Changes of an order: SPS is reached otherwise. */
export const sps = (pair: LabPair, changes: Partial<ApplianceConnection>) => pick(pair.order({ sps: changes }), "sps");

/** Changes of an order: SPP is reached otherwise. */
export const spp = (pair: LabPair, changes: Partial<ApplianceConnection>) => pick(pair.order({ spp: changes }), "spp");

const pick = (order: PreflightOrder, side: "sps" | "spp"): Partial<PreflightOrder> => ({ [side]: order[side] });
