import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { LabSite } from "../../../benchmarks/doctor/lab-site";
import { operationContext } from "../../core/context";
import { type Site, siteSchema } from "../site/inputs";
import { testConnections } from "./connect";
import type { ConnectReport } from "./report-schema";

describe("connections of a router", function () {
  this.timeout(120_000);
  let lab: LabSite;

  before(async () => {
    lab = await LabSite.start({}, "connect");
  });
  after(async () => {
    await lab?.stop();
  });

  async function examine(): Promise<ConnectReport> {
    const site = siteSchema.parse(lab.site()) as Site;
    const report = await testConnections(site, { limitSeconds: 60, asksSpp: false }, operationContext());
    const byRouter = (object: { from?: string; object?: string }) =>
      (object.from ?? object.object)?.startsWith("router ");
    return { ...report, causes: report.causes.filter(byRouter), tests: report.tests.filter(byRouter) };
  }

  const causes = (report: ConnectReport) => report.causes.map(({ code }) => code);
  const results = ({ tests }: ConnectReport) => tests.map(({ what, text }) => `${what}: ${text}`);
  const onSps = async (script: string) => {
    const { status, stderr } = (await lab.router?.network.exec("sps", ["sh", "-c", script])) ?? assert.fail();
    assert.equal(status, 0, stderr);
  };

  it("tries the port, the packet size and the route to SPS, and changes nothing on the router", async () => {
    const before = await lab.router?.snapshot();
    const report = await examine();
    assert.deepEqual(results(report), ["tcp 3389: open", "packet size: 1500 bytes", "route: 172.16.9.2"]);
    assert.deepEqual(causes(report), []);
    assert.equal(await lab.router?.snapshot(), before);
  });

  it("names the cause of each fault between the router and SPS, and finds none once it is gone", async () => {
    const { network, run } = { network: lab.router?.network, run: lab.router?.run.bind(lab.router) };
    assert.ok(network && run);
    const drop = "OUTPUT -o rsps -p tcp --dport 3389 -j DROP";
    const faults: [
      name: string,
      fault: () => Promise<unknown>,
      mend: () => Promise<unknown>,
      code: string,
      text: RegExp,
    ][] = [
      [
        "no connection policy",
        () => network.setRelayServing(false),
        () => network.setRelayServing(true),
        "SG2511",
        /^the connection is refused, so nothing listens there$/,
      ],
      [
        "a firewall",
        () => run(`iptables -I ${drop}`),
        () => run(`iptables -D ${drop}`),
        "SG2512",
        /^it gets no answer, although sps 172\.16\.9\.2 answers ping$/,
      ],
      [
        "small packets only",
        () => onSps("ip link set sps0 mtu 1400"),
        () => onSps("ip link set sps0 mtu 1500"),
        "SG2514",
        /^packets of 1400 bytes arrive/,
      ],
      [
        "a broken link",
        () => network.setLink("sps0", "down"),
        () => network.setLink("sps0", "up"),
        "SG1010",
        /^(there is no route to it|it gets no answer)/,
      ],
    ];
    for (const [name, fault, mend, code, text] of faults) {
      await fault();
      const report = await examine();
      await mend();
      assert.deepEqual(causes(report), [code], `${name}: ${results(report)}`);
      assert.match(report.causes[0]?.text ?? "", text);
    }
    assert.deepEqual(causes(await examine()), []);
  });

  it("takes an interface with a smaller packet size for no fault", async () => {
    await lab.router?.run("ip link set rsps mtu 1400");
    const report = await examine();
    await lab.router?.run("ip link set rsps mtu 1500");
    assert.deepEqual(causes(report), []);
    assert.ok(results(report).includes("packet size: 1400 bytes; the sender is told when a packet is larger"));
  });
});
