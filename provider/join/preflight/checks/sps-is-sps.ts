import { type Check, fail, failedWith, failureOf, notChecked, pass } from "../check";
import { isRead, valueIfRead } from "../fact";
import { SOURCES } from "../sources";

/** What answers at SPS's address is an SPS node. */
export const spsIsSps: Check = {
  id: "sps-is-sps",
  title: "what answers is an SPS node",
  source: SOURCES.authenticate,
  run({ sps }) {
    if (isRead(sps.login)) return pass("it answers as an SPS node does");
    if (failedWith(sps.login, ["SG1012"])) return failureOf(sps.login, "sps.address");
    const greeting = valueIfRead(sps.greeting);
    if (!greeting) {
      if (failedWith(sps.greeting, ["SG1012"])) return failureOf(sps.greeting, "sps.address");
      return notChecked("why" in sps.greeting ? sps.greeting.why : sps.login.why);
    }
    if (greeting.isSps) return pass("it answers as an SPS node does");
    if (!failedWith(sps.login, ["SG1013"])) return notChecked(sps.login.why);
    const cause = "what answers there asks for a password but is not the REST API of an SPS node";
    return fail("SG1012", cause, "correct address and port", "sps.address");
  },
};
