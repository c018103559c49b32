import { z } from "zod";
import { entryOf, type JoinRequestErrorCode, SafeguardError } from "../core/errors";
import { parseJson } from "../core/json";
import { SpsRefusal } from "../sps/client";

/**
 * Details of a failed join: `response` is SPP's answer, as an object or as text (SPS REST reference §10.4). JSON text is parsed into the
 * same object.
 */
const sppAnswer = z.looseObject({ Code: z.number() });
const joinDetails = z.looseObject({
  url: z.string().nullish(),
  status: z.number().nullish(),
  response: z.union([sppAnswer, z.string().transform(readAnswer)]).nullish(),
});
type JoinDetails = z.output<typeof joinDetails>;

/** Returns plain text unchanged. JSON text is an answer of SPP, of which only the code counts. */
function readAnswer(text: string): z.output<typeof sppAnswer> | string | undefined {
  const answer = parseJson(text);
  return answer === undefined ? text : sppAnswer.safeParse(answer).data;
}

const codeOf = (details: JoinDetails) => (typeof details.response === "object" ? details.response?.Code : undefined);
const textOf = (details: JoinDetails) => (typeof details.response === "string" ? details.response : "");

/**
 * Patterns for the failures of the vendor's "join error resolution" pages, most specific first (SPS Administration Guide; codes of SPP:
 * OpenAPI v4).
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

/** SPP's code for a request during another cluster operation (OpenAPI v4). */
const OPERATION_PENDING = 60910;

/** Whether SPP refused the join because it runs another cluster operation. */
export function isOperationPending(error: unknown): boolean {
  if (!(error instanceof SpsRefusal) || error.type !== "JoinFailed") return false;
  const response = joinDetails.safeParse(error.details ?? {}).data?.response;
  return typeof response === "object" && response?.Code === OPERATION_PENDING;
}

/** The code for an error answer of the join request; undefined when the answer is not a failed join. */
export function recogniseJoinFailure(error: unknown): JoinRequestErrorCode | undefined {
  if (!(error instanceof SpsRefusal) || error.type !== "JoinFailed") return undefined;
  const details = joinDetails.safeParse(error.details ?? {});
  if (!details.success) return "SG2199";
  return RECOGNISERS.find(([, matches]) => matches(details.data))?.[0] ?? "SG2199";
}

/** The error shown to the user for a failed join. */
export function joinError(code: JoinRequestErrorCode, object: string, original?: unknown): SafeguardError {
  const { cause, remedy, retryAfterSeconds } = entryOf(code);
  const wait = retryAfterSeconds ? ` (not before ${retryAfterSeconds / 60} minutes have passed)` : "";
  return new SafeguardError({ code, object, step: "join spp", cause, remedy: `${remedy}${wait}` }, { cause: original });
}
