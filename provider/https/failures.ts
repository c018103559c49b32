import { messageOf, SafeguardError } from "../core/errors";
import { AnswerTooLarge, AnswerTooSlow } from "./answer-limits";
import { trustProblem, UNKNOWN_CHAIN, type UntrustedChain } from "./trust-problem";

/** A changing request was sent and its answer was lost or is unusable: its outcome is unknown. */
export class AnswerLost extends SafeguardError {
  constructor(object: string, step: string, cause: string) {
    super({
      code: "SG1016",
      object,
      step,
      cause: `${cause}; the outcome of the request is unknown`,
    });
    this.name = "AnswerLost";
  }
}

/** The connection broke during a read, or its answer took too long; nothing was changed. */
export class ConnectionBroken extends SafeguardError {
  constructor(object: string, step: string, cause: string) {
    super({
      code: "SG1017",
      object,
      step,
      cause,
    });
    this.name = "ConnectionBroken";
  }
}

export function identityNotProved(object: string, cause: string, remedy?: string): SafeguardError {
  const step = "prove identity";
  return new SafeguardError({ code: "SG1011", object, step, cause, ...(remedy !== undefined && { remedy }) });
}

const UNREACHABLE: Record<string, string> = {
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the DNS server does not answer",
  ECONNREFUSED: "nothing listens there",
  EHOSTUNREACH: "there is no route to that address",
  ENETUNREACH: "there is no route to that network",
  UND_ERR_CONNECT_TIMEOUT: "no answer to the connection attempt within 10 s",
};

const UNTRUSTED: Record<string, string> = {
  CERT_SIGNATURE_FAILURE: "its certificate is not signed by the authority it names",
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet (check the clocks)",
};

/** Other codes of OpenSSL for a certificate that is not accepted. */
const REFUSED_CERTIFICATE =
  /^(?!ERR_)(INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|UNABLE_TO_.*|.*(CERT|CRL)_.*)$/;

/** Messages of OpenSSL for an answer that is not TLS. */
const NOT_TLS = /wrong.version.number|http.request|packet.length.too.long|unknown.protocol|record.type/i;

/** Turns an error of the HTTP library into a failure with cause and remedy. */
export function explainConnectionError(
  object: string,
  request: { method: string; path: string },
  error: unknown,
  chain: UntrustedChain = UNKNOWN_CHAIN,
): SafeguardError {
  const code = codeOf(error);
  const unreachable = UNREACHABLE[code];
  if (unreachable) {
    return new SafeguardError({
      code: "SG1010",
      object,
      step: "connect",
      cause: unreachable,
    });
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = (error as { cert?: { subjectaltname?: string } }).cert?.subjectaltname ?? "no name";
    return identityNotProved(object, `its certificate is for ${names}, not for the address used`);
  }
  const problem = trustProblem(code, chain);
  if (problem) return identityNotProved(object, problem.cause, `${problem.remedy()}; nothing was sent`);
  const untrusted = UNTRUSTED[code];
  if (untrusted) return identityNotProved(object, untrusted);
  if (REFUSED_CERTIFICATE.test(code)) return identityNotProved(object, `its certificate is not accepted (${code})`);
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    const isPlain = NOT_TLS.test(`${code} ${messageOf(error)}`);
    return new SafeguardError({
      code: "SG1012",
      object,
      step: "connect",
      cause: isPlain ? "the server there does not speak HTTPS" : `the TLS handshake failed (${code})`,
      remedy: isPlain
        ? "correct address or port of the connection"
        : "enable TLS 1.2 or newer on the appliance, and check proxies and firewalls in between",
    });
  }
  const step = `${request.method} ${request.path.split("?")[0]}`;
  const isBeyondLimits = error instanceof AnswerTooLarge || error instanceof AnswerTooSlow;
  const cause = isBeyondLimits ? error.message : `the connection broke before the answer (${code || messageOf(error)})`;
  if (request.method !== "GET") return new AnswerLost(object, step, cause);
  if (error instanceof AnswerTooLarge) return new SafeguardError({ code: "SG1018", object, step, cause });
  return new ConnectionBroken(object, step, cause);
}

/** OpenSSL's or the system's code of an error of the HTTP library; empty without one. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (typeof code === "string") return code;
  const cause = (error as { cause?: unknown }).cause;
  return cause ? codeOf(cause) : "";
}
