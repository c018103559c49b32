import type { z } from "zod";
import type { Operations } from "./operations";

/** A resource: all that fronts, documentation and published classes are made from. */
export interface ResourceDefinition<Inputs, State extends Inputs> {
  /** Its name in programs and states; never changes. */
  name: string;
  description: string;
  inputs: z.ZodObject;
  outputs: z.ZodObject;
  operations: Operations<Inputs, State>;
  /** Names of the outputs that a preview knows. */
  previewedOutputs: readonly string[];
}

/** A published function: asks appliances and changes nothing. */
export interface FunctionDefinition {
  name: string;
  description: string;
  inputs: z.ZodObject;
  outputs: z.ZodObject;
}
