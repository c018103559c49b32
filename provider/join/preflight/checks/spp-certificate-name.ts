import { asDnsName, type CertificateNames } from "../../../https/served-certificate";
import { covers } from "../../../spp/session-modules";
import { type Check, fail, listed, notChecked, pass, warn } from "../check";
import { valueIfRead } from "../fact";
import type { Facts } from "../facts";
import { nameToUse } from "../name-to-use";
import { SOURCES } from "../sources";

/** SPP's certificate carries the very name or address that SPS will use. */
export const sppCertificateName: Check = {
  id: "spp-certificate-name",
  title: "SPP's certificate names its address",
  source: SOURCES.joinErrors,
  isForRequest: true,
  run(facts) {
    const { spp } = facts;
    const certificate = certificateOf(facts);
    if (!certificate) return notChecked("why" in spp.certificate ? spp.certificate.why : "no certificate is known");
    const { names, commonName } = certificate;
    if (names.some((name) => covers(name, spp.address))) return pass(`it names ${spp.address}`);
    if (names.length === 0 && covers(asDnsName(commonName), spp.address)) {
      const remedy = "give SPP a certificate with its address among the subject alternative names";
      return warn("only its common name does, which newer software no longer looks at", remedy, "spp.address");
    }
    const shown = listed(names.length > 0 ? names : [commonName].filter(Boolean)) || "nothing";
    const text = `its certificate names ${shown}, not ${spp.address}; SPS would refuse to join`;
    return fail("SG2011", text, nameToUse("spp", names, spp.resolved), "spp.address");
  },
};

/** What SPP says it uses counts more than what answers here, for SPS may come another way. */
function certificateOf({ spp }: Facts): CertificateNames | undefined {
  const status = valueIfRead(spp.status);
  const assigned = status && valueIfRead(spp.assigned)?.(status.applianceId);
  return assigned ?? valueIfRead(spp.certificate);
}
