import { JOIN_ROLES, missingRoles } from "../../../spp/appliance-reads";
import { mayChange } from "../../../sps/account";
import { type Check, fail, failedWith, failureOf, given, notChecked, pass, SOURCES, sppRefusal } from "../check";
import { isRead, valueIfRead } from "../gathering";

const OF_THE_PASSWORD = ["SG1001", "SG2001", "SG2008"] as const;
const OF_THE_ACCOUNT = ["SG2002", "SG2003"] as const;

export const ACCESS_CHECKS: readonly Check[] = [
  {
    id: "sps-login",
    title: "the SPS account can log in",
    source: SOURCES.authenticate,
    run({ sps }) {
      if (isRead(sps.login)) return pass(`user ${sps.username} can log in`);
      if (valueIfRead(sps.greeting)?.isSps === false) return notChecked("the server is not an SPS node");
      return failedWith(sps.login, ["SG1001", "SG1013"])
        ? failureOf(sps.login, "sps.password")
        : notChecked(sps.login.why);
    },
  },
  {
    id: "spp-login",
    title: "the SPP account can log in",
    source: SOURCES.sppLogin,
    run({ spp }) {
      if (isRead(spp.login)) return pass(`user ${spp.username} can log in`);
      if (failedWith(spp.status, ["SG1012", "SG2004"])) return notChecked(spp.status.why);
      if (failedWith(spp.login, OF_THE_PASSWORD)) return failureOf(spp.login, "spp.password");
      if (failedWith(spp.login, OF_THE_ACCOUNT)) return failureOf(spp.login, "spp.username");
      return notChecked(spp.login.why);
    },
  },
  // The join changes the cluster configuration, so the account needs write access to it.
  {
    id: "sps-account",
    title: "the SPS account may join",
    source: SOURCES.manageClusters,
    isForRequest: true,
    run({ sps }) {
      const refused = fail("SG1014", `user ${sps.username} may not change the cluster`, "sps.username");
      if (failedWith(sps.cluster, ["SG1014"])) return refused;
      return given(sps.endpoints, (endpoints) => {
        if (endpoints === undefined) return notChecked("the node does not report what an account may do");
        const isAllowed = mayChange(endpoints, "/api/cluster");
        if (isAllowed === undefined) return notChecked("the node lists no endpoint of the cluster");
        return isAllowed ? pass(`user ${sps.username} may change the cluster`) : refused;
      });
    },
  },
  // Read-only roles are not sufficient.
  {
    id: "spp-permissions",
    title: "the SPP account may join",
    source: SOURCES.join,
    run: ({ spp }) =>
      given(spp.roles, (roles) => {
        const missing = missingRoles(roles);
        if (missing.length === 0) return pass(`user ${spp.username} has ${JOIN_ROLES.join(" and ")}`);
        const detail = `missing: ${missing.join(", ")}; it has ${roles.join(", ") || "none"}`;
        return sppRefusal("permission", "spp.username", detail);
      }),
  },
];
