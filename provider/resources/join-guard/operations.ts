import { differences, pick } from "../../core/difference";
import { validate } from "../../core/validate";
import type { Operations } from "../operations";
import { deletionRefusal } from "../spp-join/refusal";
import { INPUT_KEYS, type JoinGuardKnown, type JoinGuardState, joinGuardSchema } from "./schema";

/**
 * The guard of a join: a record without an appliance. It depends on everything that a refused deletion must leave alone, so Pulumi deletes
 * it first, and its deletion is refused exactly when the deletion of the join is.
 */
export const joinGuard: Operations<JoinGuardKnown, JoinGuardState> = {
  check(news) {
    const validated = validate(joinGuardSchema, news);
    // All inputs come from the join, which reports what is wrong with them and then is not created.
    return { inputs: validated.ok ? { ...validated.value } : news, failures: [], notes: [] };
  },
  diff: (_id, olds, news) =>
    differences(pick(olds, INPUT_KEYS), news).map((difference) => ({ ...difference, replaces: false })),
  preview: async () => ({ outputs: {}, failures: [], notes: [] }),
  create: async (inputs) => ({ id: `${inputs.sps}/${inputs.spp}`, state: valid(inputs) }),
  read: async (id, state) => ({ id, state, inputs: pick(state, INPUT_KEYS) }),
  update: async (_id, _olds, news) => ({ state: valid(news) }),
  async delete(_id, state, { resource }) {
    const refusal = deletionRefusal({ ...state, urn: state.joinUrn, guard: { urn: resource?.urn } });
    if (refusal) throw refusal;
  },
};

/** @throws Error for inputs that the join does not have, in a program that does not use the class */
function valid(inputs: JoinGuardKnown): JoinGuardState {
  const validated = validate(joinGuardSchema, inputs);
  if (!validated.ok) throw new Error(validated.failures.map(({ reason }) => reason).join("; "));
  return inputs;
}
