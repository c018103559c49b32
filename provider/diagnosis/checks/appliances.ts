import { lastDayOf } from "../../https/served-certificate";
import { given, type Outcome, pass, warn } from "../../join/preflight/check";
import type { Facts } from "../../join/preflight/facts";
import type { Finding } from "../graph/finding";
import { changeText } from "../logging/change-text";
import type { RaisedLogs } from "../logging/raised-logs";
import { reusedFindings } from "./reused";

/** Reachability, identity, login, state and logging of both appliances. */
export function applianceFindings(facts: Facts, raisedLogs?: RaisedLogs): Finding[] {
  const level = "appliances";
  const [sps, spp] = ["sps", "spp"] as const;
  return [
    ...reusedFindings(
      [
        { id: "sps-reachable", level, side: sps },
        { id: "sps-certificate", level, side: sps, after: ["sps-reachable"] },
        { id: "sps-is-sps", level, side: sps, after: ["sps-reachable", "sps-certificate"] },
        { id: "sps-set-up", level, side: sps, after: ["sps-is-sps"] },
        { id: "sps-login", level, side: sps, after: ["sps-is-sps"] },
        { id: "sps-account", level, side: sps, after: ["sps-login"], isForJoining: true },
        { id: "spp-reachable", level, side: spp },
        { id: "spp-certificate", level, side: spp, after: ["spp-reachable"] },
        { id: "spp-is-spp", level, side: spp, after: ["spp-reachable", "spp-certificate"] },
        { id: "spp-certificate-name", level, side: spp, after: ["spp-is-spp"] },
        { id: "spp-online", level, side: spp, after: ["spp-is-spp"] },
        { id: "spp-primary", level, side: spp, after: ["spp-is-spp"] },
        { id: "spp-login", level, side: spp, after: ["spp-is-spp", "spp-certificate-name", "spp-online"] },
        { id: "spp-permissions", level, side: spp, after: ["spp-login"], isForJoining: true },
        { id: "spp-operation", level, side: spp, after: ["spp-login"], isForJoining: true },
        { id: "spp-certificate-chain", level, side: spp, after: ["spp-login"], isForJoining: true },
        { id: "versions-equal", level, side: sps, after: ["sps-login", "spp-is-spp"], isForJoining: true },
      ],
      facts,
    ),
    expiry(facts, "sps"),
    expiry(facts, "spp"),
    {
      id: "sps-logs",
      title: "SPS logs no more than usual",
      level,
      object: `sps ${facts.sps.address}`,
      after: [],
      outcome: logging(raisedLogs, facts.gatheredAt),
    },
  ];
}

/** A run that was killed could not put the settings back. */
function logging(raised: RaisedLogs | undefined, now: number): Outcome {
  if (!raised) return pass("nothing that was raised from this machine is left");
  if (Date.parse(raised.until) > now) return pass(`raised until ${raised.until}: ${changeText(raised)}`);
  const text = `an interrupted run has left its log settings raised: ${changeText(raised)}`;
  return warn(text, "run pulumi-safeguard logs --put-back for the site");
}

const DAY = 86_400_000;

/** From this many days before its end on, a certificate is a warning. */
const SOON_DAYS = 30;

function expiry(facts: Facts, side: "sps" | "spp"): Finding {
  const name = side.toUpperCase();
  return {
    id: `${side}-certificate-expiry`,
    title: `the certificate of ${name} is valid for ${SOON_DAYS} days`,
    level: "appliances",
    object: `${side} ${facts[side].address}`,
    after: [`${side}-reachable`],
    outcome: given(facts[side].certificate, ({ notAfter }) => expiryOutcome(notAfter, facts.gatheredAt)),
  };
}

/** The remedy for a certificate that expires. */
export const RENEWAL =
  "assign the appliance a new certificate; where the connection pins it, change certificateSha256 too";

function expiryOutcome(notAfter: number, now: number): Outcome {
  const end = lastDayOf(notAfter);
  if (notAfter - now >= SOON_DAYS * DAY) return pass(`it expires on ${end}`);
  const text = notAfter < now ? `it expired on ${end}` : `it expires on ${end}`;
  return {
    status: "warn",
    code: "SG2503",
    text,
    remedy: RENEWAL,
  };
}
