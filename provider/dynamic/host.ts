import { resources } from "../resources";
import { bindToEngine } from "./bind";

/*
 * The entry point `pulumi-safeguard/dynamic-host`: its name and the names of its exports stand in the state of every
 * user (see stubs.ts) and are never renamed or dropped.
 */

export const SpsCluster = bindToEngine(resources.SpsCluster);
export const SppJoin = bindToEngine(resources.SppJoin);
export const RouterRedirection = bindToEngine(resources.RouterRedirection);
