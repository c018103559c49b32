import { type Check, failedWith, failureOf, notChecked, pass } from "../check";
import { isRead } from "../fact";
import { SOURCES } from "../sources";

const OF_THE_PASSWORD = ["SG1001", "SG2001", "SG2008"] as const;
const OF_THE_ACCOUNT = ["SG2002", "SG2003"] as const;

/** The account of the program can log in to SPP in a way that SPP allows to programs. */
export const sppLogin: Check = {
  id: "spp-login",
  title: "the SPP account can log in",
  source: SOURCES.sppLogin,
  run({ spp }) {
    if (isRead(spp.login)) return pass(`user ${spp.username} is let in`);
    if (failedWith(spp.status, ["SG1012", "SG2004"])) return notChecked(spp.status.why);
    if (failedWith(spp.login, OF_THE_PASSWORD)) return failureOf(spp.login, "spp.password");
    if (failedWith(spp.login, OF_THE_ACCOUNT)) return failureOf(spp.login, "spp.username");
    return notChecked(spp.login.why);
  },
};
