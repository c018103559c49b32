import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { LabSite } from "../../../benchmarks/doctor/lab-site";
import { operationContext } from "../../core/context";
import { CheckPointLab } from "../../resources/router-redirection/check-point-lab.test";
import { CiscoLab } from "../../resources/router-redirection/cisco-lab.test";
import { type Site, siteSchema } from "../site/inputs";
import { testConnections } from "./connect";
import type { ConnectReport } from "./report-schema";

type RouterLab = CiscoLab | CheckPointLab;

/** A router whose lab counts what changes it. */
interface Case {
  name: string;
  start(): Promise<RouterLab>;
  /** Additions to the connection. */
  connection?(lab: RouterLab): Record<string, unknown>;
  /** Commands that only look; every other one is a change. */
  looking: RegExp;
  /** Whether it opens TCP connections; only packets are tried otherwise. */
  hasTcp: boolean;
}

const CASES: Case[] = [
  {
    name: "Cisco",
    start: () => CiscoLab.start("connect-cisco", true),
    looking: /^(terminal (length|width|no monitor)|show|ping|traceroute|telnet|disconnect)\b/,
    hasTcp: true,
  },
  {
    name: "Check Point, with expert mode,",
    start: () => CheckPointLab.start("connect-expert", true),
    connection: (lab) => ({ expertPassword: (lab as CheckPointLab).router.device.expertPassword }),
    looking: /^(set clienv rows 0|set config-lock off|expert)$/,
    hasTcp: true,
  },
  {
    name: "Check Point, without expert mode,",
    start: () => CheckPointLab.start("connect-clish", true),
    looking: /^(set clienv rows 0|set config-lock off|ping .*|traceroute .*)$/,
    hasTcp: false,
  },
];

const NO_TCP =
  "Clish opens no TCP connections, and there is no shell: the login shell is Clish, and no router.expertPassword is set";

type Fault = [name: string, make: () => Promise<unknown>, mend: () => Promise<unknown>, code: RegExp, text: RegExp];

/** An SPS behind a further hop, the server of the lab. */
const FAR_SPS = "10.99.0.9";
const HOP = "10.0.0.5";

for (const { name, start, connection, looking, hasTcp } of CASES) {
  describe(`connections of a ${name} router`, function () {
    this.timeout(300_000);
    let site: LabSite;
    let lab: RouterLab;

    before(async () => {
      site = await LabSite.start();
      lab = await start();
    });
    after(async () => {
      await lab?.stop();
      await site?.stop();
    });

    const network = () => lab.network ?? assert.fail("no network");

    async function on(host: "router" | "server" | "sps", script: string): Promise<void> {
      const { status, stderr } = await network().exec(host, ["sh", "-c", script]);
      assert.equal(status, 0, stderr);
    }

    async function examine(parts: Record<string, unknown> = {}, limitSeconds = 60): Promise<ConnectReport> {
      const {
        preview: _preview,
        commitConfirm: _confirm,
        ...raw
      } = lab.raw({
        redirections: [lab.redirection(parts)],
      });
      const inputs = { ...raw, router: { ...(raw.router as object), ...connection?.(lab) } };
      const known = siteSchema.parse(site.site({ routers: [{ name: "edge", ...inputs }] as never })) as Site;
      const report = await testConnections(known, { limitSeconds, asksSpp: false }, operationContext());
      const byRouter = (object: { from?: string; object?: string }) =>
        (object.from ?? object.object)?.startsWith("router ");
      return { ...report, causes: report.causes.filter(byRouter), tests: report.tests.filter(byRouter) };
    }

    const causes = ({ causes: found }: ConnectReport) => found.map(({ code }) => code);
    const results = ({ tests }: ConnectReport) => tests.map(({ what, text }) => `${what}: ${text}`);

    it("tries the port, the packet size and the route to SPS, and enters no command that changes it", async () => {
      const { commands } = lab.router.device;
      const [before, entered] = [lab.running, commands.length];
      const report = await examine();
      const tcp = hasTcp ? "open" : NO_TCP;
      assert.deepEqual(results(report), [`tcp 3389: ${tcp}`, "packet size: 1500 bytes", "route: 172.16.9.2"]);
      assert.deepEqual(causes(report), []);
      assert.equal(lab.running, before);
      assert.ok(commands.length > entered);
      assert.deepEqual(
        commands.slice(entered).filter((command) => !looking.test(command)),
        [],
      );
    });

    it("names the cause of each fault between the router and SPS, and finds none once it is gone", async () => {
      const ofPort: Fault[] = [
        [
          "no connection policy",
          () => network().setRelayServing(false),
          () => network().setRelayServing(true),
          /^SG2511$/,
          /^the connection is refused, so nothing listens there; add a connection policy for port 3389 to SPS/,
        ],
        [
          "a firewall that drops the port",
          () => on("sps", "iptables -I INPUT -p tcp --dport 3389 -j DROP"),
          () => on("sps", "iptables -D INPUT -p tcp --dport 3389 -j DROP"),
          /^SG2512$/,
          /^it gets no answer, although sps 172\.16\.9\.2 answers ping; allow tcp 3389 from router \S+ to 172\.16\.9\.2/,
        ],
        [
          "a firewall that rejects the port",
          () => on("sps", "iptables -I INPUT -p tcp --dport 3389 -j REJECT --reject-with icmp-admin-prohibited"),
          () => on("sps", "iptables -D INPUT -p tcp --dport 3389 -j REJECT --reject-with icmp-admin-prohibited"),
          /^SG2512$/,
          /^there is no route to it, or a firewall rejects it, although sps 172\.16\.9\.2 answers ping; allow tcp 3389/,
        ],
      ];
      const ofPackets: Fault[] = [
        [
          "small packets only",
          () => on("sps", "ip link set sps0 mtu 1400"),
          () => on("sps", "ip link set sps0 mtu 1500"),
          /^SG2514$/,
          /^packets of 1400 bytes arrive, and larger ones get lost without a message to the sender; allow ICMP type 3/,
        ],
      ];
      const ofLink: Fault[] = [
        [
          "a broken link",
          () => network().setLink("sps0", "down"),
          () => network().setLink("sps0", "up"),
          /^SG1010$/,
          /^(there is no route to it|it gets no answer)/,
        ],
      ];
      for (const [fault, make, mend, code, text] of [...(hasTcp ? [...ofPort, ...ofLink] : []), ...ofPackets]) {
        await make();
        const report = await examine();
        await mend();
        const [cause, ...more] = report.causes;
        assert.deepEqual(more, [], fault);
        assert.match(cause?.code ?? "", code, `${fault}: ${results(report)}`);
        assert.match(`${cause?.text}; ${cause?.remedy}`, text, fault);
      }
      assert.deepEqual(causes(await examine()), []);
    });

    if (hasTcp)
      it("names the last hop that answers where a hop has no route, and where it drops all", async () => {
        await on("router", `ip route add ${FAR_SPS} via ${HOP}`);
        // Linux limits its messages far more than routers do.
        await on("server", "cd /proc/sys/net/ipv4 && echo 1 >ip_forward && echo 0 >icmp_ratelimit");
        const ended = [
          "SG2513",
          new RegExp(`, and the route ends after ${HOP.replaceAll(".", "\\.")}$`),
          `check the routes and filters of ${HOP} and of the next hop`,
        ] as const;
        for (const [make, mend] of [
          [`ip route add unreachable ${FAR_SPS}`, `ip route del unreachable ${FAR_SPS}`],
          [`ip route add ${FAR_SPS} via 10.0.0.99 dev srv0`, `ip route del ${FAR_SPS}`],
        ] as const) {
          await on("server", make);
          const report = await examine({ spsAddress: FAR_SPS });
          await on("server", mend);
          const [cause, ...more] = report.causes;
          assert.deepEqual(more, [], make);
          assert.equal(cause?.code, ended[0], `${make}: ${results(report)}`);
          assert.match(cause?.text ?? "", ended[1]);
          assert.equal(cause?.remedy, ended[2]);
        }
        await on("router", `ip route del ${FAR_SPS}`);
      });

    it("takes an interface with a smaller packet size for no fault", async () => {
      await on("router", "ip link set rsps mtu 1400");
      const report = await examine();
      await on("router", "ip link set rsps mtu 1500");
      assert.deepEqual(causes(report), []);
      assert.ok(results(report).includes("packet size: 1400 bytes; the sender is told when a packet is larger"));
    });

    it("ends at its limit, and leaves no connection open", async () => {
      await on("sps", "iptables -I INPUT -j DROP");
      const started = performance.now();
      const report = await examine({}, 2);
      assert.ok(performance.now() - started < 10_000);
      await on("sps", "iptables -D INPUT -j DROP");
      assert.deepEqual(
        report.tests.map(({ status, text }) => [status, text]),
        Array.from({ length: 3 }, () => ["not checked", "time was up after 2 s"]),
      );
      assert.deepEqual(causes(await examine()), []);
    });
  });
}
