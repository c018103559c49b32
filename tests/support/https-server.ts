import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import type { IssuedCertificate } from "../../lab/common/certificates";

/** A request that a scripted server received. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Returns the answer to a request; `cut` closes the connection instead, `hang` never answers. */
export type Script = (request: SeenRequest, number: number) => ScriptedAnswer | "cut" | "hang";

export interface ScriptedAnswer {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string;
}

/** An HTTPS server on loopback that answers by a script and records every request. */
export class ScriptedServer {
  readonly requests: SeenRequest[] = [];
  /** How many connections began a TLS session of their own, and how many resumed one. */
  readonly handshakes = { whole: 0, resumed: 0 };

  private constructor(
    readonly port: number,
    private readonly close: () => Promise<void>,
  ) {}

  static async start(certificate: IssuedCertificate, script: Script, atPort = 0): Promise<ScriptedServer> {
    const answerRequest = (request: SeenRequest, response: ServerResponse, incoming: IncomingMessage) => {
      scripted.requests.push(request);
      const answer = script(request, scripted.requests.length);
      if (answer === "hang") return;
      if (answer === "cut") return void incoming.socket.destroy();
      response.writeHead(answer.status, answer.headers).end(answer.body ?? "");
    };
    const server = createServer(
      { key: certificate.privateKeyPem, cert: certificate.chainPem },
      (incoming, response) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("end", () => {
          const { method = "", url: path = "", headers } = incoming;
          answerRequest({ method, path, headers, body: Buffer.concat(chunks).toString("utf8") }, response, incoming);
        });
      },
    );
    await new Promise<void>((resolve) => server.listen(atPort, "127.0.0.1", resolve));
    const close = () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    server.on("secureConnection", (socket: TLSSocket) => {
      scripted.handshakes[socket.isSessionReused() ? "resumed" : "whole"] += 1;
    });
    const scripted = new ScriptedServer((server.address() as AddressInfo).port, close);
    return scripted;
  }

  stop(): Promise<void> {
    return this.close();
  }
}
