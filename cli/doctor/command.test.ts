import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "mocha";
import { stringify } from "yaml";
import { LabSite } from "../../benchmarks/doctor/lab-site";
import { SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import { diagnosisReport } from "../../provider/diagnosis/report-schema";
import { runCommand as run } from "../../tests/support/run-command";

const SPS_VARIABLE = "DOCTOR_TEST_SPS_PASSWORD";

describe("doctor command", () => {
  let lab: LabSite;
  let folder: string;
  let file: string;

  before(async () => {
    lab = await LabSite.start();
    lab.pair.central.sps.liveSessions.ssh = 2;
    folder = mkdtempSync(join(tmpdir(), "safeguard-doctor-"));
    file = join(folder, "safeguard.yaml");
    writeFileSync(join(folder, "ca.pem"), lab.pair.bench.authority.certificatePem);
    writeFileSync(join(folder, "spp-password"), `${SPP_PASSWORD}\n`);
    process.env[SPS_VARIABLE] = SPS_PASSWORD;
    const { endpoint } = lab.pair.central.sps;
    const { address, username } = lab.pair.spp.context.options;
    const sps = { ...endpoint, passwordEnv: SPS_VARIABLE, caFile: "ca.pem" };
    const spp = { address, port: lab.pair.spp.port, username, passwordFile: "spp-password", caFile: "ca.pem" };
    const sites = [
      { name: "vienna", sps, spp },
      { name: "graz", sps, spp: { ...spp, port: 1 } },
    ];
    writeFileSync(file, stringify({ sites }));
  });
  after(async () => {
    delete process.env[SPS_VARIABLE];
    rmSync(folder, { recursive: true, force: true });
    await lab.stop();
  });
  afterEach(() => lab.pair.bench.faults.clear());

  it("prints a site that works in a few lines and exits with 0", async () => {
    const { code, out, error } = await run("doctor", "--file", file, "--site", "vienna");
    assert.deepEqual([code, error], [0, ""]);
    const lines = out.trimEnd().split("\n");
    assert.equal(lines[0], "site vienna: works");
    assert.deepEqual(lines.slice(1, 5), [
      "  appliances: 20 of 20 pass",
      "  cluster: 4 of 4 pass",
      "  join: 4 of 4 pass",
      "  traffic: 1 of 1 pass",
    ]);
    assert.match(lines[5] ?? "", /^ {2}29 pass, 0 warn, 0 fail, 0 not checked \(\d+\.\d s\)$/);
  });

  it("tells the sessions that SPS has, and asks for its search page where it has none", async () => {
    const row = async () =>
      (await run("doctor", "--file", file, "--site", "vienna", "--all")).out.match(/^.*sessions pass SPS.*$/m);
    assert.match(String(await row()), /^ {4}pass +sessions pass SPS +2 sessions \(ssh 2\) at this moment$/);
    lab.pair.central.sps.liveSessions.ssh = 0;
    const none = await row();
    lab.pair.central.sps.liveSessions.ssh = 2;
    assert.match(
      String(none),
      /^ {4}not checked +sessions pass SPS +no session at this moment; SPS shows earlier ones at Search$/,
    );
  });

  it("shows every check with --all", async () => {
    const { out } = await run("doctor", "--file", file, "--site", "vienna", "--all");
    assert.equal(out.match(/^ {4}pass +/gm)?.length, 29);
  });

  it("exits with 1 when one of several sites fails, with 2 when one only needs attention", async () => {
    const failed = await run("doctor", "--file", file);
    assert.equal(failed.code, 1);
    assert.match(failed.out, /^site graz: does not work\n {2}1\. spp .*: check "SPP answers": .* \[SG1010\]$/m);
    assert.ok(
      failed.out.includes(`\n     next: npx pulumi-safeguard connect --file ${file} --site graz\n`),
      failed.out,
    );
    lab.pair.bench.faults.on("spp-permissions");
    const warned = await run("doctor", "--file", file, "--site", "vienna");
    assert.equal(warned.code, 2, warned.out);
    assert.match(warned.out, /^site vienna: works, but needs attention$/m);
  });

  it("prints only JSON of the published shape with --json, with the same exit code", async () => {
    const { code, out, error } = await run("doctor", "--file", file, "--json");
    assert.deepEqual([code, error], [1, ""]);
    const report = JSON.parse(out);
    assert.deepEqual(diagnosisReport.parse(report), report);
    assert.deepEqual(
      report.sites.map(({ site, status }: { site: string; status: string }) => [site, status]),
      [
        ["vienna", "fine"],
        ["graz", "failed"],
      ],
    );
  });

  it("writes the report as one HTML page with --html", async () => {
    const page = join(folder, "report.html");
    const { code, out } = await run("doctor", "--file", file, "--html", page);
    assert.equal(code, 1);
    assert.match(out, /^site vienna: works: \d+ pass, /m);
    const text = readFileSync(page, "utf8");
    assert.match(text, /^<!doctype html>\n/);
    assert.match(text, /<h2 id="site-1">graz: <span class="fail">does not work<\/span><\/h2>/);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.endsWith(".part")),
      [],
    );
    const refused = await run("doctor", "--file", file, "--html", join(folder, "none", "report.html"));
    assert.equal(refused.code, 3);
    assert.match(refused.error, /^error: Invalid value for --html: \S+ cannot be written \(ENOENT/);
  });

  it("prints no password", async () => {
    const page = join(folder, "secrets.html");
    for (const more of [["--all"], ["--json"], ["--html", page]]) {
      const { out, error } = await run("doctor", "--file", file, ...more);
      for (const secret of [SPS_PASSWORD, SPP_PASSWORD]) assert.ok(!(out + error).includes(secret));
    }
    for (const secret of [SPS_PASSWORD, SPP_PASSWORD]) assert.ok(!readFileSync(page, "utf8").includes(secret));
  });

  it("prints one line and exits with 3 when an option is invalid", async () => {
    const cases: [given: string[], expected: RegExp][] = [
      [["--site", "linz"], /^error: Invalid value for --site: linz\. Allowed values are: vienna, graz, the sites of /],
      [["--seconds", "0"], /^error: Invalid value for --seconds: 0\. Allowed values are: 1 to 600\.\n$/],
      [
        ["--traffic-seconds", "x"],
        /^error: Invalid value for --traffic-seconds: x\. Allowed values are: 0 to 600\.\n$/,
      ],
      [["--file", join(folder, "none.yaml")], /^error: file .*none\.yaml does not exist; name one with --file/],
    ];
    for (const [given, expected] of cases) {
      const { code, out, error } = await run("doctor", "--file", file, ...given);
      assert.deepEqual([code, out], [3, ""]);
      assert.match(error, expected);
    }
  });
});
