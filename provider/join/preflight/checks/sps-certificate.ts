import { asDnsName } from "../../../https/served-certificate";
import { covers } from "../../../spp/session-modules";
import { type Check, fail, listed } from "../check";
import { valueIfRead } from "../fact";
import { identity } from "../identity";
import { nameToUse } from "../name-to-use";
import { SOURCES } from "../sources";

/** SPS proves who it is: chain and name. */
export const spsCertificate: Check = {
  id: "sps-certificate",
  title: "SPS proves its identity",
  source: SOURCES.authenticate,
  run({ sps }) {
    const outcome = identity(sps, sps.certificate, [sps.login, sps.greeting], "sps");
    const served = valueIfRead(sps.certificate);
    if (outcome.status !== "pass" || sps.trust !== "authorities" || !served) return outcome;
    const names = served.names.length > 0 ? served.names : [served.commonName].filter(Boolean).map(asDnsName);
    if (names.some((name) => covers(name, sps.address))) return outcome;
    const text = `its certificate names ${listed(names) || "nothing"}, not ${sps.address}`;
    return fail("SG1011", text, nameToUse("sps", names, sps.resolved), "sps.address");
  },
};
