import { request } from "node:https";
import { isIP } from "node:net";
import { checkServerIdentity, type PeerCertificate } from "node:tls";
import type { AddressBook } from "../../common/address-book";
import type { Json, JsonObject } from "../state/json";

/** A response of SPP. */
export interface SppResponse {
  url: string;
  status: number;
  /** Parsed JSON; text when it is not JSON; undefined when empty. */
  response: Json | undefined;
}

/** SPP is unreachable or its certificate is invalid. The message is the one that SPS shows in `details.response`. */
export class SppUnreachable extends Error {
  constructor(
    readonly url: string,
    reason: string,
  ) {
    super(`Error sending request: ${reason}`);
    this.name = "SppUnreachable";
  }
}

/** A POST to SPP. */
export interface SppRequest {
  addressBook: AddressBook;
  /** Name or address of SPP from the administrator; the certificate must contain it. */
  spp: string;
  path: string;
  /** The only trusted certificates, as PEM. */
  chainPem: string;
  token?: string;
  /** Client certificate and key, as PEM. */
  client?: { certificatePem: string; privateKeyPem: string };
  body: JsonObject;
}

const LIMIT_MILLISECONDS = 30_000;

/**
 * Sends one POST to SPP. Connects only to loopback addresses in the address book, trusts only the given chain, and
 * requires the given name or address in the certificate.
 * @throws SppUnreachable
 */
export function postToSpp(options: SppRequest): Promise<SppResponse> {
  const url = `https://${options.spp}${options.path}`;
  const endpoint = options.addressBook.find(options.spp);
  if (!endpoint?.address.startsWith("127.")) {
    return Promise.reject(new SppUnreachable(url, "ConnectionError: no route to host"));
  }
  if (!options.chainPem.includes("-----BEGIN CERTIFICATE-----")) {
    return Promise.reject(new SppUnreachable(url, "SSLError: the certificate chain holds no certificate"));
  }
  const payload = JSON.stringify(options.body);
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(new SppUnreachable(url, reasonOf(error)));
    const sent = request(
      {
        host: endpoint.address,
        port: endpoint.port,
        path: options.path,
        method: "POST",
        agent: false,
        timeout: LIMIT_MILLISECONDS,
        headers: {
          host: options.spp,
          "content-type": "application/json",
          "content-length": Buffer.byteLength(payload),
          ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
        },
        ca: options.chainPem,
        cert: options.client?.certificatePem,
        key: options.client?.privateKeyPem,
        servername: isIP(options.spp) ? "" : options.spp,
        checkServerIdentity: (_host: string, certificate: PeerCertificate) => identityError(options.spp, certificate),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", fail);
        answer.on("end", () =>
          resolve({ url, status: answer.statusCode ?? 0, response: parse(Buffer.concat(chunks).toString("utf8")) }),
        );
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer in time")));
    sent.on("error", fail);
    sent.end(payload);
  });
}

/** The certificate does not contain the name or address of SPP. */
class CertificateNameError extends Error {}

function identityError(spp: string, certificate: PeerCertificate): Error | undefined {
  if (!checkServerIdentity(spp, certificate)) return undefined;
  const alternatives = (certificate.subjectaltname ?? "").split(", ").filter((name) => name !== "");
  const names = alternatives.map((name) => name.replace(/^(DNS|IP Address):/, ""));
  const listed = names.length > 0 ? names : [String(certificate.subject?.CN ?? "")];
  return new CertificateNameError(`CertificateError: hostname '${spp}' doesn't match '${listed.join("', '")}'`);
}

function reasonOf(error: NodeJS.ErrnoException): string {
  if (error instanceof CertificateNameError) return `SSLError: ${error.message}`;
  const code = error.code ?? "";
  const isTls = /CERT|SSL|TLS|ISSUER|CHAIN|EPROTO|PEM/.test(code);
  return isTls ? `SSLError: certificate verify failed: ${error.message}` : `ConnectionError: ${error.message}`;
}

function parse(text: string): Json | undefined {
  if (text === "") return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
