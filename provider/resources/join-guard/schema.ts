import { z } from "zod";
import { flag, oneOf, someText } from "../../core/fields";
import type { Known } from "../../core/unknown";
import { ON_DELETE } from "../spp-join/schema";

export const joinGuardSchema = z.strictObject({
  sps: someText("Address of the SPS node of the join."),
  spp: someText("Address of the SPP appliance of the join."),
  onDelete: oneOf(ON_DELETE, "Input onDelete of the join.").default("refuse"),
  disconnects: flag("Input acknowledge.disconnects of the join. Default false.").default(false),
  joinUrn: someText("URN of the join, for the command that the refusal names.").optional(),
});

/** The guard has no outputs besides its inputs. */
export const joinGuardOutputs = z.object({});

/** Inputs of a program. */
export type JoinGuardInputs = z.input<typeof joinGuardSchema>;

export const INPUT_KEYS = Object.keys(joinGuardSchema.shape);

/** Checked inputs without unknown values. */
export type JoinGuardKnown = Known<z.output<typeof joinGuardSchema>>;

/** The guard keeps nothing but its inputs. */
export type JoinGuardState = JoinGuardKnown;
