import { PartiallyApplied, type Platforms } from "../../router/platform";
import { PLATFORMS } from "../../router/platforms";
import type { Operations } from "../operations";
import { check } from "./check";
import { create } from "./create";
import { remove } from "./delete";
import { diff } from "./diff";
import { preview } from "./preview";
import { read } from "./read";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";
import { update } from "./update";

/** The operations of RouterRedirection for these platforms. */
export function routerRedirectionOperations(
  platforms: Platforms,
): Operations<RouterRedirectionKnown, RouterRedirectionState> {
  return {
    check: (news, context) => check(platforms, news, context),
    diff: (_id, olds, news) => diff(platforms, olds, news),
    preview: (olds, news, context) => preview(platforms, olds, news, context),
    create: (inputs, context) => create(platforms, inputs, context),
    read: (id, state, context) => read(platforms, id, state, context),
    update: (id, olds, news, context) => update(platforms, id, olds, news, context),
    delete: (_id, state, context) =>
      remove(platforms, state, context).catch((error: unknown) => {
        // A failed deletion keeps the state as it is, so there is no partial state to record.
        throw error instanceof PartiallyApplied ? error.failure : error;
      }),
  };
}

/** The operations of RouterRedirection for all supported platforms. */
export const routerRedirection = routerRedirectionOperations(PLATFORMS);
