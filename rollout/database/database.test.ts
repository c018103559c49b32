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

  it("is reported when nothing listens there", async () => {
    const port = await silent(Buffer.alloc(0));
    await new Promise((resolve) => server?.close(resolve));
    await assert.rejects(open(port), {
      message: `database 127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}; check address and port, the server, and firewalls in between`,
    });
  });
});
