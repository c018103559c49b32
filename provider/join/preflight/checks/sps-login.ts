import { type Check, failedWith, failureOf, notChecked, pass } from "../check";
import { isRead, valueIfRead } from "../fact";
import { SOURCES } from "../sources";

/** The account of the program can log in to SPS. */
export const spsLogin: Check = {
  id: "sps-login",
  title: "the SPS account can log in",
  source: SOURCES.authenticate,
  run({ sps }) {
    if (isRead(sps.login)) return pass(`user ${sps.username} is let in`);
    if (valueIfRead(sps.greeting)?.isSps === false) return notChecked("what answers is not an SPS node");
    return failedWith(sps.login, ["SG1001", "SG1013"])
      ? failureOf(sps.login, "sps.password")
      : notChecked(sps.login.why);
  },
};
