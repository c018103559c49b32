import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { line, SHELLS } from "./shells.test";
import { type AwaitedClients, awaitingText, notingFlows } from "./traffic-script";

/** What is awaited: two ranges of ports and of servers. */
const RDP: AwaitedClients = {
  redirection: "rdp",
  mark: 2,
  ports: "22 22 3300 3399",
  servers: "167772160 167772415 184549376 184549376",
};

const WITHOUT_TOOL = 'command() { case "$2" in conntrack) return 1 ;; esac; }\ncat() { return 1; }';

for (const [name, [shell = "", ...options], setting] of SHELLS) {
  describe(`the traffic script in ${name}`, () => {
    let folder = "";
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "traffic-"));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    function run(text: string, tracked: readonly string[]): { status: number | null; said: string } {
      writeFileSync(join(folder, "tracked"), tracked.map((one) => `${one}\n`).join(""));
      const tool = `conntrack() { echo "$*" >>${folder}/asked; cat ${folder}/tracked; }`;
      const input = `sps_guard=${folder}\n${setting}\n${tool}\n${text}`;
      const { status, stdout, stderr } = spawnSync(shell, [...options, "-s"], { input, encoding: "utf8" });
      assert.equal(stderr, "");
      return { status, said: stdout.trim() };
    }

    /** What is said of connections of now, where `before` were there when the rules came. */
    function judge(before: readonly string[], now: readonly string[], more = "", counted = "0"): string {
      run(notingFlows([2]), before);
      const { status, said } = run(`${awaitingText([RDP], 0)}\nsps_traffic rdp true ${counted} rcli ${more}`, now);
      return `${status} ${said}`.trim();
    }

    const NOBODY = "2 no client has connected since";

    it("accepts only a new connection that is answered as proof", () => {
      assert.equal(judge([], [line(5000)]), "0");
      assert.equal(judge([line(4000)], [line(4000), line(5000)]), "0");
      assert.equal(judge([line(4000)], [line(4000)]), NOBODY, "one of before");
      assert.equal(judge([], [line(5000, { mark: 3 })]), NOBODY, "another mark");
      assert.equal(judge([], [line(5000, { mark: 0x4202 })]), "0", "bits of others in the mark");
      assert.equal(judge([], [line(5000, { to: 3400 })]), NOBODY, "another port");
      assert.equal(judge([], [line(5000, { server: "10.0.1.0" })]), NOBODY, "another server");
      assert.equal(judge([], [line(5000, { server: "11.0.0.0" })]), "0", "the last server of the second range");
      assert.equal(judge([], [`ipv4     2 ${line(5000)}`]), "0", "as /proc/net/nf_conntrack has it");
      assert.equal(judge([], [`ipv6     10 ${line(5000)}`, line(5000).replace("tcp ", "udp ")]), NOBODY);
    });

    it("counts an answer only when the router sends packets to SPS", () => {
      run(notingFlows([2]), []);
      const judged = (functions: string, decision: string, now: readonly string[]) => {
        const { status, said } = run(
          `${functions}\n${awaitingText([RDP], 0)}\nsps_traffic rdp ${decision} 0 "rcli lan"`,
          now,
        );
        return `${status} ${said}`;
      };
      const home = (device: string) =>
        `ip() { echo "192.168.50.10 dev ${device} src 192.168.50.1"; }\ntold() { echo "$*"; return 1; }`;
      const said = (device: string) => judged(home(device), "'told \"mark 2\"'", [line(4999), line(5000)]);
      const told = (packets: string) => `1 a client was answered, but mark 2 ${packets}`;
      assert.equal(said("lan"), told("10.0.0.5 192.168.50.10 lan"), "the interface of this client");
      assert.equal(said("rsrv"), told("10.0.0.5 192.168.50.10 rcli 10.0.0.5 192.168.50.10 lan"), "any of them");
      assert.equal(judged("", "false", []), NOBODY);
      const unknown = "unknown() { echo nobody knows; return 2; }";
      assert.equal(judged(unknown, "unknown", [line(5000)]), "2 a client was answered, but nobody knows");
    });

    it("finds clients of all redirections in one listing, less often as the wait grows", () => {
      run(notingFlows([]), []);
      rmSync(join(folder, "asked"));
      const all = [RDP, { ...RDP, redirection: "ssh", ports: "22 22" }, { ...RDP, redirection: "web", mark: 3 }];
      const asks = "for of in rdp ssh web; do sps_traffic $of true 0 rcli; echo $?; done";
      const now = [line(5000), line(5001, { to: 22 }), line(5002, { mark: 3, isAnswered: false })];
      const { said } = run(
        `sleep() { echo "sleep $1" >>${folder}/asked; command sleep $1; }\n${awaitingText(all, 1)}\n${asks}`,
        now,
      );
      assert.equal(said, "0\n0\nunanswered connections of clients: 1\n1");
      const asked = readFileSync(join(folder, "asked"), "utf8").trim().split("\n");
      assert.deepEqual(asked.slice(0, 5), [
        "-L -f ipv4 -p tcp",
        "sleep 0.1",
        "-L -f ipv4 -p tcp",
        "sleep 0.2",
        "-L -f ipv4 -p tcp",
      ]);
      assert.ok(asked.length <= 11, asked.join("\n"));
      rmSync(join(folder, "asked"));
      run(awaitingText(all.slice(0, 2), 5), now);
      assert.equal(readFileSync(join(folder, "asked"), "utf8"), "-L -f ipv4 -p tcp -m 2/255\n", "all are answered");
    });

    it("reports a failure for connections that stay unanswered for over a second", () => {
      const started = Date.now();
      const unanswered = line(5000, { isAnswered: false });
      assert.equal(judge([], [unanswered]), "1 unanswered connections of clients: 1");
      assert.ok(Date.now() - started >= 900, `${Date.now() - started} ms`);
      assert.equal(judge([], [unanswered, line(5001)]), "0", "one is answered");
      assert.equal(judge([unanswered], [line(5000)]), NOBODY, "tried through the rules of before");
    });

    it("reports a failure for counted packets without a connection", () => {
      writeFileSync(
        join(folder, "iptables"),
        "      7      420 CONNMARK  tcp  --  rcli *  0.0.0.0/0 10.0.0.0/24  /* sps:rdp:client */ CONNMARK xset 0x2/0xff\n      9      9 MARK all -- * * /* sps:rdp:restore */\n",
      );
      writeFileSync(
        join(folder, "nft"),
        '\t\tiifname "rcli" counter packets 5 bytes 300 ct mark set 2 comment "sps:rdp:client"\n\t\tcounter packets 9 bytes 9 meta mark set 2 comment "sps:rdp:restore"\n',
      );
      const taken = (packets: number) =>
        `1 redirected packets that open connections: ${packets}, and none was answered`;
      assert.equal(judge([], [], `cat ${folder}/iptables`, "4"), taken(3));
      assert.equal(judge([], [], `cat ${folder}/nft`, "4"), taken(1));
      assert.equal(judge([], [], `cat ${folder}/iptables`, "7"), NOBODY);
      assert.equal(judge([], [line(5000)], `cat ${folder}/iptables`, "4"), "0");
    });

    it("reports an unknown result where connections are not listed", () => {
      const unlisted = "2 the router does not list its tracked connections";
      run(`${WITHOUT_TOOL}\n${notingFlows([2])}`, []);
      assert.equal(existsSync(join(folder, "flows")), false);
      const probe = `${awaitingText([RDP], 0)}\nsps_traffic rdp true 0 rcli`;
      const { status, said } = run(probe, [line(5000)]);
      assert.equal(`${status} ${said}`, unlisted);
      writeFileSync(join(folder, "flows"), "");
      const later = run(`${WITHOUT_TOOL}\n${probe}`, [line(5000)]);
      assert.equal(`${later.status} ${later.said}`, unlisted);
    });

    it("lists only marked connections, or all connections", () => {
      run(notingFlows([2, 3]), [line(4000)]);
      run(notingFlows([]), []);
      assert.deepEqual(readFileSync(join(folder, "asked"), "utf8").trim().split("\n"), [
        "-L -f ipv4 -p tcp -m 2/255",
        "-L -f ipv4 -p tcp -m 3/255",
        "-L -f ipv4 -p tcp",
      ]);
    });
  });
}
