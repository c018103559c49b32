import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, beforeEach, describe, it } from "mocha";
import { LabPair, SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import { runCommand } from "../../tests/support/run-command";
import { SiteFile } from "../../tests/support/site-file";
import { main } from "../main";

const BUNDLES = "/api/troubleshooting/support-bundle";

interface Result {
  leftOut: string[];
  bundles: { appliance: string; path: string; bytes: number; sha256: string }[];
  failures: { appliance: string; reason: string }[];
}

/** A port that is free on all addresses of this machine. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "0.0.0.0");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe("support-bundle command", () => {
  let pair: LabPair;
  let file: SiteFile;
  let folder = "";

  before(async () => {
    // Nodes of a cluster have the same port.
    pair = await LabPair.start({ members: 1, speed: 200, sps: { port: await freePort() } });
    file = new SiteFile(pair);
  });
  after(async () => {
    file?.remove();
    await pair?.stop();
  });
  beforeEach(() => {
    if (folder !== "") rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(file.folder, "bundles-"));
    pair.central.sps.traffic.clearInjections();
    pair.central.sps.traffic.requests.length = 0;
  });

  const run = (...args: string[]) => runCommand("support-bundle", "--file", file.path, "--folder", folder, ...args);

  async function resultOf(...args: string[]): Promise<Result & { code: number }> {
    const { code, out } = await run("--json", ...args);
    return { code, ...(JSON.parse(out) as Result) };
  }

  it("saves whole archives of both appliances and removes that of SPS from the node", async () => {
    const { code, out, error } = await run("--log-days", "1");
    assert.equal(code, 0, out + error);
    assert.match(error, /they record it in their audit\slogs/);
    const [sps = "", spp = ""] = ["tar.gz", "zip"].map((end) => readdirSync(folder).find((name) => name.endsWith(end)));
    assert.deepEqual(out.match(/(?<=^left out: ).*/gm), [
      "the other nodes of the SPS cluster (--members)",
      "event logs of the operating system of SPP (--event-logs)",
      "logs of SPP from before the last 2 days (--log-days)",
    ]);
    assert.equal(readdirSync(folder).length, 2);
    assert.match(sps, /^vienna-sps-[\d.]+-\d{8}T\d{9}Z\.tar\.gz$/);
    for (const name of [sps, spp]) {
      const path = join(folder, name);
      const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
      assert.ok(out.includes(`${path}, 0.0 MB, SHA-256 ${sha256}`), out);
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }
    assert.match(execFileSync("tar", ["tzf", join(folder, sps)], { encoding: "utf8" }), /messages\.log/);
    assert.match(readFileSync(join(folder, spp), "latin1"), /QuickGlance\.txt/);
    const { traffic } = pair.central.sps;
    const counts = ["POST", "DELETE"].map((method) => traffic.count(method, /support-bundle/));
    assert.deepEqual(counts, [1, 1]);
    for (const secret of [SPS_PASSWORD, SPP_PASSWORD]) assert.ok(!(out + error).includes(secret));
  });

  it("saves bundles of the other nodes too when asked to", async () => {
    const { code, bundles, leftOut } = await resultOf("--members", "--event-logs");
    assert.deepEqual([code, leftOut], [0, []]);
    assert.deepEqual(bundles.map(({ appliance }) => appliance.slice(0, 3)).sort(), ["spp", "sps", "sps"]);
    assert.equal(new Set(bundles.map(({ path }) => path)).size, 3);
  });

  it("loads again a bundle whose download breaks, and asks for no second one", async () => {
    const { traffic } = pair.central.sps;
    traffic.inject({ method: "GET", path: /download$/, effect: { kind: "cut-after" } });
    const { code, bundles } = await resultOf();
    assert.deepEqual([code, bundles.length], [0, 2]);
    assert.deepEqual([traffic.count("POST", BUNDLES), traffic.count("GET", /download$/)], [1, 2]);
  });

  it("leaves nothing behind when SPS sends something else, and saves that of SPP", async () => {
    const { traffic } = pair.central.sps;
    traffic.inject({ method: "GET", path: /download$/, times: 3, effect: { kind: "status", status: 200 } });
    const { code, bundles, failures } = await resultOf();
    assert.deepEqual([code, bundles.map(({ appliance }) => appliance.slice(0, 3))], [1, ["spp"]]);
    assert.match(
      failures[0]?.reason ?? "",
      /: save support bundle: it is not a complete gzip archive \(.+\); .+ \[SG1021\]$/,
    );
    assert.equal(readdirSync(folder).length, 1);
    assert.equal(traffic.count("DELETE", /support-bundle/), 1);
  });

  it("leaves alone the bundle of someone else, and replaces it when asked to", async () => {
    await pair.central.client.logIn();
    await pair.central.client.post(BUNDLES);
    const { traffic } = pair.central.sps;
    traffic.requests.length = 0;
    const refused = await resultOf();
    assert.equal(refused.code, 1);
    assert.match(
      refused.failures[0]?.reason ?? "",
      /a support bundle is (being made|there) already; .*--replace \[SG1019\]$/,
    );
    assert.equal(traffic.count("POST", BUNDLES) + traffic.count("DELETE", /support-bundle/), 0);
    const isFinished = async () => JSON.stringify((await pair.central.client.get(BUNDLES)).body).includes("finished");
    while (!(await isFinished())) await pause(20);
    const later = await resultOf();
    assert.match(later.failures[0]?.reason ?? "", /a support bundle is there already; .*--replace \[SG1019\]$/);
    const { code, bundles } = await resultOf("--replace");
    assert.deepEqual([code, bundles.length], [0, 2]);
  });

  it("waits while SPP makes a bundle for someone else", async () => {
    const { traffic } = pair.spp;
    const count = traffic.count("GET", /SupportBundle$/);
    traffic.inject({ method: "GET", path: /SupportBundle$/, effect: { kind: "status", status: 429 } });
    const { code, bundles } = await resultOf();
    assert.deepEqual([code, bundles.length, traffic.count("GET", /SupportBundle$/) - count], [0, 2, 2]);
  });

  it("says when the bundle stays on SPS, after another login has not helped", async () => {
    const { traffic } = pair.central.sps;
    traffic.inject({ method: "DELETE", path: /support-bundle/, effect: { kind: "status", status: 401 } });
    assert.equal((await resultOf()).code, 0, "one expired session is no reason");
    traffic.inject({ method: "DELETE", path: /support-bundle/, times: 2, effect: { kind: "status", status: 401 } });
    const { code, out } = await run();
    assert.equal(code, 2);
    assert.match(out, /^sps \S+: the bundle stays on the node, which removes it after 24 hours: /m);
    assert.equal((await resultOf("--replace")).code, 0);
  });

  it("blames the file, not the connection, when it cannot write, and loads once", async () => {
    const { traffic } = pair.central.sps;
    const effect = { kind: "call", when: "before", run: () => rmSync(folder, { recursive: true }) } as const;
    traffic.inject({ method: "GET", path: /download$/, effect });
    const { code, failures } = await resultOf();
    mkdirSync(folder, { recursive: true });
    assert.equal(code, 1);
    const failure = failures.find(({ appliance }) => appliance.startsWith("sps"));
    assert.match(failure?.reason ?? "", /^sps \S+: save support bundle: .*ENOENT.*; name another --folder$/);
    assert.equal(traffic.count("GET", /download$/), 1);
  });

  it("says how to collect a bundle where SPS has none over REST, or the account may not", async () => {
    const { traffic } = pair.central.sps;
    for (const [status, words] of [
      [
        404,
        /this firmware makes no support bundles over REST, or the bundle is gone; .*Basic Settings > Troubleshooting \[SG1015\]$/,
      ],
      [403, /read and write\/perform on Basic Settings > Troubleshooting/],
    ] as const) {
      traffic.inject({ method: "GET", path: /support-bundle$/, effect: { kind: "status", status } });
      const { code, failures } = await resultOf();
      assert.deepEqual([code, failures.length], [1, 1]);
      assert.match(failures[0]?.reason ?? "", words);
    }
  });

  it("removes the bundle from SPS and leaves no file when the user cancels", async () => {
    const cancel = new AbortController();
    const { traffic } = pair.central.sps;
    const effect = { kind: "call", when: "answered", run: () => cancel.abort(new Error("cancelled")) } as const;
    traffic.inject({ method: "POST", path: /support-bundle$/, effect });
    const args = ["support-bundle", "--file", file.path, "--folder", folder];
    const code = await main(args, { out() {}, error() {} }, cancel.signal);
    assert.equal(code, 4);
    assert.deepEqual([traffic.count("DELETE", /support-bundle/), readdirSync(folder)], [1, []]);
  });

  it("refuses a folder that does not exist and numbers out of range before it asks any appliance", async () => {
    const missing = join(folder, "missing");
    const { code, error } = await run("--folder", missing);
    assert.equal(code, 3);
    assert.match(error, /Invalid value for --folder: .*missing cannot be written/);
    assert.equal((await run("--minutes", "0")).code, 3);
    assert.deepEqual([pair.central.sps.traffic.requests.length, existsSync(missing)], [0, false]);
  });
});

describe("support-bundle command with accounts that lack rights", () => {
  it("names the permission that SPP wants", async () => {
    const pair = await LabPair.start({ spp: { roles: ["OperationsAdmin"] }, speed: 200 });
    const file = new SiteFile(pair);
    try {
      const args = ["support-bundle", "--file", file.path, "--folder", file.folder, "--json"];
      const { code, out } = await runCommand(...args);
      assert.equal(code, 1);
      const [failure] = (JSON.parse(out) as Result).failures;
      assert.match(
        failure?.reason ?? "",
        /Appliance or the Auditor permission; the Operations permission is not enough \[SG2006\]$/,
      );
    } finally {
      file.remove();
      await pair.stop();
    }
  });
});
