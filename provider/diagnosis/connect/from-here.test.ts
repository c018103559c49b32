import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { measurePackets, tryPort } from "./from-here";

const { signal } = new AbortController();

describe("tests of the network from this machine", () => {
  const { PATH } = process.env;
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "connect-ping-"));
    process.env.PATH = folder;
  });
  after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  /** Puts a program in the place of ping that answers up to a size, and prints a text for larger packets. */
  function answerUpTo(bytes: number, otherwise: string): void {
    const file = join(folder, "ping");
    const script = `#!/bin/sh
while [ $# -gt 1 ]; do case "$1" in -s | -l) size=$2 ;; -D) size=$2 ;; esac; shift; done
if [ $((size + 28)) -le ${bytes} ]; then echo "64 bytes from $1: icmp_seq=1 ttl=64 time=0.1 ms"; else echo "${otherwise}"; exit 1; fi
`;
    writeFileSync(file, script);
    chmodSync(file, 0o755);
  }

  it("tells an open port from one that is refused", async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    assert.equal(await tryPort("127.0.0.1", port, signal), "open");
    server.close();
    await once(server, "close");
    assert.equal(await tryPort("127.0.0.1", port, signal), "refused");
  });

  it("measures the largest packet by the system's ping, and what becomes of larger ones", async () => {
    answerUpTo(1500, "");
    assert.deepEqual(await measurePackets("127.0.0.1", signal), { bytes: 1500 });
    answerUpTo(1400, "ping: local error: message too long, mtu=1400");
    assert.deepEqual(await measurePackets("127.0.0.1", signal), { bytes: 1400, larger: "refused" });
    answerUpTo(1300, "1 packets transmitted, 0 received, 100% packet loss");
    assert.deepEqual(await measurePackets("127.0.0.1", signal), { bytes: 1280, larger: "lost" });
  });

  it("reads the text of ping whatever the language of the user, and nothing from other text", async () => {
    const { LC_ALL } = process.env;
    process.env.LC_ALL = "de_DE.UTF-8";
    try {
      answerUpTo(1400, "ping: $([ $LC_ALL = C ] && echo message too long || echo Nachricht zu lang)");
      assert.deepEqual(await measurePackets("127.0.0.1", signal), { bytes: 1400, larger: "refused" });
    } finally {
      if (LC_ALL === undefined) delete process.env.LC_ALL;
      else process.env.LC_ALL = LC_ALL;
    }
    answerUpTo(1400, "ping: socket: Operation not permitted");
    const unknown = /^Error: the output of ping is not understood: ping: socket: Operation not permitted$/;
    await assert.rejects(measurePackets("127.0.0.1", signal), unknown);
  });

  it("measures nothing where nothing answers, or there is no ping", async () => {
    answerUpTo(0, "1 packets transmitted, 0 received, 100% packet loss");
    await assert.rejects(measurePackets("127.0.0.1", signal), /^Error: it does not answer to ping$/);
    rmSync(join(folder, "ping"));
    await assert.rejects(measurePackets("127.0.0.1", signal), /^Error: this machine has no command ping$/);
  });
});
