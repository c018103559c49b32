import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { PROBE_FUNCTIONS } from "./probes";

const BUSYBOX = ["/usr/bin/busybox", "/bin/busybox"].find((file) => existsSync(file));
const SHELLS: [string, string[]][] = [
  ["sh", ["sh"]],
  ...(BUSYBOX ? [["busybox", [BUSYBOX, "ash"]] as [string, string[]]] : []),
];

const NO_CONNECTION = { status: 1, said: "no TCP connection" };
const NO_TOOL = { status: 2, said: "no tool for TCP on the router" };

/** Makes of what a probe may use only this much be there. */
function only(...tools: string[]): string {
  return `command() { case "$2" in ${[...tools, "nothing"].join(" | ")}) return 0 ;; *) return 1 ;; esac; }`;
}

for (const [name, [shell = "", ...options]] of SHELLS) {
  describe(`the probes from a router to SPS in ${name}`, () => {
    function run(...lines: string[]): { status: number | null; said: string } {
      const input = [PROBE_FUNCTIONS, ...lines].join("\n");
      const { status, stdout } = spawnSync(shell, [...options, "-s"], { input, encoding: "utf8" });
      return { status, said: stdout.trim() };
    }

    /** What is said of a TCP port by tools that are there, each a shell function. */
    const tcp = (tools: Record<string, string>) =>
      run(
        only(...Object.keys(tools)),
        ...Object.entries(tools).map(([tool, body]) => `${tool}() { ${body}; }`),
        "sps_tcp 192.0.2.1 22",
      );
    const USAGE = 'echo "nc: invalid option" >&2; echo "Usage: nc [IPADDR PORT]" >&2; return 1';
    const timeout = 'shift; "$@"';

    it("accepts the result of an nc that supports the options", () => {
      assert.deepEqual(tcp({ nc: '[ "$*" = "-z -w 2 192.0.2.1 22" ]' }), { status: 0, said: "" });
      assert.deepEqual(tcp({ nc: "return 1", bash: "return 0", timeout }), NO_CONNECTION);
    });

    it("tries the next tool when one lacks the options or does not run", () => {
      assert.deepEqual(tcp({ nc: USAGE, timeout, bash: "return 0" }), { status: 0, said: "" });
      assert.deepEqual(tcp({ nc: USAGE, timeout, bash: 'echo "Connection refused" >&2; return 1' }), NO_CONNECTION);
      assert.deepEqual(tcp({ nc: USAGE, timeout: "return 124", bash: "return 0" }), NO_CONNECTION);
      assert.deepEqual(tcp({ nc: "return 127", bash: "return 0", perl: "return 1" }), NO_CONNECTION, "no timeout");
      const bash = 'echo "/dev/tcp/192.0.2.1/22: No such file or directory" >&2; return 1';
      assert.deepEqual(tcp({ nc: USAGE, timeout, bash, perl: "return 0" }), { status: 0, said: "" });
      assert.deepEqual(tcp({ nc: `case "$1" in -z) ${USAGE} ;; esac; return 1` }), NO_CONNECTION, "nc without -z");
    });

    it("reports an unknown result when no tool works", () => {
      assert.deepEqual(tcp({}), NO_TOOL);
      assert.deepEqual(tcp({ nc: USAGE, perl: "return 2" }), NO_TOOL);
      assert.deepEqual(tcp({ nc: "echo Usage: nc; return 0" }).status, 0, "a banner is no usage error");
      assert.deepEqual(tcp({ nc: "echo usage: nc >&2; return 0" }), NO_TOOL);
    });

    for (const tools of [["timeout", "bash"], ["perl"]]) {
      it(`probes a real port with ${tools.join(" and ")}`, async () => {
        const server = createServer().listen(0, "127.0.0.1");
        await new Promise((resolve) => server.once("listening", resolve));
        const { port } = server.address() as AddressInfo;
        const ask = () => run(only(...tools), `sps_tcp 127.0.0.1 ${port}`);
        assert.deepEqual(ask(), { status: 0, said: "" });
        await closing(server);
        assert.deepEqual(ask(), NO_CONNECTION);
      });
    }

    /** What is said of ARP where ip gives these answers. */
    const arp = (link: string, neighbour: string) =>
      run(
        `ip() { case "$*" in
"link show dev rsps") echo '${link}' ;;
"-4 neigh show 192.0.2.1 dev rsps nud all") echo '${neighbour}' ;;
"-4 neigh show 192.0.2.1 dev rsps") echo '192.0.2.1 lladdr 02:00:00:00:00:01 REACHABLE' ;;
esac; }`,
        "sps_arp 192.0.2.1 rsps",
      );

    it("does not count a static neighbour or an interface without ARP as an answer", () => {
      const up = "2: rsps: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500";
      assert.deepEqual(arp(up, ""), { status: 0, said: "" });
      assert.deepEqual(arp(up, "192.0.2.1 lladdr 02:00:00:00:00:01 STALE"), { status: 0, said: "" });
      const fixed = { status: 2, said: "the neighbour entry is static" };
      assert.deepEqual(arp(up, "192.0.2.1 lladdr 02:00:00:00:00:01 NOARP"), fixed);
      assert.deepEqual(arp(up, "192.0.2.1 lladdr 02:00:00:00:00:01 PERMANENT"), fixed);
      const without = { status: 2, said: "interface rsps uses no ARP" };
      assert.deepEqual(arp("2: rsps: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420", ""), without);
    });

    it("accepts one open port of several, and tells refused ports from unchecked ones", () => {
      const ports = (tools: Record<string, string>) =>
        run(
          only(...Object.keys(tools)),
          ...Object.entries(tools).map(([tool, body]) => `${tool}() { ${body}; }`),
          "sps_tcp 192.0.2.1 22 3389 8080",
        );
      assert.deepEqual(ports({ nc: '[ "$5" = 3389 ]' }), { status: 0, said: "" });
      assert.deepEqual(ports({ nc: "return 1" }), NO_CONNECTION);
      assert.deepEqual(ports({}), NO_TOOL);
    });

    it("probes a host up to three times to tolerate a lost packet", () => {
      const ping = (answers: number) =>
        run(
          `log=$(mktemp); ping() { echo >>"$log"; [ "$(wc -l <"$log")" -ge ${answers} ]; }`,
          only("ping"),
          "sps_host 192.0.2.1; sps_end=$?; rm $log; (exit $sps_end)",
        );
      assert.deepEqual(ping(3), { status: 0, said: "" });
      assert.deepEqual(ping(4), { status: 1, said: "no answer to ping" });
    });

    it("looks up the route of each packet and skips those that a reverse-path filter drops", () => {
      const ip = `ip() { case "$*" in
        *" from 10.1.0.2 "*) echo "10.0.0.1 from 10.1.0.2 via 172.16.9.2 dev s0 table 10302 mark 0x2" ;;
        *" from 10.2.0.2 "*) echo "RTNETLINK answers: Invalid cross-device link" >&2; return 2 ;;
        *) echo "10.0.0.1 from 10.3.0.2 dev lan table main"; esac; }`;
      const decide = (...clients: number[]) => {
        const packets = clients.map((client) => `10.0.0.1 10.${client}.0.2 lan${client}`);
        return run(ip, `sps_decision 172.16.9.2 s0 "mark 0x2" ${packets.join(" ")}`);
      };
      assert.deepEqual(decide(1, 2), { status: 0, said: "" });
      assert.deepEqual(decide(2), { status: 2, said: "a reverse-path filter refuses 10.2.0.2 on lan2" });
      const direct = "the router routes 10.3.0.2 on lan3 elsewhere: 10.0.0.1 from 10.3.0.2 dev lan table main";
      assert.deepEqual(decide(1, 2, 3), { status: 1, said: direct });
    });
  });
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
