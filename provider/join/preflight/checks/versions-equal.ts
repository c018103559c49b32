import { type Check, fail, given, notChecked, pass } from "../check";
import { SOURCES } from "../sources";
import { compareVersions } from "../versions";

/** SPS and SPP run the same release, as the vendor demands; that also keeps long-term and feature releases apart. */
export const versionsEqual: Check = {
  id: "versions-equal",
  title: "SPS and SPP run one version",
  source: SOURCES.link,
  isForRequest: true,
  run: ({ sps, spp }) =>
    given(sps.info, ({ firmwareVersion }) =>
      given(spp.status, ({ version = "" }) => {
        const comparison = compareVersions(firmwareVersion, version);
        if (comparison === "unknown")
          return notChecked(`SPS tells ${firmwareVersion || "nothing"}, SPP ${version || "nothing"}`);
        if (comparison === "equal") return pass(`SPS ${firmwareVersion}, SPP ${version}`);
        const remedy = `upgrade ${comparison === "older" ? "SPS" : "SPP"} first`;
        return fail("SG2210", `SPS runs ${firmwareVersion}, SPP ${version}, and they must be equal`, remedy);
      }),
    ),
};
