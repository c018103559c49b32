import { type Check, failedWith, failureOf, notChecked, pass } from "../check";
import { isRead } from "../fact";
import { SOURCES } from "../sources";

/** What answers at SPP's address is an SPP appliance. */
export const sppIsSpp: Check = {
  id: "spp-is-spp",
  title: "what answers is an SPP appliance",
  source: SOURCES.sppStatus,
  run({ spp }) {
    if (isRead(spp.status) || isRead(spp.login)) return pass("it answers as an SPP appliance does");
    return failedWith(spp.status, ["SG1012", "SG2004"])
      ? failureOf(spp.status, "spp.address")
      : notChecked(spp.status.why);
  },
};
