import { diagnoseFunction } from "../diagnosis/function";
import { getClusterStatusFunction, getJoinStatusFunction } from "../diagnosis/status/functions";
import { getTopologyFunction } from "../diagnosis/topology/function";
import { preflightFunction } from "../join/preflight/function";
import type { FunctionDefinition } from "./definition";

/** Every published function, by its name. Apart from the resources, because the provider of an engine serves none of them. */
export const functions: Readonly<Record<string, FunctionDefinition>> = {
  preflight: preflightFunction,
  diagnose: diagnoseFunction,
  getTopology: getTopologyFunction,
  getClusterStatus: getClusterStatusFunction,
  getJoinStatus: getJoinStatusFunction,
};
