import type { Operations } from "../operations";
import { check } from "./check";
import { create } from "./create";
import { remove } from "./delete";
import { diff } from "./diff";
import { preview } from "./preview";
import { read } from "./read";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";
import { update } from "./update";

/** The redirections of one router. */
export const routerRedirection: Operations<RouterRedirectionKnown, RouterRedirectionState> = {
  check,
  diff,
  preview,
  create,
  read,
  update,
  delete: remove,
};
