import { type Check, fail, given, pass, warn } from "../check";
import { SOURCES } from "../sources";

/** SPS backs itself up; a join cannot be undone. */
export const spsBackup: Check = {
  id: "sps-backup",
  title: "SPS has a system backup policy",
  source: SOURCES.systemBackup,
  isForRequest: true,
  run: ({ sps, backups }) =>
    given(sps.systemBackup, (policy) => {
      if (policy !== undefined) return pass("one is set");
      if (backups.sps === "skip") return pass("none is set, and the program skips it");
      const remedy = "set one at Basic Settings > Management > System backup";
      if (backups.sps === "require") return fail("SG2206", "none is set", remedy, "sps.address");
      return warn("none is set, and the join cannot be undone", remedy, "sps.address");
    }),
};
