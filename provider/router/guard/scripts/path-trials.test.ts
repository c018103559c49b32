import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { CERTIFICATE } from "../../../../tests/support/certificate";
import { parseTrials, trialText } from "./path-trials";

const TARGETS = [{ address: "172.16.9.2", ports: [22, 3389] }];

describe("trials of paths from a Linux router", () => {
  it("reads ports, the packet size and the route", () => {
    const stdout = [
      "@@trial 0 tcp 3389: open ",
      "@@trial 0 tcp 22: refused ",
      "@@trial 0 packets: lost 1400 ",
      "@@trial 0 hops: 10.0.9.1 * 172.16.9.2 ",
    ];
    assert.deepEqual(parseTrials(stdout.join("\n"), TARGETS), [
      {
        address: "172.16.9.2",
        tcp: [
          { port: 22, result: "refused", why: "the router did not answer" },
          { port: 3389, result: "open", why: "the router did not answer" },
        ],
        packets: { bytes: 1400, larger: "lost" },
        hops: ["10.0.9.1", undefined, "172.16.9.2"],
      },
    ]);
  });

  it("says what a router without tools could not try", () => {
    const stdout = ["tcp 22", "tcp 3389", "packets", "hops"].map((what) => `@@trial 0 ${what}: no-tool `);
    const [trial] = parseTrials(stdout.join("\n"), TARGETS);
    assert.deepEqual(trial?.tcp[0]?.result, undefined);
    assert.match(trial?.tcp[0]?.why ?? "", /^the router has no tool that opens TCP connections$/);
    assert.match(
      String(trial?.packets),
      /^the router has no perl, and its ping cannot forbid fragments or is not understood$/,
    );
    assert.equal(trial?.hops, trial?.packets);
  });

  it("takes a host that answers no ping for one whose packets were not measured", () => {
    const [trial] = parseTrials("@@trial 0 packets: lost 0 \n@@trial 0 hops: * * * ", TARGETS);
    assert.equal(trial?.packets, "it does not answer to ping");
    assert.deepEqual(trial?.hops, [undefined, undefined, undefined]);
  });

  it("takes hosts whose small packets get lost too for ones whose packets were not measured", () => {
    const [trial] = parseTrials("@@trial 0 packets: unsteady 0 ", TARGETS);
    assert.equal(trial?.packets, "small packets get lost too, so larger ones prove nothing");
  });

  describe("with the ping of Linux", () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "path-trials-"));
      mkdirSync(join(folder, "bin"));
      for (const tool of ["tr", "sed", "head", "cat"]) {
        symlinkSync(
          execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim(),
          join(folder, "bin", tool),
        );
      }
    });
    after(() => rmSync(folder, { recursive: true }));

    /** Runs the script with a ping that carries packets up to a size, and loses the echo requests with these numbers. */
    function measured(carried: number, otherwise: string, ...losses: number[]) {
      const [ping, count] = [join(folder, "bin/ping"), join(folder, "count")];
      writeFileSync(count, "0");
      const script = `#!/bin/sh
while [ $# -gt 1 ]; do case "$1" in -s) size=$2 ;; -t) hops=$2 ;; esac; shift; done
lost="1 packets transmitted, 0 received, 100% packet loss, time 0ms"
[ "$LC_ALL" = C ] || lost="1 Pakete übertragen, 0 empfangen, 100% Paketverlust"
# The echo requests of the route, which run at the same time, do not count.
if [ "$hops" = 64 ]; then number=$(($(cat ${count}) + 1)); echo $number >${count}; fi
case " ${losses.join(" ")} " in *" $number "*) echo "$lost"; exit 1 ;; esac
if [ $((size + 28)) -le ${carried} ]; then echo "$size bytes from $1: icmp_seq=1 ttl=64 time=0.1 ms"; exit; fi
${otherwise}
exit 1
`;
      writeFileSync(ping, script);
      chmodSync(ping, 0o755);
      const targets = [{ address: "172.16.9.2", ports: [] }];
      const env = { PATH: join(folder, "bin"), LC_ALL: "de_DE.UTF-8" };
      const stdout = execFileSync("/bin/sh", { input: trialText(targets), env, encoding: "utf8" });
      return { packets: parseTrials(stdout, targets)[0]?.packets, echoes: Number(readFileSync(count, "utf8")) };
    }

    const LOST = 'echo "$lost"';
    const TOO_BIG = 'echo "ping: local error: message too long, mtu=1400"';

    for (const losses of [[], [1], [2], [2, 4]]) {
      it(`measures the largest packet when echo requests are lost by chance: ${losses.join(", ") || "none"}`, () => {
        assert.deepEqual(measured(1500, LOST, ...losses).packets, { bytes: 1500 });
      });
    }

    it("calls packets lost after three of them, with small ones in between that are answered", () => {
      assert.deepEqual(measured(1420, LOST), { packets: { bytes: 1420, larger: "lost" }, echoes: 8 });
      assert.deepEqual(measured(1400, TOO_BIG), { packets: { bytes: 1400, larger: "refused" }, echoes: 4 });
    });

    it("measures nothing where small packets get lost too, or ping is not understood", () => {
      assert.match(String(measured(1500, LOST, 2, 3).packets), /^small packets get lost too/);
      assert.equal(measured(0, LOST).packets, "it does not answer to ping");
      assert.match(String(measured(0, "echo 'ping: socket: Operation not permitted'").packets), /is not understood$/);
    });
  });

  describe("with openssl", () => {
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), "path-trials-"));
      for (const tool of ["tr", "sed", "head", "cat", "timeout"]) {
        symlinkSync(execFileSync("sh", ["-c", `command -v ${tool}`], { encoding: "utf8" }).trim(), join(folder, tool));
      }
    });
    after(() => rmSync(folder, { recursive: true }));

    /** Runs the script where these programs print what a TLS session shows, and gives the certificates. */
    function shown(programs: Record<string, string>) {
      for (const [name, text] of Object.entries(programs)) {
        const file = join(folder, name);
        writeFileSync(file, `#!/bin/sh\necho "$@" >${folder}/asked\ncat <<'END'\n${text}\nEND\n`);
        chmodSync(file, 0o755);
      }
      const targets = [{ address: "172.16.9.2", ports: [], portsOnly: true, tlsPort: 8443 }];
      const stdout = execFileSync("/bin/sh", { input: trialText(targets), env: { PATH: folder }, encoding: "utf8" });
      for (const name of Object.keys(programs)) rmSync(join(folder, name));
      return parseTrials(stdout, targets)[0]?.certificates;
    }

    const session = (...certificates: string[]) =>
      `CONNECTED(00000003)\n${certificates.map((pem) => ` 0 s:CN = sps\n${pem.trim()}`).join("\n")}\n---\nDONE`;
    const other = CERTIFICATE.replace("MIIB", "MIIC");

    it("reads all certificates that a server sends", () => {
      assert.deepEqual(shown({ openssl: session(CERTIFICATE, other) }), [CERTIFICATE, other]);
      assert.equal(readFileSync(join(folder, "asked"), "utf8"), "s_client -showcerts -connect 172.16.9.2:8443\n");
    });

    it("takes the openssl of Check Point where the one of the system is missing or shows nothing", () => {
      assert.deepEqual(shown({ cpopenssl: session(CERTIFICATE) }), [CERTIFICATE]);
      assert.deepEqual(shown({ openssl: "wrong version number", cpopenssl: session(CERTIFICATE) }), [CERTIFICATE]);
    });

    it("gives the reason where there is none", () => {
      assert.equal(shown({}), "the router has no openssl, or no timeout to limit it");
      assert.equal(shown({ openssl: "connect: Connection refused" }), "no certificate arrives at the router");
    });
  });

  it("is a script that a POSIX shell accepts", () => {
    execFileSync("sh", ["-n"], { input: trialText([{ address: "it's", ports: [22], tlsPort: 443 }]) });
  });
});
