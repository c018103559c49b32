import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { TLSSocket } from "node:tls";
import type { IssuedCertificate, LabCertificateAuthority } from "../../common/certificates";
import { isObject, type JsonObject } from "../state/json";

/** A request to the stub. */
export interface SppRequestRecord {
  method: string;
  path: string;
  authorization: string | undefined;
  body: JsonObject;
  /** Common name of the client certificate. */
  clientName: string | undefined;
}

/** A stub of SPP for joins: accepts a session module and validates it. */
export class StubSpp {
  readonly requests: SppRequestRecord[] = [];
  /** Responses of `SessionModules` and `PsmValidation` to return instead. */
  refusal: { status: number; body: string } | undefined;
  validationRefusal: { status: number; body: string } | undefined;
  /** Signs the client certificate; without it the response has none. */
  clientCertificate: ((csrPem: string) => Promise<string>) | undefined;
  private readonly modules = new Map<string, { token: string; isTrusted: boolean }>();
  private readonly server: Server;

  private constructor(readonly certificate: IssuedCertificate) {
    const options = { key: certificate.privateKeyPem, cert: certificate.chainPem, requestCert: true };
    this.server = createServer({ ...options, rejectUnauthorized: false }, (request, response) => {
      this.answer(request)
        .then(({ status, body }) => response.writeHead(status, { "content-type": "application/json" }).end(body))
        .catch((error: unknown) => response.writeHead(500).end(String(error)));
    });
  }

  static async start(
    authority: LabCertificateAuthority,
    options: { address: string; names?: string[]; ipAddresses?: string[] },
  ): Promise<StubSpp> {
    const { address, names = ["spp.lab.example"], ipAddresses = [address] } = options;
    const issued = await authority.issue({ commonName: "spp", dnsNames: names, ipAddresses, intermediates: 1 });
    const spp = new StubSpp(issued);
    await new Promise<void>((resolve) => spp.server.listen(0, address, resolve));
    return spp;
  }

  get port(): number {
    const bound = this.server.address();
    return bound !== null && typeof bound === "object" ? bound.port : 0;
  }

  isTrusted(nodeId: string): boolean {
    return this.modules.get(nodeId)?.isTrusted ?? false;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const body = isObject(parsed) ? parsed : {};
    const { method = "", url: path = "", headers } = request;
    const clientName = (request.socket as TLSSocket).getPeerCertificate().subject?.CN?.toString();
    this.requests.push({ method, path, authorization: headers.authorization, body, clientName });
    const nodeId = String(body.NodeId);
    if (path === "/service/core/v3/Cluster/SessionModules") return this.refusal ?? this.addModule(nodeId, body);
    return this.validationRefusal ?? this.validate(nodeId, body);
  }

  private async addModule(nodeId: string, body: JsonObject): Promise<{ status: number; body: string }> {
    if (this.modules.has(nodeId)) return apiError(400, 60657, "NodeId missing, invalid or not unique");
    const token = `one-time-${this.modules.size + 1}`;
    this.modules.set(nodeId, { token, isTrusted: false });
    const certificate = await this.clientCertificate?.(String(body.CertificateUserCsr));
    const module = { NodeId: nodeId, OneTimeToken: token, CertificateUserPemEncodedCertificate: certificate ?? null };
    return { status: 200, body: JSON.stringify(module) };
  }

  private validate(nodeId: string, body: JsonObject): { status: number; body: string } {
    const module = this.modules.get(nodeId);
    if (module === undefined || module.token !== body.OneTimeToken) return apiError(403, 60108, "Authorization failed");
    module.isTrusted = true;
    return { status: 200, body: "{}" };
  }
}

/** An error response in the format of SPP. */
export function apiError(status: number, code: number, message: string): { status: number; body: string } {
  return { status, body: JSON.stringify({ Code: code, Message: message, InnerError: null }) };
}
