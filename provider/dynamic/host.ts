import { resources } from "../resources";
import { bindToEngine } from "./bind";
import { EngineProcess } from "./engine-process";

/*
 * The entry point `pulumi-safeguard/dynamic-host`: its name and the names of its exports stand in the state of every
 * user (see stubs.ts) and are never renamed or dropped.
 */

const engine = new EngineProcess();

export const SpsCluster = bindToEngine(resources.SpsCluster, engine);
export const SppJoin = bindToEngine(resources.SppJoin, engine);
export const RouterRedirection = bindToEngine(resources.RouterRedirection, engine);
export const JoinGuard = bindToEngine(resources.JoinGuard, engine);
