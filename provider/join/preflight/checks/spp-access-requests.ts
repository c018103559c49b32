import { type Check, counted, given, notChecked, pass, warn } from "../check";
import { consequencesOf } from "../consequences";
import { entryOf } from "../entry";
import { SOURCES } from "../sources";

/** Roles that see everybody's access requests. */
const SEES_ALL = ["policyadmin", "auditor"];

/** How many open access requests the join will close. */
export const sppAccessRequests: Check = {
  id: "spp-access-requests",
  title: "open access requests",
  source: SOURCES.join,
  run(facts) {
    const { spp } = facts;
    const row = entryOf(facts)?.row;
    if (row?.isConnected && row.isTrusted && !consequencesOf(facts).isRejoinDue)
      return pass("no join is due, so none will be closed");
    return given(spp.roles, (roles) =>
      given(spp.openRequests, (count) => {
        if (!roles.some((role) => SEES_ALL.includes(role.toLowerCase()))) {
          return notChecked(`the join closes them all, and user ${spp.username} sees only its own (${count})`);
        }
        if (count === 0) return pass("none is open");
        const text = `the join closes ${counted(count, "open access request")}`;
        return warn(text, "join when nobody needs them any more", "acknowledge");
      }),
    );
  },
};
