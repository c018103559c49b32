import { DEFAULT_OBJECTS, isBlindToJoin } from "../../../sps/configuration";
import { type Check, counted, fail, given, listed, notChecked, pass, SOURCES, warn } from "../check";
import { entryOf } from "../consequences";

/** The join overwrites objects with these names. */
export const spsDefaultNames: Check = {
  id: "sps-default-names",
  title: `no object of SPS is named ${DEFAULT_OBJECTS}`,
  source: SOURCES.join,
  isForRequest: true,
  run: (facts) =>
    given(facts.sps.defaults, ({ objects, forbidden }) => {
      if (isBlindToJoin({ forbidden })) {
        const text = `user ${facts.sps.username} may not read the policies and plugins: neither what is overwritten nor the end of the join would be seen`;
        const remedy = "give the user the right to read Policies and the protocols' settings";
        return fail("SG1014", text, remedy, "sps.username");
      }
      const names = [...new Set(objects.map((object) => object.name))];
      const gap = forbidden.length > 0 ? `incomplete, for the account may not read ${listed(forbidden)}` : "";
      if (names.length === 0) return gap ? notChecked(`none is seen; ${gap}`) : pass("none is");
      const found = `${counted(names.length, "name")}: ${listed(names)}${gap && `; ${gap}`}`;
      return given(facts.spp.modules, () => {
        if (entryOf(facts)) return pass(`${counted(names.length, "name")}, from the join with this SPP`);
        if (names.every((name) => facts.overwrites.includes(name))) {
          return warn(`they will be overwritten, as acknowledged: ${found}`, "keep a copy of their settings");
        }
        const remedy = "rename or remove them on SPS, or acknowledge that they are overwritten";
        return fail("SG2205", `the join would overwrite ${found}`, remedy, "sps.address");
      });
    }),
};

/** A join cannot be undone. */
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
