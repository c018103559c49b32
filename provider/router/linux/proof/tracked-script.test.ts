import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { line, SHELLS } from "./shells.test";
import { parseTracked, trackedText } from "./tracked";

const SCRIPT = trackedText([{ first: 3300, last: 3399 }], ["10.0.0.0/24"]);

/** The interface towards each client; the router has no route to 192.168.9.0/24. */
const LOOKUP = `ip() {
  echo "$4" >>"$folder/lookups"
  case "$4" in 192.168.9.*) return 2 ;; *) echo "$4 dev eth1 src 192.168.50.1 uid 0" ;; esac
}`;

for (const [name, [shell = "", ...options], setting] of SHELLS) {
  describe(`the listing of tracked connections in ${name}`, () => {
    let folder = "";
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "tracked-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function listed(tracked: readonly string[], tool = `conntrack() { cat ${folder}/tracked; }`) {
      writeFileSync(join(folder, "tracked"), tracked.map((one) => `${one}\n`).join(""));
      const input = [`folder=${folder}`, setting, LOOKUP, tool, SCRIPT].join("\n");
      const { stdout, stderr } = spawnSync(shell, [...options, "-s"], { input, encoding: "utf8" });
      assert.equal(stderr, "");
      return parseTracked(stdout);
    }

    const CLIENT = { client: "192.168.50.10", server: "10.0.0.5", port: 3389, device: "eth1" };

    it("finds the one that matches among a hundred thousand others", () => {
      const others = Array.from({ length: 100_000 }, (_, at) =>
        line(at % 65_536, { to: at % 2 ? 443 : 3389, server: "10.0.1.9" }),
      );
      assert.deepEqual(listed([...others, line(5000, { mark: 0 })]), [{ ...CLIENT, mark: 0, count: 1 }]);
    });

    it("counts by client, server, port and mark, also what a flow table forwards, and nothing that is closed", () => {
      const offloaded = line(5003).replace(" 431999 ESTABLISHED", "").replace("[ASSURED]", "[OFFLOAD]");
      const closed = line(5004).replace("ESTABLISHED", "TIME_WAIT");
      assert.deepEqual(listed([line(5000), line(5001), offloaded, closed, line(5005, { isAnswered: false })]), [
        { ...CLIENT, mark: 2, count: 3 },
      ]);
    });

    it("looks up the clients of unmarked connections first, two hundred at most", () => {
      const client = (at: number) => `192.168.${50 + Math.floor(at / 250)}.${at % 250}`;
      const marked = Array.from({ length: 400 }, (_, at) => line(5000, { client: client(at) }));
      const found = listed([...marked, line(5000, { client: "192.168.99.1", mark: 0 })]) ?? [];
      assert.equal(found.find((one) => one.mark === 0)?.device, "eth1");
      assert.deepEqual([found.length, found.filter(({ device }) => device !== undefined).length], [401, 200]);
    });

    it("tells a client that the router does not reach from one that it did not look up", () => {
      assert.deepEqual(
        listed([line(5000, { client: "192.168.9.9" })])?.map(({ device }) => device),
        [""],
      );
    });

    it("knows nothing where neither the tool nor the kernel lists connections", () => {
      const none = 'command() { case "$2" in conntrack) return 1 ;; esac; }\ncat() { return 1; }';
      assert.equal(listed([], none), undefined);
      assert.deepEqual(listed([]), []);
    });
  });
}
