import { type Check, fail, given, notChecked, pass } from "../check";
import { SOURCES } from "../sources";

/** States of the welcome wizard in which a node can be used; the vendor's own client takes both for the end. */
const READY = ["completed", "booting"];

/** The welcome wizard of SPS has been gone through. */
export const spsSetUp: Check = {
  id: "sps-set-up",
  title: "SPS is set up",
  source: SOURCES.wizard,
  isForRequest: true,
  run: ({ sps }) =>
    given(sps.greeting, ({ setupStatus }) => {
      if (setupStatus === undefined) return notChecked("the node does not tell");
      if (READY.includes(setupStatus)) return pass("its welcome wizard is completed");
      return fail(
        "SG2201",
        `its welcome wizard is ${setupStatus}`,
        "finish the welcome wizard of the node first",
        "sps.address",
      );
    }),
};
