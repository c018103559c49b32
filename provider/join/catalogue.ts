import { z } from "zod";
import { SafeguardError } from "../core/errors";
import { SpsRefusal } from "../sps/client";

/**
 * What SPS passes on of a failed join: `response` is SPP's answer, as an object or as text (SPS REST reference §10.4).
 * Text that is itself such an object is read as one.
 */
const sppAnswer = z.looseObject({ Code: z.number() });
const joinDetails = z.looseObject({
  url: z.string().nullish(),
  status: z.number().nullish(),
  response: z.union([sppAnswer, z.string().transform(readAnswer)]).nullish(),
});
export type JoinDetails = z.output<typeof joinDetails>;

/** One documented way a join fails. */
export interface JoinFailure {
  /** Stable code; never given to another failure. */
  code: string;
  name: string;
  /** How it shows, in words, for the documentation. */
  symptom: string;
  /** How it is recognised in the details of SPS's answer. */
  matches(details: JoinDetails): boolean;
  cause: string;
  remedy: string;
  /** How long to wait before another attempt, in seconds: an unfinished attempt blocks the next for about five minutes. */
  retryAfterSeconds: number;
}

/** Text as it is, but for JSON: that is an answer of SPP, whose code is all that counts. */
function readAnswer(text: string): z.output<typeof sppAnswer> | string | undefined {
  try {
    return sppAnswer.safeParse(JSON.parse(text)).data;
  } catch {
    return text;
  }
}

const codeOf = (details: JoinDetails) => (typeof details.response === "object" ? details.response?.Code : undefined);
const textOf = (details: JoinDetails) => (typeof details.response === "string" ? details.response : "");

/**
 * Every failure of the vendor's "join error resolution" pages, the more special ones first (SPS Administration Guide;
 * codes: SPP OpenAPI v4).
 */
export const JOIN_FAILURES: readonly JoinFailure[] = [
  {
    code: "SG2101",
    name: "certificate-mismatch",
    symptom:
      "SPS answers `JoinFailed`, and `details.response` is text with `CertificateError` or a host name that does not match.",
    matches: (details) => /doesn't match|CertificateError|(hostname|IP address)\b.*mismatch/i.test(textOf(details)),
    cause: "the certificate of SPP does not name the address SPS was given",
    remedy: "set spp.address to the name or address that stands in SPP's certificate",
    retryAfterSeconds: 300,
  },
  {
    code: "SG2102",
    name: "certificate-untrusted",
    symptom:
      "SPS answers `JoinFailed`, and `details.response` is text with `SSLError` or a failed certificate verification.",
    matches: (details) => /SSLError|certificate verify/i.test(textOf(details)),
    cause: "SPS does not trust the certificate of SPP",
    remedy: "assign SPP a certificate whose issuers are installed on SPP, so that the whole chain can be handed over",
    retryAfterSeconds: 300,
  },
  {
    code: "SG2103",
    name: "already-linked",
    symptom: "SPS answers `JoinFailed`; SPP answered it 400 with code 60657.",
    matches: (details) => codeOf(details) === 60657,
    cause: "SPP already knows this SPS node id, perhaps only as a disconnected entry",
    remedy: "look at Appliance Management > Cluster > Session Appliances on SPP, and remove the stale entry there",
    retryAfterSeconds: 0,
  },
  {
    code: "SG2104",
    name: "over-five-minutes",
    symptom:
      "SPP answered `/service/a2a/v2/PsmValidation` 403 with code 60108, or its untrusted entry for the node went again.",
    matches: (details) => codeOf(details) === 60108 && /PsmValidation/i.test(details.url ?? ""),
    cause: "the handshake took more than five minutes",
    remedy: "look at the load of both appliances, wait five minutes, then run pulumi up again",
    retryAfterSeconds: 300,
  },
  {
    code: "SG2105",
    name: "permissions",
    symptom: "SPS answers `JoinFailed`; SPP answered `Cluster/SessionModules` 403 with code 60108.",
    matches: (details) => codeOf(details) === 60108,
    cause: "the SPP account lacks the Appliance or Operations permission",
    remedy: "give the account of spp.username both permissions",
    retryAfterSeconds: 0,
  },
  {
    code: "SG2106",
    name: "replica",
    symptom: "SPS answers `JoinFailed`; SPP answered 403 with code 60418.",
    matches: (details) => codeOf(details) === 60418,
    cause: "the SPP appliance is a replica; only the primary can be joined",
    remedy: "point spp.address at the primary",
    retryAfterSeconds: 0,
  },
  {
    code: "SG2107",
    name: "unreachable",
    symptom: "SPS answers `JoinFailed`, and `details.response` is text about a connection that failed.",
    matches: (details) => textOf(details) !== "",
    cause: "SPS cannot reach SPP",
    remedy: "check spp.address as seen from SPS, and that tcp 443 from SPS to SPP is open",
    retryAfterSeconds: 300,
  },
];

/** A failed join that is none of the documented ones. */
export const OTHER: JoinFailure = {
  code: "SG2199",
  name: "other",
  symptom: "SPS answers `JoinFailed` in a form that is not documented.",
  matches: () => true,
  cause: "SPS reports that the join failed",
  remedy: "look at Basic Settings > Troubleshooting > View log files on SPS, log type syslog, filter SPP-join",
  retryAfterSeconds: 300,
};

/** The catalogue's entry for an error answer of the join request; undefined for anything that is not a failed join. */
export function recogniseJoinFailure(error: unknown): JoinFailure | undefined {
  if (!(error instanceof SpsRefusal) || error.type !== "JoinFailed") return undefined;
  const details = joinDetails.safeParse(error.details ?? {});
  if (!details.success) return OTHER;
  return JOIN_FAILURES.find((failure) => failure.matches(details.data)) ?? OTHER;
}

/** The entry for a handshake that SPP gave up: it is not reported by SPS, but seen when SPP's entry goes again. */
export function overFiveMinutes(): JoinFailure {
  return JOIN_FAILURES.find((failure) => failure.name === "over-five-minutes") ?? OTHER;
}

/** The error a user sees for an entry of the catalogue. */
export function joinError(failure: JoinFailure, object: string, original?: unknown): SafeguardError {
  const wait =
    failure.retryAfterSeconds > 0 ? ` (not before ${failure.retryAfterSeconds / 60} minutes have passed)` : "";
  return new SafeguardError(
    { code: failure.code, object, step: "join spp", cause: failure.cause, remedy: `${failure.remedy}${wait}` },
    { cause: original },
  );
}
