import { z } from "zod";
import { entryOf, type JoinRequestErrorCode, SafeguardError } from "../core/errors";
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
type JoinDetails = z.output<typeof joinDetails>;

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
 * How the failures of the vendor's "join error resolution" pages are recognised, the more special ones first (SPS
 * Administration Guide; codes of SPP: OpenAPI v4).
 */
const RECOGNISERS: readonly [code: JoinRequestErrorCode, matches: (details: JoinDetails) => boolean][] = [
  ["SG2101", (details) => /doesn't match|CertificateError|(hostname|IP address)\b.*mismatch/i.test(textOf(details))],
  ["SG2102", (details) => /SSLError|certificate verify/i.test(textOf(details))],
  ["SG2103", (details) => codeOf(details) === 60657],
  ["SG2104", (details) => codeOf(details) === 60108 && /PsmValidation/i.test(details.url ?? "")],
  ["SG2105", (details) => codeOf(details) === 60108],
  ["SG2106", (details) => codeOf(details) === 60418],
  ["SG2107", (details) => textOf(details) !== ""],
];

/** The code for an error answer of the join request; undefined for anything that is not a failed join. */
export function recogniseJoinFailure(error: unknown): JoinRequestErrorCode | undefined {
  if (!(error instanceof SpsRefusal) || error.type !== "JoinFailed") return undefined;
  const details = joinDetails.safeParse(error.details ?? {});
  if (!details.success) return "SG2199";
  return RECOGNISERS.find(([, matches]) => matches(details.data))?.[0] ?? "SG2199";
}

/** The error a user sees for a failed join. */
export function joinError(code: JoinRequestErrorCode, object: string, original?: unknown): SafeguardError {
  const { cause, remedy, retryAfterSeconds } = entryOf(code);
  const wait = retryAfterSeconds ? ` (not before ${retryAfterSeconds / 60} minutes have passed)` : "";
  return new SafeguardError({ code, object, step: "join spp", cause, remedy: `${remedy}${wait}` }, { cause: original });
}
