import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { LabSite } from "../../benchmarks/doctor/lab-site";
import { diagnose, type SiteReport } from "../../sdk/nodejs/diagnose";

describe("diagnosis of a router", function () {
  this.timeout(60_000);
  let lab: LabSite;

  before(async () => {
    lab = await LabSite.start({}, "doctor");
  });
  after(async () => {
    await lab.stop();
  });

  async function examine(): Promise<SiteReport> {
    const { sites } = await diagnose({ sites: [lab.site()], trafficSeconds: 1 });
    assert.ok(sites[0]);
    return sites[0];
  }

  const causes = ({ causes: found }: SiteReport) => found.map(({ check }) => check);
  const check = (report: SiteReport, id: string) => report.checks.find((one) => one.id === id);

  it("proves that clients pass SPS while they connect, and changes nothing on the router", async () => {
    assert.ok(lab.router);
    const before = await lab.router.snapshot();
    const report = await lab.router.whileConnecting(examine);
    assert.deepEqual([report.status, causes(report)], ["fine", []]);
    assert.match(check(report, "traffic:edge/rdp")?.text ?? "", /^\d+ packets went to SPS within 1 s$/);
    assert.equal(check(report, "open:edge/rdp")?.status, "pass");
    assert.equal(await lab.router.snapshot(), before);
  });

  it("tells sessions that begin from packets of a session that began before", async () => {
    const { router } = lab;
    assert.ok(router);
    const watched = async () => {
      const { sites } = await diagnose({ sites: [lab.site()], trafficSeconds: 1, sessionSeconds: 1 });
      const found = sites[0] && [check(sites[0], "traffic:edge/rdp"), check(sites[0], "sps-new-sessions")];
      return (found ?? []).map((one) => `${one?.status}: ${one?.text.replace(/^\d+/, "N")}`);
    };
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    let isOver = false;
    const pinging = (async () => {
      while (!isOver) await session.ping();
    })();
    const old = await watched();
    isOver = true;
    await pinging;
    await session.close();
    assert.deepEqual(old, ["pass: N packets went to SPS within 1 s", "not checked: no new session within 1 s"]);
    const fresh = await router.whileConnecting(watched);
    assert.deepEqual(fresh, ["pass: N packets went to SPS within 1 s", "pass: N new sessions within 1 s"]);
  });

  it("tells open connections that go to SPS from those that were opened past it", async () => {
    const { router } = lab;
    assert.ok(router);
    const open = async () => {
      const found = check(await examine(), "open:edge/rdp");
      return `${found?.status}: ${found?.text}`;
    };
    assert.equal(await open(), "pass: none is open");
    const recorded = await router.network.openFromClient("10.0.0.5", 3389);
    assert.equal(await open(), "pass: 1 open connection is marked for SPS");
    await recorded.close();
    await router.run("iptables -t mangle -F PREROUTING");
    const direct = await router.network.openFromClient("10.0.0.5", 3389);
    await router.run('iptables -t mangle -A PREROUTING -m comment --comment "sps:rdp" -j SPS-R-rdp');
    assert.match(await open(), /^warn: 1 open connection goes past SPS, such as [\d.]+ to 10\.0\.0\.5:3389$/);
    await direct.close();
    assert.equal(await open(), "pass: none is open");
  });

  it("names each fault of the router as the first cause", async () => {
    const { router } = lab;
    assert.ok(router);
    const faults: [fault: () => Promise<unknown>, mend: () => Promise<unknown>, cause: string, code: string][] = [
      [
        () => router.network.setRelayServing(false),
        () => router.network.setRelayServing(true),
        "router-path:edge",
        "SG2505",
      ],
      [
        () => router.run("iptables -t mangle -F PREROUTING"),
        () => router.run('iptables -t mangle -A PREROUTING -m comment --comment "sps:rdp" -j SPS-R-rdp'),
        "router-rules:edge",
        "SG2504",
      ],
      [
        () => router.network.setLink("sps0", "down"),
        () => router.network.setLink("sps0", "up"),
        "router-path:edge",
        "SG2505",
      ],
      [() => router.network.stopSshd(), () => router.network.startSshd(), "router-login:edge", "SG3001"],
    ];
    for (const [fault, mend, cause, code] of faults) {
      await fault();
      const report = await examine();
      assert.equal(causes(report)[0], cause, JSON.stringify(report.causes));
      assert.equal(check(report, cause)?.code, code);
      assert.equal(check(report, "traffic:edge/rdp")?.because, cause);
      await mend();
    }
  });

  it("names a rule of another program that drops the traffic", async () => {
    assert.ok(lab.router);
    await lab.router.run("iptables -I FORWARD -o rsps -p tcp --dport 3389 -j DROP");
    const report = await examine();
    assert.equal(causes(report)[0], "router-obstacles:edge");
    assert.match(check(report, "router-obstacles:edge")?.text ?? "", /drops packets of redirection rdp/);
    await lab.router.run("iptables -D FORWARD -o rsps -p tcp --dport 3389 -j DROP");
  });
});
