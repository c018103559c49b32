import type { Cause } from "./causes/cause";
import { FAULTY } from "./causes/faults";
import { INPUTS } from "./causes/inputs";
import { JOINS } from "./causes/joins";
import { SPP_SETTINGS } from "./causes/spp-settings";
import { SPS_SETTINGS } from "./causes/sps-settings";

/** Every cause that can be found before the join. */
export const CAUSES: readonly Cause[] = [...FAULTY, ...INPUTS, ...SPS_SETTINGS, ...SPP_SETTINGS, ...JOINS];
