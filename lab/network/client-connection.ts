import { connect, type Socket } from "node:net";
import type { Greeting } from "./server";

/**
 * A connection of the client. When SPS relayed it, the server sees the address of SPS (mode `own`), or another port than
 * the client's (mode `client`).
 */
export interface ConnectResult {
  /** Address and port of the peer that the server saw. */
  peerSeenByServer: string;
  peerPortSeenByServer: number;
  /** Address and port of the client itself. */
  clientAddress: string;
  clientPort: number;
  /** Time from the first packet to the greeting of the server. */
  milliseconds: number;
}

/** One connection from the client host to a server. */
export class ClientConnection {
  private received = "";
  private failure: Error | undefined;
  private wake: () => void = () => {
    // Replaced while a line is awaited.
  };

  private constructor(
    private readonly socket: Socket,
    readonly result: ConnectResult,
  ) {}

  /** Connects and reads the greeting of the server. @throws Error with a system error code, ETIMEDOUT at the limit. */
  static async open(params: { address: string; port: number; timeoutSeconds: number }): Promise<ClientConnection> {
    const start = performance.now();
    const socket = connect({ host: params.address, port: params.port, noDelay: true });
    const result = { peerSeenByServer: "", peerPortSeenByServer: 0, clientAddress: "", clientPort: 0, milliseconds: 0 };
    const connection = new ClientConnection(socket, result);
    connection.listen();
    try {
      const greeting = JSON.parse(await connection.line(params.timeoutSeconds)) as Greeting;
      result.peerSeenByServer = greeting.address;
      result.peerPortSeenByServer = greeting.port;
      result.clientAddress = socket.localAddress ?? "";
      result.clientPort = socket.localPort ?? 0;
      result.milliseconds = performance.now() - start;
      return connection;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** Sends a line and waits for its echo. @returns milliseconds. @throws Error as `open` does. */
  async ping(timeoutSeconds: number): Promise<number> {
    const start = performance.now();
    this.socket.write("ping\n");
    await this.line(timeoutSeconds);
    return performance.now() - start;
  }

  close(): void {
    this.socket.destroy();
  }

  private listen(): void {
    this.socket.on("data", (chunk) => {
      this.received += chunk.toString();
      this.wake();
    });
    this.socket.on("error", (error) => {
      this.failure = error;
      this.wake();
    });
    this.socket.on("close", () => {
      this.failure ??= Object.assign(new Error("the server closed the connection"), { code: "ECONNRESET" });
      this.wake();
    });
  }

  private async line(timeoutSeconds: number): Promise<string> {
    let isTimedOut = false;
    const timer = setTimeout(() => {
      isTimedOut = true;
      this.wake();
    }, timeoutSeconds * 1000);
    try {
      for (;;) {
        const end = this.received.indexOf("\n");
        if (end >= 0) {
          const line = this.received.slice(0, end);
          this.received = this.received.slice(end + 1);
          return line;
        }
        if (this.failure !== undefined) throw this.failure;
        if (isTimedOut) throw Object.assign(new Error(`no response within ${timeoutSeconds} s`), { code: "ETIMEDOUT" });
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
    }
  }
}
