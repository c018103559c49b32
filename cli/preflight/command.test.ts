import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { LabPair, SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import { runCommand as run } from "../../tests/support/run-command";
import { SiteFile } from "../../tests/support/site-file";

const SPS_VARIABLE = "PREFLIGHT_TEST_SPS_PASSWORD";
let pair: LabPair;
let folder: string;

/** Arguments of the tool for the pair. */
function args(...more: string[]): string[] {
  const { endpoint } = pair.central.sps;
  const { options } = pair.spp.context;
  return [
    "preflight",
    ...["--sps", `${endpoint.address}:${endpoint.port}`, "--spp", `${options.address}:${pair.spp.port}`],
    ...["--sps-password-env", SPS_VARIABLE, "--spp-password-file", join(folder, "spp-password")],
    ...["--spp-user", options.username, "--ca", join(folder, "ca.pem"), ...more],
  ];
}

describe("preflight command", () => {
  before(async () => {
    pair = await LabPair.start();
    folder = mkdtempSync(join(tmpdir(), "safeguard-preflight-"));
    writeFileSync(join(folder, "ca.pem"), pair.bench.authority.certificatePem);
    writeFileSync(join(folder, "spp-password"), `${SPP_PASSWORD}\n`);
    process.env[SPS_VARIABLE] = SPS_PASSWORD;
  });
  after(async () => {
    delete process.env[SPS_VARIABLE];
    rmSync(folder, { recursive: true, force: true });
    await pair.stop();
  });

  it("prints the report and exits with 0 when no check fails", async () => {
    const { code, out, error } = await run(...args());
    assert.deepEqual([code, error], [0, ""]);
    assert.match(out, /\npreflight: \d+ pass, 0 warn, 0 fail, \d+ not checked \(\d+\.\d s\)\n$/);
  });

  it("prints only JSON with --json and exits with 1 when a check fails", async () => {
    const { code, out, error } = await run(...args("--json", "--cluster-id", "other"));
    assert.deepEqual([code, error], [1, ""]);
    const report = JSON.parse(out);
    assert.equal(report.ok, false);
    assert.deepEqual(
      report.checks
        .filter((check: { status: string }) => check.status === "fail")
        .map((check: { id: string }) => check.id),
      ["sps-cluster-id"],
    );
    assert.ok(report.milliseconds > 0);
  });

  it("takes a site of a file like the other commands, and no connection of its own beside it", async () => {
    const file = new SiteFile(pair);
    try {
      const site = ["preflight", "--file", file.path];
      const { code, out, error } = await run(...site, "--site", "vienna", "--cluster-id", "other", "--json");
      assert.deepEqual([code, error], [1, ""]);
      const failed = JSON.parse(out).checks.filter(({ status }: { status: string }) => status === "fail");
      assert.deepEqual(
        failed.map(({ id }: { id: string }) => id),
        ["sps-cluster-id"],
      );
      assert.equal((await run(...site)).code, 0);
      for (const [given, cause] of [
        [["--sps-sha256", "ab"], "Option --sps-sha256: the site has its own connections"],
        [["--insecure-skip-verify"], "Option --insecure-skip-verify: the site has its own connections"],
        [["--site", "graz"], "Invalid value for --site: graz. Allowed values are: vienna"],
      ] as const) {
        const refused = await run(...site, ...given);
        assert.equal(refused.code, 3);
        assert.ok(refused.error.startsWith(`error: ${cause}`), refused.error);
      }
    } finally {
      file.remove();
    }
  });

  it("prints no password", async () => {
    const outputs = [await run(...args()), await run(...args("--json")), await run(...args("--spp-user", "nobody"))];
    for (const { out, error } of outputs) {
      for (const secret of [SPS_PASSWORD, SPP_PASSWORD]) assert(!(out + error).includes(secret));
    }
  });

  it("reads SAFEGUARD_SPS_PASSWORD and SAFEGUARD_SPP_PASSWORD by default", async () => {
    const without = args("--seconds", "5").filter((_, index) => index < 5 || index > 8);
    const { code, out } = await run(...without);
    assert.equal(code, 1);
    assert.match(out, /FAIL +the SPS account can log in +environment variable SAFEGUARD_SPS_PASSWORD is not set; /);
    assert.match(out, /FAIL +the SPP account can log in +environment variable SAFEGUARD_SPP_PASSWORD is not set; /);
  });

  it("prints one line and exits with 3 when an option is invalid", async () => {
    const cases: [given: string[], expected: RegExp][] = [
      [["preflight", "now"], /^error: too many arguments for 'preflight'.*\. Run it with --help\.\n$/],
      [["preflight", "--spp", "10.0.0.5"], /^error: The option --sps is missing\.\n$/],
      [
        ["preflight", "--sps-pasword-file", "x"],
        /^error: Unknown option --sps-pasword-file\. Did you mean --sps-password-file\?\n$/,
      ],
      [["preflight", "--colour"], /^error: Unknown option --colour\. Run it with --help for its options\.\n$/],
      [["preflight", "--seconds"], /^error: Option --seconds: argument missing\.\n$/],
      [["preflight", "--json=x"], /^error: Option --json: does not take an argument\.\n$/],
      [args("--sps", "10.0.0.1:70000"), /^error: Invalid value for --sps: 70000\. Allowed values are: 1 to 65535\.\n$/],
      [
        args("--spp-sha256", "ab:cd"),
        /^error: Invalid value for --spp-sha256: ab:cd\. Allowed values are: 64 hexadecimal digits, with or without colons\.\n$/,
      ],
      [
        args("--sps-backup", "maybe"),
        /^error: Invalid value for --sps-backup: maybe\. Allowed values are: require, report, skip\.\n$/,
      ],
      [
        args("--ca", join(folder, "spp-password")),
        /^error: Invalid value for --ca: .*spp-password\. Allowed values are: a file with PEM certificates\.\n$/,
      ],
      [args("--seconds", "soon"), /^error: Invalid value for --seconds: soon\. Allowed values are: 1 to 600\.\n$/],
      [
        args("--sps-ca", join(folder, "none.pem")),
        /^error: Invalid value for --sps-ca: file .*none\.pem does not exist\. Correct the path or its rights\.\n$/,
      ],
    ];
    for (const [given, expected] of cases) {
      const { code, out, error } = await run(...given);
      assert.deepEqual([code, out], [3, ""]);
      assert.match(error, expected);
    }
  });

  it("explains every option with --help and gives an example", async () => {
    const { code, out } = await run("preflight", "--help");
    assert.equal(code, 0);
    assert.match(out, /^Usage: pulumi-safeguard preflight /);
    assert.match(
      out,
      /^Examples:\n {2}\$ pulumi-safeguard preflight --site vienna\n {2}\$ pulumi-safeguard preflight --sps /m,
    );
    const options = [...out.matchAll(/^ {2}(--[a-z0-9-]+)( <)?/gm)];
    assert.equal(options.length, 25);
    for (const [, option = "", value] of options) {
      if (["--file", "--stack", "--site"].includes(option)) continue;
      const { error } = await run("preflight", ...(value ? [option, "x"] : [option]));
      assert.match(error, /^error: The option --sp[ps] is missing\.\n$/, option);
    }
  });

  it("exits with 1 when the time limit ends before everything was read", async () => {
    const { traffic } = pair.central.sps;
    traffic.inject({ method: "GET", path: /^\/api\/setup$/, effect: { kind: "delay", milliseconds: 3000 } });
    const { code, error } = await run(...args("--seconds", "1")).finally(() => traffic.clearInjections());
    assert.equal(error, "error: the limit of 1 s ended before everything was read; raise it with --seconds\n");
    assert.equal(code, 1);
  });

  it("exits with 1 under --strict for a warning or a check that was not made", async () => {
    const lenient = await run(...args());
    assert.equal(lenient.code, 0);
    const { code, out, error } = await run(...args("--strict"));
    assert.deepEqual([code, error], [1, "error: --strict: 0 warnings, 2 checks not made\n"], out);
    const strict = await run(...args("--strict", "--cluster-id", pair.central.sps.nodeId));
    assert.deepEqual([strict.code, strict.error], [1, "error: --strict: 0 warnings, 1 check not made\n"]);
  });

  it("exits with 0 under --strict when every check passes", async () => {
    const usual = pair;
    pair = await LabPair.start({
      spp: { roles: ["ApplianceAdmin", "OperationsAdmin", "Auditor"], openAccessRequests: 0 },
    });
    try {
      writeFileSync(join(folder, "other-ca.pem"), pair.bench.authority.certificatePem);
      const options = ["--strict", "--ca", join(folder, "other-ca.pem"), "--cluster-id", pair.central.sps.nodeId];
      const { code, out, error } = await run(...args(...options));
      assert.deepEqual([code, error], [0, ""], out);
    } finally {
      await pair.stop();
      pair = usual;
    }
  });

  it("requires a backup policy of SPS as SppJoin does, unless --sps-backup says otherwise", async () => {
    const { sps } = pair.central;
    sps.setSystemBackup(false);
    try {
      const results = [await run(...args()), await run(...args("--sps-backup", "report"))];
      assert.deepEqual(
        results.map(({ code }) => code),
        [1, 2],
      );
      assert.match(results[0]?.out ?? "", /^FAIL +SPS has a system backup policy +none is set; .* \[SG2206\]$/m);
      assert.match(results[1]?.out ?? "", /^warn +SPS has a system backup policy +none is set/m);
    } finally {
      sps.setSystemBackup(true);
    }
  });

  it("says that the addresses of SPS and SPP are exchanged", async () => {
    const { endpoint } = pair.central.sps;
    const spp = { address: pair.spp.context.options.address, port: pair.spp.port };
    const { code, out } = await run(
      ...args("--spp", `${endpoint.address}:${endpoint.port}`, "--sps", `${spp.address}:${spp.port}`),
    );
    assert.equal(code, 1);
    const sentence = (address: string, kind: string, side: string, errorCode: string) =>
      `${address} is ${kind}; correct ${side}.address: are sps and spp exchanged? [${errorCode}]`;
    assert.ok(out.includes(sentence(spp.address, "an SPP appliance, not SPS", "sps", "SG1012")), out);
    assert.ok(out.includes(sentence(endpoint.address, "an SPS node, not SPP", "spp", "SG2004")), out);
  });
});
