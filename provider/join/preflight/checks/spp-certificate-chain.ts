import { type Check, counted, fail, given, pass, warn } from "../check";
import { valueIfRead } from "../fact";
import { SOURCES } from "../sources";

/** The certificate chain that SPS will be handed is whole, in force, and the one that is served. */
export const sppCertificateChain: Check = {
  id: "spp-certificate-chain",
  title: "SPP's certificate chain can be handed to SPS",
  source: SOURCES.sppCertificates,
  isForRequest: true,
  run: ({ spp, gatheredAt }) =>
    given(spp.status, ({ applianceId }) =>
      given(spp.assigned, (find) => {
        const assigned = find(applianceId);
        if (!assigned) {
          const remedy = "assign one at Appliance Management > Certificates > SSL/TLS Certificates";
          return fail("SG2010", `no TLS certificate is assigned to appliance ${applianceId}`, remedy, "spp.address");
        }
        const { notAfter, length, missingIssuer, thumbprint } = assigned;
        if (notAfter === undefined) {
          return fail("SG2207", "SPP's certificate cannot be read", "assign SPP another certificate", "spp.address");
        }
        if (notAfter < gatheredAt) {
          const ended = new Date(notAfter).toISOString().slice(0, 10);
          return fail("SG2208", `the certificate expired on ${ended}`, "assign SPP a new certificate", "spp.address");
        }
        const served = valueIfRead(spp.certificate);
        if (served && served.thumbprint !== thumbprint) {
          const text =
            "what answers there serves another certificate than SPP says it uses; something may stand in between";
          return warn(text, "make sure that SPS reaches SPP itself", "spp.address");
        }
        if (missingIssuer !== undefined) {
          const remedy = "install that issuer on SPP, so that SPS gets the whole chain";
          return warn(`it lacks the issuer ${missingIssuer}; SPS may not trust it`, remedy, "spp.address");
        }
        return pass(`${counted(length, "certificate")}, complete`);
      }),
    ),
};
