import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { after, afterEach, before, describe, it } from "mocha";
import { LabPair, SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import { LabCertificateAuthority } from "../../lab/common/certificates";
import type { ConnectReport } from "../../provider/diagnosis/connect/report-schema";
import { inspect } from "../../tests/support/inspecting-relay";
import { runCommand } from "../../tests/support/run-command";
import { SiteFile } from "../../tests/support/site-file";
import { connectJsonSchema } from "./schema";

const TOOLS = /NetworkDiagnostics/;

describe("connect command", () => {
  let pair: LabPair;
  let file: SiteFile;
  let sps = "";
  let spp = "";

  before(async () => {
    pair = await LabPair.start({ sps: { opensClusterPort: true } });
    file = new SiteFile(pair);
    await pair.join();
    sps = `sps ${pair.central.sps.endpoint.address}`;
    spp = `spp ${pair.spp.context.options.address}`;
  });
  after(async () => {
    file?.remove();
    await pair?.stop();
  });
  afterEach(() => {
    pair.bench.faults.clear();
    pair.spp.traffic.requests.length = 0;
  });

  const run = (...args: string[]) => runCommand("connect", "--file", file.path, ...args);

  async function reportOf(...args: string[]): Promise<ConnectReport & { code: number }> {
    const { code, out } = await run("--json", ...args);
    const { sites } = JSON.parse(out) as { sites: ConnectReport[] };
    return { code, ...(sites[0] ?? assert.fail("no site")) };
  }

  const resultsFrom = ({ tests }: ConnectReport, from: string) =>
    tests.filter((test) => test.from === from).map(({ to, what, status }) => `${to}: ${what}: ${status}`);

  it("says beforehand what SPP records, and exits with 0 where the network works", async () => {
    const { code, out, error } = await run();
    assert.equal(code, 0, out);
    assert.match(error, /^SPP runs its network tools .* and records that in its\saudit log\./);
    assert.match(out, /^site vienna: the network works\n {2}from this machine\n/);
    assert.match(out, /\(\d+\.\d s\)\n$/);
    for (const secret of [SPS_PASSWORD, SPP_PASSWORD]) assert.ok(!(out + error).includes(secret));
  });

  it("tests ports, packet sizes and certificates from every side, and says what only a web page can", async () => {
    const report = await reportOf();
    const port = pair.spp.port;
    const { port: webPort } = pair.central.sps.endpoint;
    const here = resultsFrom(report, "this machine").filter((result) => !result.includes("packet size"));
    assert.deepEqual(here, [
      `${sps}: tcp ${webPort}: pass`,
      `${sps}: tcp 8649: pass`,
      `${sps}: certificate: pass`,
      `${spp}: tcp ${port}: pass`,
      `${spp}: certificate: pass`,
    ]);
    assert.deepEqual(resultsFrom(report, spp), [
      `${sps}: tcp 8649: pass`,
      `${sps}: packet size: pass`,
      `${sps}: certificate: not checked`,
    ]);
    const bySps = report.tests.filter(({ from }) => from === sps);
    assert.deepEqual(
      bySps.map(({ what, status }) => [what, status]),
      ["tcp 443", "tcp 8649", "packet size", "route", "certificate"].map((what) => [what, "not checked"]),
    );
    assert.match(bySps[0]?.text ?? "", /^no REST call of SPS tries it, and a join through it succeeded at /);
    assert.match(
      bySps[0]?.remedy ?? "",
      /^open Basic Settings > Troubleshooting on sps .* and connect to .*, port 443$/,
    );
  });

  it("runs few tools on SPP, sends no change to any appliance, and runs no tool when not wanted", async () => {
    const { traffic } = pair.spp;
    const ofSps = pair.central.sps.traffic;
    ofSps.requests.length = 0;
    await run();
    const changes = [...ofSps.requests, ...traffic.requests].filter(
      ({ method, path }) => method !== "GET" && !/RSTS|\/Token\/|NetworkDiagnostics/.test(path),
    );
    assert.deepEqual(changes, []);
    const tools = traffic.requests.filter(({ path }) => TOOLS.test(path)).map(({ path }) => path.split("/").at(-1));
    assert.deepEqual(tools, ["Telnet", "Ping", "Ping"]);
    traffic.requests.length = 0;
    const { code, tests } = await reportOf("--no-spp-tools");
    assert.equal(code, 2);
    assert.equal(traffic.count("POST", TOOLS), 0);
    const [test] = tests.filter(({ from }) => from === spp);
    assert.deepEqual([test?.status, test?.remedy], ["not checked", "leave out --no-spp-tools"]);
  });

  for (const [fault, code, text, remedy] of [
    [
      "network-8649-blocked",
      "SG2512",
      /^it cannot be opened, and the same port is open from this machine$/,
      /^allow tcp 8649 from spp \S+ to \S+ on the firewall between spp \S+ and sps \S+$/,
    ],
    [
      "network-no-route",
      "SG2513",
      /^no port and no ping gets an answer, the route ends after 192\.0\.2\.254, and the port is open from this machine$/,
      /^check the routes and filters of 192\.0\.2\.254 and of the next hop$/,
    ],
    [
      "network-narrow",
      "SG2514",
      /^packets of 1400 bytes arrive, and larger ones get lost/,
      /^allow ICMP type 3 code 4/,
    ],
  ] as const) {
    it(`names ${code} for the fault ${fault}`, async () => {
      pair.bench.faults.on(fault);
      const report = await reportOf();
      assert.deepEqual([report.code, report.causes.map((cause) => cause.code)], [1, [code]]);
      const [cause] = report.causes;
      assert.equal(cause?.object, spp);
      assert.match(cause?.text ?? "", text);
      assert.match(cause?.remedy ?? "", remedy);
    });
  }

  it("prints what the published schema accepts, with what proves the certificates", async () => {
    const published = JSON.parse(readFileSync(resolve(__dirname, "../../docs/schemas/connect.json"), "utf8"));
    assert.deepEqual(published, connectJsonSchema());
    const ajv = new Ajv2020({ strict: false });
    addFormats(ajv);
    const accepts = ajv.compile(published);
    const { out } = await run("--json");
    const result = JSON.parse(out) as { sites: ConnectReport[] };
    assert.ok(accepts(result), JSON.stringify(accepts.errors));
    const certificates = result.sites[0]?.tests.flatMap(({ certificate }) => certificate ?? []) ?? [];
    assert.deepEqual(
      certificates.map(({ sha256, provedBy }) => [sha256, provedBy]),
      [pair.central.sps.certificate, pair.spp.certificate].map(({ sha256 }) => [sha256, "ca"]),
    );
    assert.ok(!accepts({ sites: [{ ...result.sites[0], status: "perhaps" }] }));
  });

  describe("with an inspecting proxy in front of SPP", () => {
    let proxy: Awaited<ReturnType<typeof inspect>>;
    let company: LabCertificateAuthority;

    before(async () => {
      company = await LabCertificateAuthority.create("Company Inspection");
      const { address } = pair.spp.context.options;
      const certificate = await company.issue({ commonName: "spp", ipAddresses: [address] });
      proxy = await inspect({ address, port: pair.spp.port }, certificate, { address, port: 0 });
    });
    after(() => proxy?.close());

    async function reportThrough(ca: string) {
      writeFileSync(join(file.folder, "proxy-ca.pem"), ca);
      const site = file.site("vienna", { port: proxy.port, caFile: "proxy-ca.pem" });
      file.write([site]);
      const report = await reportOf();
      file.write([file.site("vienna")]);
      return report;
    }

    it("says between which two points it stands where this machine trusts it", async () => {
      const { code, causes } = await reportThrough(company.certificatePem);
      assert.deepEqual([code, causes.map((cause) => cause.code)], [1, ["SG2515"]]);
      assert.equal(causes[0]?.object, "this machine");
      const { thumbprint } = pair.spp.certificate;
      assert.match(
        causes[0]?.text ?? "",
        new RegExp(`^it sees \\S+, issued by CN=Company Inspection, and SPP uses ${thumbprint} \\(SHA-1\\)$`),
      );
      assert.match(causes[0]?.remedy ?? "", /firewall between this machine and spp \S+, and exempt the appliances/);
    });

    it("names the authority of the proxy where this machine does not trust it, and sends it no password", async () => {
      pair.spp.traffic.requests.length = 0;
      const { code, causes } = await reportThrough(pair.bench.authority.certificatePem);
      assert.deepEqual([code, causes.map((cause) => cause.code)], [1, ["SG1011"]]);
      assert.match(causes[0]?.text ?? "", /"Company Inspection"/);
      assert.match(
        causes[0]?.remedy ?? "",
        /; if a proxy or firewall issued it, exempt spp \S+ from inspection instead$/,
      );
      assert.equal(pair.spp.traffic.count("POST", /./), 0);
    });
  });

  it("takes a tunnel that tells its packet size for no fault", async () => {
    pair.bench.faults.on("network-tunnel");
    const { code, tests } = await reportOf();
    assert.equal(code, 0);
    const size = tests.find(({ from, what }) => from === spp && what === "packet size");
    assert.equal(size?.text, "1400 bytes; the sender is told when a packet is larger");
  });

  it("reports an SPS whose cluster interface is disabled", async () => {
    const { client } = pair.central;
    await client.logIn();
    await client.post("/api/transaction");
    const body = { enabled: false };
    await client.expect(200, client.put("/api/configuration/local_services/cluster", body));
    await client.expect(200, client.commit());
    const { code, causes } = await reportOf();
    await client.logIn();
    await client.enableClusterInterface();
    assert.deepEqual([code, causes.map((cause) => cause.code)], [1, ["SG2511"]]);
    assert.equal(causes[0]?.text, "the cluster interface of SPS is disabled");
  });

  for (const [name, appliance, unread] of [
    ["SPS", "sps", ["list of cluster nodes", "cluster interface"]],
    ["SPP", "spp", ["certificate in use"]],
  ] as const) {
    it(`does not call the network fine where ${name} refuses the login, and says what was not read`, async () => {
      const site = file.site("vienna");
      const connection = site[appliance] as Record<string, unknown>;
      writeFileSync(join(file.folder, "wrong"), "wrong\n");
      file.write([{ ...site, [appliance]: { ...connection, passwordFile: "wrong" } }]);
      const { code, status, causes, tests } = await reportOf();
      file.write([site]);
      assert.deepEqual([code, status, causes], [2, "not known", []]);
      const rows = tests.filter(({ what }) => (unread as readonly string[]).includes(what));
      assert.deepEqual(
        rows.map(({ what }) => what),
        unread,
      );
      for (const { from, to, status: result, text, remedy } of rows) {
        assert.deepEqual([from, to, result], ["this machine", appliance === "sps" ? sps : spp, "not checked"]);
        assert.match(text, /refused|log/);
        assert.notEqual(remedy ?? "", "");
      }
    });
  }

  it("prints one line and exits with 3 when an option is invalid", async () => {
    const { code, out, error } = await run("--seconds", "0");
    assert.deepEqual([code, out], [3, ""]);
    assert.match(error, /^error: Invalid value for --seconds: 0\. Allowed values are: 1 to 600\.\n$/);
  });
});
