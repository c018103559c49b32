import assert from "node:assert/strict";
import { operationContext } from "../../core/context";
import type { SshConnection } from "../connection";
import { type DialJumpHost, JumpHostPool } from "./jump-host-pool";

const HOST = { address: "10.0.0.9", port: 22, username: "jump", insecureSkipVerify: false };

/** Logins whose turn and whose end the test decides. */
class Logins {
  readonly begun: {
    turn: () => void;
    open: (isOpen?: boolean) => FakeConnection;
    fail: () => void;
    signal: AbortSignal;
  }[] = [];

  readonly dial: DialJumpHost = (signal, turn) =>
    new Promise((resolve, reject) => {
      const open = (isOpen = true) => {
        const connection = new FakeConnection(isOpen);
        resolve(connection as unknown as SshConnection);
        return connection;
      };
      this.begun.push({ turn, open, fail: () => reject(new Error("refused")), signal });
    });
}

class FakeConnection {
  closed = 0;
  constructor(public isOpen: boolean) {}
  close(): void {
    this.closed += 1;
    this.isOpen = false;
  }
}

describe("connections to jump hosts", () => {
  const { signal } = operationContext();
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  it("shares a jump host's connection among equal credentials until the last user ends", async () => {
    const [hosts, { begun, dial }] = [new JumpHostPool(), new Logins()];
    const takes = [HOST, HOST, { ...HOST, username: "other" }].map((host) => hosts.take(host, signal, false, dial));
    assert.equal(begun.length, 2);
    const connection = begun[0]?.open();
    const [first, second] = await Promise.all(takes.slice(0, 2));
    first?.release();
    first?.release();
    assert.equal(connection?.closed, 0, "the second still uses it");
    second?.release();
    assert.equal(connection?.closed, 1);
    void hosts.take(HOST, signal, false, dial);
    assert.equal(begun.length, 3);
  });

  it("opens a new connection on demand, and then shares only a login that has not begun", async () => {
    const [hosts, { begun, dial }] = [new JumpHostPool(), new Logins()];
    const old = hosts.take(HOST, signal, false, dial);
    begun[0]?.turn();
    begun[0]?.open();
    await old;
    const news = [hosts.take(HOST, signal, true, dial), hosts.take(HOST, signal, true, dial)];
    assert.equal(begun.length, 2);
    begun[1]?.turn();
    void hosts.take(HOST, signal, true, dial);
    assert.equal(begun.length, 3);
    const connection = begun[1]?.open();
    for (const { release: giveBack } of await Promise.all(news)) giveBack();
    assert.equal(connection?.closed, 1);
    void hosts.take(HOST, signal, false, dial);
    assert.equal(begun.length, 3, "who may use the old one still does");
  });

  it("fails a connection for all waiting users, and opens it again for later ones", async () => {
    const [hosts, { begun, dial }] = [new JumpHostPool(), new Logins()];
    const takes = [hosts.take(HOST, signal, false, dial), hosts.take(HOST, signal, false, dial)];
    begun[0]?.fail();
    for (const take of takes) await assert.rejects(take, /refused/);
    const later = hosts.take(HOST, signal, false, dial);
    begun[1]?.open(false);
    await later;
    void hosts.take(HOST, signal, false, dial);
    assert.equal(begun.length, 3);
  });

  it("cancels a connection with its last waiting user, and closes it if it opens later", async () => {
    const [hosts, { begun, dial }] = [new JumpHostPool(), new Logins()];
    const aborts = [new AbortController(), new AbortController()];
    const takes = aborts.map((abort) => hosts.take(HOST, abort.signal, false, dial));
    aborts[0]?.abort(new Error("cancelled by the user"));
    await assert.rejects(takes[0] ?? assert.fail(), /cancelled by the user/);
    assert.equal(begun[0]?.signal.aborted, false);
    aborts[1]?.abort(new Error("cancelled by the user"));
    await assert.rejects(takes[1] ?? assert.fail(), /cancelled by the user/);
    assert.equal(begun[0]?.signal.aborted, true);
    const connection = begun[0]?.open();
    await settled();
    assert.equal(connection?.closed, 1);
  });
});
