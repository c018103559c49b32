import { lastDayOf } from "../../../https/served-certificate";
import { seesAllRequests } from "../../../spp/appliance-reads";
import { unavailability } from "../../../spp/status";
import { RECENT_MILLISECONDS } from "../../backups";
import { type Check, counted, fail, given, notChecked, pass, SOURCES, spanText, sppRefusal, warn } from "../check";
import { consequencesOf, entryOf } from "../consequences";
import { valueIfRead } from "../gathering";

export const SPP_STATE_CHECKS: readonly Check[] = [
  {
    id: "spp-online",
    title: "SPP is online",
    source: SOURCES.sppStatus,
    run: ({ spp }) =>
      given(spp.status, (status) => {
        const problem = unavailability(status);
        return problem ? sppRefusal("unavailable", "spp.address", problem) : pass(`its state is ${status.state}`);
      }),
  },
  {
    id: "spp-primary",
    title: "SPP is the primary",
    source: SOURCES.link,
    run: ({ spp }) =>
      given(spp.status, ({ isPrimary }) => {
        if (isPrimary) return pass("it is");
        const leader = valueIfRead(spp.members)?.find((member) => member.isLeader)?.ipv4Address;
        const refusal = sppRefusal("replica", "spp.address");
        return leader ? { ...refusal, remedy: `point spp.address at the primary, ${leader}` } : refusal;
      }),
  },
  // SPP runs one cluster operation at a time, and a join is one.
  {
    id: "spp-operation",
    title: "no cluster operation runs on SPP",
    source: SOURCES.sppClusterStatus,
    isForRequest: true,
    run: ({ spp }) =>
      given(spp.operation, (operation) => {
        if (!operation) return pass("none runs");
        const { name, startedAt } = operation;
        const text = `${name} runs${startedAt ? ` since ${startedAt}` : ""}`;
        // The join waits for another join to the same SPP to end.
        if (name === "JoinSessionsModule")
          return warn(text, "no action is needed: the join waits for its end", "spp.address");
        return fail("SG2113", text, "spp.address");
      }),
  },
  // The join closes open access requests, so the acknowledgement must accept that.
  {
    id: "spp-access-requests",
    title: "open access requests",
    source: SOURCES.join,
    run(facts) {
      const { spp } = facts;
      const row = entryOf(facts)?.row;
      if (row?.isConnected && row.isTrusted && !consequencesOf(facts).isRejoinDue) {
        return pass("no join is due, so none will be closed");
      }
      return given(spp.roles, (roles) =>
        given(spp.openRequests, (count) => {
          if (!seesAllRequests(roles)) {
            return notChecked(`the join closes them all, and user ${spp.username} sees only its own (${count})`);
          }
          if (count === 0) return pass("none is open");
          const text = `the join closes ${counted(count, "open access request")}`;
          return warn(text, "join when they are no longer needed", "acknowledge");
        }),
      );
    },
  },
  // A join cannot be undone.
  {
    id: "spp-backup",
    title: "SPP has a recent backup",
    source: SOURCES.sppBackups,
    isForRequest: true,
    run: ({ spp, backups, gatheredAt }) =>
      given(spp.newestBackup, (newest) => {
        if (backups.spp === "take") return pass("the join takes one first");
        const age = newest === undefined ? undefined : (valueIfRead(spp.status)?.now ?? gatheredAt) - newest;
        if (age !== undefined && age <= RECENT_MILLISECONDS) return pass(`the newest is ${spanText(age)} old`);
        const text = age === undefined ? "there is none" : `the newest is ${spanText(age)} old`;
        if (backups.spp === "skip") return pass(`${text}, and the program skips it`);
        const remedy = "make one at Appliance Management > Backup and Retention";
        if (backups.spp === "require") return fail("SG2209", text, "spp.address");
        return warn(`${text}, and the join cannot be undone`, remedy, "spp.address");
      }),
  },
  // SPS receives this chain to verify SPP.
  {
    id: "spp-certificate-chain",
    title: "SPP's certificate chain can be given to SPS",
    source: SOURCES.sppCertificates,
    isForRequest: true,
    run: ({ spp, gatheredAt }) =>
      given(spp.status, ({ applianceId }) =>
        given(spp.assigned, (find) => {
          const assigned = find(applianceId);
          if (!assigned) {
            return fail("SG2010", `no TLS certificate is assigned to appliance ${applianceId}`, "spp.address");
          }
          const { notAfter, chainPem, missingIssuer, thumbprint } = assigned;
          if (notAfter === undefined) {
            return fail("SG2207", "SPP's certificate cannot be read", "spp.address");
          }
          if (notAfter < gatheredAt) {
            const end = lastDayOf(notAfter);
            return fail("SG2208", `the certificate expired on ${end}`, "spp.address");
          }
          const served = valueIfRead(spp.certificate);
          if (served && served.thumbprint !== thumbprint) {
            const text =
              "the certificate served here is not the one that SPP says it uses; the connection may be intercepted";
            return warn(text, "make sure that SPS reaches SPP itself", "spp.address");
          }
          if (missingIssuer !== undefined) {
            const remedy = "install that issuer on SPP, so that SPS gets the whole chain";
            return warn(`it lacks the issuer ${missingIssuer}; SPS may not trust it`, remedy, "spp.address");
          }
          return pass(`${counted(chainPem.length, "certificate")}, complete`);
        }),
      ),
  },
];
