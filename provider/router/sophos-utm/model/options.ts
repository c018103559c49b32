import { z } from "zod";
import { flag } from "../../../core/fields";
import type { Known } from "../../../core/unknown";

/** Settings that only a Sophos UTM has. */
export const sophosUtmOptionsSchema = z.strictObject({
  overrideLocks: flag(
    "True changes objects of the redirections although a user has locked them. False: the change is refused.",
  ).default(false),
});

/** The settings without unknown parts. */
export type SophosUtmOptions = Known<z.output<typeof sophosUtmOptionsSchema>>;
