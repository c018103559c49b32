// Written by `npm run docs` from the schemas; change the schema, not this file.
import { SafeguardResource } from "../resource";

/**
 * Refuses a deletion that the join would refuse, before anything is touched. Pulumi deletes the dependents of a join
 * first: without a guard, a refused `pulumi destroy` has already removed the redirections. The guard depends on the
 * join and on its dependents, so it is created last and deleted first. It contacts no appliance. A Site has one; beside
 * the plain classes, create one with `new JoinGuard(name, { join, dependents })`, which fills in the inputs.
 */
export abstract class JoinGuardOutputs extends SafeguardResource {}

/** Every output as undefined: a dynamic resource has only the outputs that its inputs name. */
export const outputs = {};

/** Paths of the inputs that are secret; `[]` stands for every element. */
export const secrets: readonly string[] = [];
