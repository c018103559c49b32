import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, describe, it } from "mocha";
import { LabPair, SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import { preflightFunction } from "../../provider/join/preflight/function";
import { main } from "./cli";
import { preflight, preflightLines } from "./preflight";

const SPS_VARIABLE = "PREFLIGHT_TEST_SPS_PASSWORD";
let pair: LabPair;
let folder: string;

/** The two connections of the pair, as a program writes them. */
function connections() {
  const ca = pair.bench.authority.certificatePem;
  const { options } = pair.spp.context;
  return {
    sps: { ...pair.central.sps.endpoint, passwordEnv: SPS_VARIABLE, ca },
    spp: { address: options.address, port: pair.spp.port, username: options.username, password: SPP_PASSWORD, ca },
  };
}

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

async function run(...given: string[]): Promise<{ code: number; out: string; error: string }> {
  const said = { out: "", error: "" };
  const output = {
    out(text: string) {
      said.out += text;
    },
    error(text: string) {
      said.error += text;
    },
  };
  return { code: await main(given, output), ...said };
}

function withPair(): void {
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
}

describe("preflight function", () => {
  withPair();

  it("passes a correct join with plain and referenced credentials", async () => {
    const report = await preflight(connections());
    assert.equal(report.ok, true);
    assert.equal(report.checks.length, 29);
    assert.deepEqual(preflightFunction.outputs.parse(report), report);
    assert.match(
      preflightLines(report).at(-1) ?? "",
      /^preflight: \d+ pass, 0 warn, 0 fail, \d+ not checked \(\d+\.\d s\)$/,
    );
  });

  it("checks clusterId and runs the port test when asked to", async () => {
    const clusterId = pair.central.sps.nodeId;
    const { checks, notes } = await preflight({ ...connections(), clusterId, diagnostics: true });
    assert.equal(checks.find(({ id }) => id === "sps-cluster-id")?.status, "pass");
    assert.match(notes.find(({ id }) => id === "ports")?.text ?? "", /^SPP tried /);
  });

  it("names invalid arguments and sends no request", async () => {
    const { requests } = pair.central.sps.traffic;
    const count = requests.length;
    const { sps, spp } = connections();
    await assert.rejects(
      preflight({ sps: { ...sps, port: 70000 }, spp: { ...spp, address: "2001:db8::1" } }),
      new TypeError(
        "Invalid value for sps.port: 70000. Allowed values are: 1 to 65535. " +
          "Invalid value for spp.address: 2001:db8::1. Allowed values are: an IPv4 address or a host name (IPv6 is not supported).",
      ),
    );
    assert.equal(requests.length, count);
  });

  it("stops when the signal aborts", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await assert.rejects(preflight(connections(), { signal }), /^Error: enough$/);
  });
});

describe("preflight command", () => {
  withPair();

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

  it("prints one line and exits with 2 when an option is invalid", async () => {
    const cases: [given: string[], expected: RegExp][] = [
      [["postflight"], /^error: Invalid value for the command: postflight\. Allowed values are: preflight\.\n$/],
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
      assert.deepEqual([code, out], [2, ""]);
      assert.match(error, expected);
    }
  });

  it("explains every option with --help", async () => {
    const { code, out } = await run("--help");
    assert.equal(code, 0);
    assert.match(out, /^Usage: pulumi-safeguard preflight /);
    const options = [...out.matchAll(/^ {2}(--[a-z0-9-]+)( [A-Z])?/gm)];
    assert.equal(options.length, 24);
    for (const [, option = "", value] of options.filter(([, name = ""]) => !["--help", "--version"].includes(name))) {
      const { error } = await run("preflight", ...(value ? [option, "x"] : [option]));
      assert.match(error, /^error: The option --sp[ps] is missing\.\n$/, option);
    }
    assert.equal((await run()).code, 2);
  });

  it("prints the version of the package with --version", async () => {
    const { version } = JSON.parse(readFileSync(resolve(__dirname, "../../package.json"), "utf8"));
    assert.deepEqual(await run("--version"), { code: 0, out: `${version}\n`, error: "" });
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
        [1, 0],
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

  it("runs as a standalone program without the Pulumi SDK", () => {
    const program = resolve(__dirname, "cli.ts");
    const loader = ["--import", "tsx"];
    const help = execFileSync(process.execPath, [...loader, program, "--help"], { encoding: "utf8" });
    assert.match(help, /^Usage: /);
    const listing = `require(${JSON.stringify(program)}); console.log(Object.keys(require.cache).filter((file) => /@pulumi|commander/.test(file)).length)`;
    const { stdout, stderr } = spawnSync(process.execPath, [...loader, "-e", listing], { encoding: "utf8" });
    assert.equal(stdout.trim(), "0", stderr);
  });
});
