import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { type IssuedCertificate, LabCertificateAuthority } from "../../../lab/common/certificates";
import type { ApplianceConnection } from "../../../provider/core/connection";

/** Answers one request on a connection; returns false when the connection is no longer usable. */
export type HostileAnswer = (socket: TLSSocket, request: string) => Promise<boolean> | boolean;

let material: Promise<{ ca: string; certificate: IssuedCertificate }> | undefined;

async function prepare() {
  const authority = await LabCertificateAuthority.create("Hostile server");
  return {
    ca: authority.certificatePem,
    certificate: await authority.issue({ commonName: "hostile", ipAddresses: ["127.0.0.1"] }),
  };
}

/** A TLS server on loopback that answers each HTTP request with raw bytes of its choice. */
export class HostileServer {
  /** Requests so far. */
  requests = 0;
  /** Bytes that this server has handed to the network so far. */
  sentBytes = 0;

  private constructor(
    readonly connection: ApplianceConnection,
    private readonly end: () => Promise<void>,
  ) {}

  static async start(answer: (number: number) => HostileAnswer): Promise<HostileServer> {
    material ??= prepare();
    const { ca, certificate } = await material;
    const open = new Set<Socket>();
    const server = createServer({ key: certificate.privateKeyPem, cert: certificate.chainPem }, (socket) => {
      open.add(socket);
      socket.setMaxListeners(0);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        open.delete(socket);
        hostile.sentBytes += socket.bytesWritten;
      });
      let received = "";
      socket.on("data", async (data) => {
        received += data.toString("latin1");
        const [, head = "", length = "0"] =
          /^([\s\S]*?content-length: (\d+)[\s\S]*?|[\s\S]*?)\r\n\r\n/.exec(received) ?? [];
        if (head === "" || received.length < head.length + 4 + Number(length)) return;
        const request = received;
        received = "";
        hostile.requests += 1;
        if (!(await answer(hostile.requests)(socket, request))) socket.destroy();
      });
    });
    server.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const end = async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    };
    const { port } = server.address() as AddressInfo;
    const connection = { address: "127.0.0.1", port, username: "admin", password: "hunter2-hunter2", ca };
    const hostile = new HostileServer({ ...connection, insecureSkipVerify: false }, end);
    return hostile;
  }

  stop(): Promise<void> {
    return this.end();
  }
}

/** A whole answer with the given body. */
export function plainAnswer(status: number, body: string | Buffer, headers: readonly string[] = []): HostileAnswer {
  return (socket) => {
    const lines = [`HTTP/1.1 ${status} X`, `content-length: ${Buffer.byteLength(body)}`, ...headers];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
    socket.write(body);
    return true;
  };
}

/** Writes a piece every few milliseconds, or as fast as they are read, until the connection ends. */
export function endlessAnswer(begin: string, piece: string, milliseconds?: number): HostileAnswer {
  return async (socket) => {
    socket.write(begin, "latin1");
    while (!socket.destroyed) {
      const isRoom = socket.write(piece, "latin1");
      if (milliseconds !== undefined) await new Promise((resolve) => setTimeout(resolve, milliseconds));
      else if (isRoom) await new Promise(setImmediate);
      else await Promise.race([once(socket, "drain"), once(socket, "close")]).catch(() => undefined);
    }
    return false;
  };
}
