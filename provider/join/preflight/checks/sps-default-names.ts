import { DEFAULT_OBJECTS, isBlindToJoin } from "../../../sps/configuration";
import { type Check, counted, fail, given, listed, notChecked, pass, warn } from "../check";
import { entryOf } from "../entry";
import { SOURCES } from "../sources";

/** No policy or plugin of SPS has a name that the join would take, and overwrite. */
export const spsDefaultNames: Check = {
  id: "sps-default-names",
  title: `no object of SPS is named ${DEFAULT_OBJECTS}`,
  source: SOURCES.join,
  isForRequest: true,
  run: (facts) =>
    given(facts.sps.defaults, ({ objects, forbidden }) => {
      if (isBlindToJoin({ forbidden })) {
        const { username } = facts.sps;
        const text = `user ${username} may not read the policies and plugins: neither what is overwritten nor the end of the join would be seen`;
        return fail(
          "SG1014",
          text,
          "give the user the right to read Policies and the protocols' settings",
          "sps.username",
        );
      }
      const names = [...new Set(objects.map((object) => object.name))];
      const gap = forbidden.length > 0 ? `incomplete, for the account may not read ${listed(forbidden)}` : "";
      if (names.length === 0) return gap ? notChecked(`none is seen; ${gap}`) : pass("none is");
      const found = `${counted(names.length, "name")}: ${listed(names)}${gap && `; ${gap}`}`;
      return given(facts.spp.modules, () => {
        if (entryOf(facts)) return pass(`${counted(names.length, "name")}, from the join with this SPP`);
        if (names.every((name) => facts.overwrites.includes(name))) {
          return warn(`they will be overwritten, as acknowledged: ${found}`, "keep a copy of what is in them");
        }
        const remedy = "rename or remove them on SPS, or acknowledge that they are overwritten";
        return fail("SG2205", `the join would overwrite ${found}`, remedy, "sps.address");
      });
    }),
};
