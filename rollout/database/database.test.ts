import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, it } from "mocha";
import { openDatabase } from "./database";

/** The messages with which PostgreSQL accepts a login without a password, and is ready. */
const LOGGED_IN = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

describe("a PostgreSQL server that accepts connections and stays silent", () => {
  const sockets: Socket[] = [];
  let server: Server | undefined;
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
    server?.close();
  });

  /** Starts such a server, which sends this once. Gives its port. */
  async function silent(first: Buffer): Promise<number> {
    const started = createServer((socket) => {
      sockets.push(socket);
      socket.once("data", () => socket.write(first));
    });
    server = started;
    await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
    return (started.address() as AddressInfo).port;
  }

  const open = (port: number) =>
    openDatabase({ url: `postgres://ada:hunter2hunter2@127.0.0.1:${port}/x` }, { connectMs: 200, answerMs: 300 });

  it("is reported with its address and the remedy when it does not finish the login", async () => {
    const port = await silent(Buffer.alloc(0));
    await assert.rejects(open(port), {
      message: `database 127.0.0.1:${port}: no answer in time; check address and port, the server, and firewalls in between`,
    });
    assert.equal(sockets.length, 1);
  });

  it("is reported when it does not answer a query", async () => {
    const port = await silent(LOGGED_IN);
    await assert.rejects(open(port), {
      message: `database 127.0.0.1:${port}: no answer in time; check address and port, the server, and firewalls in between`,
    });
  });

  it("is reported with the remedy when it refuses the login, the database or encryption", async () => {
    const answer = (code: string, text: string) => {
      const fields = Buffer.from(`SERROR\0C${code}\0M${text}\0\0`);
      const head = Buffer.alloc(5);
      head.write("E");
      head.writeInt32BE(fields.length + 4, 1);
      return Buffer.concat([head, fields]);
    };
    for (const [code, text, remedy] of [
      [
        "28P01",
        'password authentication failed for user "ada"',
        "check user and password in the URL, or set PGPASSWORD",
      ],
      ["3D000", 'database "x" does not exist', "create the database, or correct its name in the URL"],
      [
        "42501",
        "permission denied for database x",
        "let its user create schemas in the database: GRANT CREATE ON DATABASE … TO …",
      ],
      ["57P03", "the database system is starting up", "check the URL and the log of the server"],
    ] as const) {
      const port = await silent(answer(code, text));
      await assert.rejects(open(port), { message: `database 127.0.0.1:${port}: ${text}; ${remedy}` });
      server?.close();
    }
    const port = await silent(Buffer.from("N"));
    await assert.rejects(openDatabase({ url: `postgres://ada@127.0.0.1:${port}/x?sslmode=verify-full` }), {
      message: `database 127.0.0.1:${port}: The server does not support SSL connections; turn TLS on at the server, or remove sslmode from the URL`,
    });
  });

  it("is reported when nothing listens there", async () => {
    const port = await silent(Buffer.alloc(0));
    await new Promise((resolve) => server?.close(resolve));
    await assert.rejects(open(port), {
      message: `database 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}; check address and port, the server, and firewalls in between`,
    });
  });
});
