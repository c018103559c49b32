import { NEEDED_ROLES } from "../../sides";
import { type Check, given, pass, sppRefusal } from "../check";
import { SOURCES } from "../sources";

/** The account has both permissions of a join. Roles that only read, however they are called, do not count. */
export const sppPermissions: Check = {
  id: "spp-permissions",
  title: "the SPP account may join",
  source: SOURCES.join,
  run: ({ spp }) =>
    given(spp.roles, (roles) => {
      const own = roles.map((role) => role.toLowerCase());
      const missing = NEEDED_ROLES.filter((role) => !own.includes(role.toLowerCase()));
      if (missing.length === 0) return pass(`user ${spp.username} has ${NEEDED_ROLES.join(" and ")}`);
      return sppRefusal(
        "permission",
        "spp.username",
        `missing: ${missing.join(", ")}; it has ${roles.join(", ") || "none"}`,
      );
    }),
};
