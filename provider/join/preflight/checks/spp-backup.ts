import { RECENT_MILLISECONDS } from "../../backups";
import { type Check, fail, given, pass, spanText, warn } from "../check";
import { valueIfRead } from "../fact";
import { SOURCES } from "../sources";

/** SPP has a recent backup; a join cannot be undone. */
export const sppBackup: Check = {
  id: "spp-backup",
  title: "SPP has a recent backup",
  source: SOURCES.sppBackups,
  isForRequest: true,
  run: ({ spp, backups, gatheredAt }) =>
    given(spp.newestBackup, (newest) => {
      if (backups.spp === "take") return pass("the join takes one first");
      const age = newest === undefined ? undefined : (valueIfRead(spp.status)?.now ?? gatheredAt) - newest;
      if (age !== undefined && age <= RECENT_MILLISECONDS) return pass(`the newest is ${spanText(age)} old`);
      const text = age === undefined ? "there is none" : `the newest is ${spanText(age)} old`;
      if (backups.spp === "skip") return pass(`${text}, and the program skips it`);
      const remedy = "make one at Appliance Management > Backup and Retention";
      if (backups.spp === "require") return fail("SG2209", text, remedy, "spp.address");
      return warn(`${text}, and the join cannot be undone`, remedy, "spp.address");
    }),
};
