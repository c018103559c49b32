import { createServer, type Server, type Socket } from "node:net";
import type { PGlite } from "@electric-sql/pglite";

/*
 * Lets many connections share the one session of a PGlite. The package pglite-socket does the same message by message, so that the
 * statements of two connections mix (electric-sql/pglite issue 1046). Here a request runs as a whole, and a transaction to its end.
 */

/** A transaction that its connection leaves open without a word for this long is rolled back. */
const IDLE_TRANSACTION_MS = 10_000;

const SSL_REQUEST = 80_877_103;
/** The message with which a client asks for encryption; a gateway that lives answers it at once. */
export const SSL_REQUEST_MESSAGE = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const CANCEL_REQUEST = 80_877_102;
/** Messages that complete a request: a simple query, and the end of an extended one. */
const COMPLETES = new Set(["Q", "S"]);
const TERMINATES = "X";

interface Request {
  connection: Connection;
  messages: Uint8Array[];
}

export class SocketGateway {
  private readonly server: Server;
  private readonly connections = new Set<Connection>();
  private readonly requests: Request[] = [];
  private isWorking = false;
  /** The connection whose transaction is open. */
  private owner: Connection | undefined;
  private ownerTimer: NodeJS.Timeout | undefined;

  /** `onBroken` is called when the database itself fails, after which it answers nothing any more. */
  constructor(
    private readonly db: PGlite,
    private readonly onBroken: (error: unknown) => void,
  ) {
    this.server = createServer((socket) => this.accept(socket));
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once("error", reject);
      this.server.listen(path, resolve);
    });
  }

  close(): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private accept(socket: Socket): void {
    const connection = new Connection(socket, (messages) => {
      this.requests.push({ connection, messages });
      void this.work();
    });
    this.connections.add(connection);
    socket.once("close", () => {
      this.connections.delete(connection);
      void this.work();
    });
  }

  /** Runs requests one after the other; while a transaction is open, only those of its connection. */
  private async work(): Promise<void> {
    if (this.isWorking) return;
    this.isWorking = true;
    try {
      for (let request = await this.nextRequest(); request; request = await this.nextRequest()) await this.run(request);
    } catch (error) {
      // Errors of SQL are answers; this is one of the database's process.
      this.onBroken(error);
    } finally {
      this.isWorking = false;
    }
  }

  private async nextRequest(): Promise<Request | undefined> {
    if (this.owner && !this.connections.has(this.owner)) {
      await this.db.execProtocolRaw(queryMessage("ROLLBACK"));
      this.setOwner(undefined);
    }
    const index = this.requests.findIndex(({ connection }) => this.owner === undefined || connection === this.owner);
    return index < 0 ? undefined : this.requests.splice(index, 1)[0];
  }

  private async run({ connection, messages }: Request): Promise<void> {
    if (!this.connections.has(connection)) return;
    // One call for the whole request: each costs time of its own.
    const answer = await this.db.execProtocolRaw(joined(messages));
    connection.socket.write(answer);
    this.setOwner((transactionStatus(answer) ?? "I") === "I" ? undefined : connection);
  }

  private setOwner(owner: Connection | undefined): void {
    this.owner = owner;
    clearTimeout(this.ownerTimer);
    this.ownerTimer = owner && setTimeout(() => owner.socket.destroy(), IDLE_TRANSACTION_MS);
  }
}

/** Divides the bytes of a client into requests. */
class Connection {
  private buffer = Buffer.alloc(0);
  private messages: Uint8Array[] = [];
  private hasStarted = false;

  constructor(
    readonly socket: Socket,
    private readonly onRequest: (messages: Uint8Array[]) => void,
  ) {
    socket.on("data", (data) => {
      this.buffer = Buffer.concat([this.buffer, data]);
      while (this.takeMessage()) {}
    });
    // The event `close` follows.
    socket.on("error", () => {});
  }

  private takeMessage(): boolean {
    // The first messages have no type.
    const typeLength = this.hasStarted ? 1 : 0;
    if (this.buffer.length < typeLength + 4) return false;
    const length = typeLength + this.buffer.readInt32BE(typeLength);
    if (this.buffer.length < length) return false;
    const message = this.buffer.subarray(0, length);
    this.buffer = this.buffer.subarray(length);
    if (this.hasStarted) this.add(message);
    else this.greet(message);
    return true;
  }

  private greet(message: Buffer): void {
    const code = message.readInt32BE(4);
    if (code === SSL_REQUEST) this.socket.write("N");
    else if (code === CANCEL_REQUEST) this.socket.destroy();
    else {
      this.hasStarted = true;
      this.onRequest([new Uint8Array(message)]);
    }
  }

  private add(message: Buffer): void {
    const type = String.fromCharCode(message[0] ?? 0);
    if (type === TERMINATES) {
      this.socket.end();
      return;
    }
    this.messages.push(new Uint8Array(message));
    if (!COMPLETES.has(type)) return;
    this.onRequest(this.messages);
    this.messages = [];
  }
}

const joined = (messages: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(messages));

/** The status at the end of an answer: `I` outside of a transaction, `T` in one, `E` in a failed one. */
function transactionStatus(answer: Uint8Array): string | undefined {
  const end = answer.subarray(-6);
  return end[0] === 0x5a && end[4] === 5 ? String.fromCharCode(end[5] ?? 0) : undefined;
}

function queryMessage(sql: string): Uint8Array {
  const text = Buffer.from(`${sql}\0`);
  const head = Buffer.alloc(5);
  head.write("Q");
  head.writeInt32BE(text.length + 4, 1);
  return new Uint8Array(Buffer.concat([head, text]));
}
