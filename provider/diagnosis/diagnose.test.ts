import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { after, afterEach, before, describe, it } from "mocha";
import { LabSite, type SiteOptions } from "../../benchmarks/doctor/lab-site";
import { SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import { diagnose, diagnosisLines, type SiteReport } from "../../sdk/nodejs/diagnose";

describe("diagnosis of a site", () => {
  let lab: LabSite;

  before(async () => {
    lab = await LabSite.start();
  });
  after(async () => {
    await lab.stop();
  });
  afterEach(() => {
    lab.pair.bench.faults.clear();
    lab.pair.central.sps.traffic.clearInjections();
    lab.pair.spp.traffic.clearInjections();
  });

  async function examine(site: SiteOptions = lab.site()): Promise<SiteReport> {
    const { sites } = await diagnose({ sites: [site] });
    assert.ok(sites[0]);
    return sites[0];
  }

  /** A router whose port is closed. */
  function closedRouter(password: string) {
    const traffic = { clientInterfaces: ["eth1"], serverCidrs: ["10.0.1.0/24"], ports: [3389] };
    const redirection = { name: "rdp", ...traffic, spsAddress: "10.0.0.1", spsInterface: "eth0" };
    const router = { address: "127.0.0.1", port: 1, password, insecureSkipVerify: true };
    return { name: "edge", platform: "linux", router, redirections: [redirection] };
  }

  const causes = ({ causes: found }: SiteReport) => found.map(({ check }) => check);

  it("finds nothing wrong with a joined pair and sends only reads besides logins", async () => {
    const { sps, spp } = { sps: lab.pair.central.sps.traffic, spp: lab.pair.spp.traffic };
    const [spsBefore, sppBefore] = [sps.requests.length, spp.requests.length];
    const report = await examine();
    assert.deepEqual([report.status, causes(report)], ["fine", []]);
    assert.deepEqual([...new Set(sps.requests.slice(spsBefore).map(({ method }) => method))], ["GET"]);
    // What a join would overwrite is not asked of a joined node; that takes dozens of requests.
    assert.deepEqual(
      sps.requests.slice(spsBefore).filter(({ path }) => path.startsWith("/api/configuration/telnet")),
      [],
    );
    const writes = spp.requests.slice(sppBefore).filter(({ method }) => method !== "GET");
    const isLogin = (path: string) => /^\/RSTS\/|\/Token\/(LoginResponse|Logout)$/i.test(path);
    assert.deepEqual(
      writes.filter(({ path }) => !isLogin(path)),
      [],
    );
  });

  it("reads an SPP once for all sites with the same connection to it", async () => {
    const { traffic } = lab.pair.spp;
    const logins = () => traffic.requests.filter(({ path }) => /Token\/LoginResponse$/.test(path)).length;
    const loginsBefore = logins();
    const requestsBefore = traffic.requests.length;
    await examine();
    const ofOne = traffic.requests.length - requestsBefore;
    const site = lab.site();
    const { sites } = await diagnose({ sites: ["vienna", "graz", "linz"].map((name) => ({ ...site, name })) });
    assert.deepEqual(
      sites.map(({ status }) => status),
      ["fine", "fine", "fine"],
    );
    assert.deepEqual([logins() - loginsBefore, traffic.requests.length - requestsBefore], [2, 2 * ofOne]);
    // Another account may see other things.
    const other = { ...site, name: "other", spp: { ...site.spp, username: "nobody" } };
    const { sites: both } = await diagnose({ sites: [site, other] });
    assert.deepEqual(
      both.map(({ status }) => status),
      ["fine", "failed"],
    );
  });

  it("names a dead appliance once and folds the rest below it", async () => {
    lab.pair.bench.faults.on("spp-5xx");
    const report = await examine();
    assert.deepEqual([report.status, causes(report)], ["failed", ["spp-reachable"]]);
    assert.equal(report.causes[0]?.explains.length, 13);
    const [headline, first] = diagnosisLines({ sites: [report], shared: [] });
    assert.equal(headline, "site vienna: does not work");
    assert.match(first ?? "", /^ {2}1\. spp \S+: check "SPP answers": it answered 503; .* \[SG2005\]$/);
  });

  it("names two independent faults", async () => {
    lab.pair.bench.faults.on("spp-replica");
    const site = lab.site();
    const report = await examine({ ...site, sps: { ...site.sps, password: "wrong" } });
    assert.deepEqual(causes(report), ["sps-login", "spp-primary"]);
  });

  it("does not let a dead site hold up the others, and shows a shared cause once", async () => {
    const site = lab.site();
    // It accepts connections and never answers.
    const silent = createServer().listen(0, "127.0.60.99");
    await once(silent, "listening");
    const spp = { ...site.spp, address: "127.0.60.99", port: (silent.address() as AddressInfo).port };
    const dead = (name: string) => ({ ...site, name, spp });
    const ended: string[] = [];
    const options = { sites: [dead("alpha"), site, dead("beta")], limitSeconds: 6 };
    const report = await diagnose(options, { onSite: ({ site: name }) => ended.push(name) });
    silent.close();
    assert.equal(ended[0], "vienna");
    assert.deepEqual(
      report.sites.map(({ site: name }) => name),
      ["alpha", "vienna", "beta"],
    );
    assert.deepEqual(
      report.shared.map(({ check, sites }) => [check, sites]),
      [["spp-reachable", ["alpha", "beta"]]],
    );
    const [heading, cause, alpha, above] = diagnosisLines(report);
    assert.equal(heading, "the same in 2 sites (alpha, beta):");
    assert.match(cause ?? "", /^ {2}spp 127\.0\.60\.99: check "SPP answers": .*; \S/);
    assert.deepEqual([alpha, above], ["site alpha: works, but needs attention", "  1. SPP answers: see above"]);
  });

  it("prints no secret of the connections or of the answers", async () => {
    const planted = "hunter2-planted";
    const { modules } = lab.pair.spp.context;
    for (const { row } of modules.all()) Object.assign(row, { PreSharedKey: planted, SpsApiToken: planted });
    const site = lab.site();
    const cases: SiteOptions[] = [
      site,
      { ...site, sps: { ...site.sps, password: planted } },
      { ...site, spp: { ...site.spp, password: planted } },
      { ...site, routers: [closedRouter(planted)] },
    ];
    for (const one of cases) {
      const report = await diagnose({ sites: [one] });
      const text = JSON.stringify(report) + diagnosisLines(report, "all").join("\n");
      for (const secret of [planted, SPS_PASSWORD, SPP_PASSWORD]) assert.ok(!text.includes(secret), secret);
    }
  });

  it("names invalid inputs and sends no request", async () => {
    const site = lab.site();
    const { requests } = lab.pair.central.sps.traffic;
    const count = requests.length;
    const twice = /^TypeError: sites: two of them are named vienna; rename one\.$/;
    await assert.rejects(diagnose({ sites: [site, site] }), twice);
    await assert.rejects(
      diagnose({ sites: [{ ...site, sps: { ...site.sps, port: 0 } }] }),
      /^TypeError: Invalid value for sites\[0\]\.sps\.port: 0\. Allowed values are: 1 to 65535\.$/,
    );
    assert.equal(requests.length, count);
  });

  it("stops when the signal aborts", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(diagnose({ sites: [lab.site()] }, { signal }), /^Error: enough$/);
  });
});
