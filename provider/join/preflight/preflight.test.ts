import assert from "node:assert/strict";
import os from "node:os";
import { afterEach, describe, it } from "mocha";
import { LabPair, type PairOptions, SPP_PASSWORD, SPS_PASSWORD } from "../../../benchmarks/preflight/lab-pair";
import type { RequestRecord } from "../../../lab/common/traffic";
import { RecordingLog } from "../../../tests/support/recording-log";
import type { Log } from "../../core/context";
import { operationContext } from "../../core/context";
import { AttemptLedger } from "../attempts";
import { PASSWORD_LATER } from "./order";
import { preflight } from "./preflight";
import { failures, lines, type PreflightReport } from "./report";

const LOGIN_OF_SPP = [
  "POST /RSTS/UserLogin/LoginController",
  "POST /RSTS/UserLogin/LoginController",
  "POST /RSTS/UserLogin/LoginController",
  "POST /RSTS/oauth2/token",
  "POST /service/core/v4/Token/LoginResponse",
];
const READS_OF_SPP = [
  "GET /service/appliance/v4/Backups",
  "GET /service/core/v4/AccessRequests",
  "GET /service/core/v4/Cluster/Members",
  "GET /service/core/v4/Cluster/SessionModules",
  "GET /service/core/v4/Cluster/Status",
  "GET /service/core/v4/Me",
  "GET /service/core/v4/SslCertificates",
];
const LOGOUT_OF_SPP = "POST /service/core/v4/Token/Logout";

let pair: LabPair | undefined;

/** A pair whose traffic logs begin after it was set up. */
async function start(options: PairOptions = {}): Promise<LabPair> {
  pair = await LabPair.start(options);
  pair.central.sps.traffic.requests.splice(0);
  pair.spp.traffic.requests.splice(0);
  return pair;
}

const textOf = ({ method, path }: RequestRecord) => `${method} ${path}`;
const statusOf = (report: PreflightReport, id: string) => report.checks.find((check) => check.id === id)?.status;

function withPair(): void {
  afterEach(async () => {
    await pair?.stop();
    pair = undefined;
  });
}

describe("requests of a preflight", () => {
  withPair();

  it("sends only GETs to SPS, in one login without a transaction, and each path once", async () => {
    const { central, order } = bound(await start({ members: 1 }));
    await preflight(order());
    const requests = central.sps.traffic.requests.map(textOf);
    assert.deepEqual(
      requests.filter((request) => !request.startsWith("GET ")),
      [],
    );
    assert.equal(requests.filter((request) => request === "GET /api/authentication").length, 1);
    assert.equal(new Set(requests).size, requests.length);
    assert.equal(central.sps.openTransactions, 0);
  });

  it("sends login, parallel reads and logout to SPP", async () => {
    const { spp, order } = bound(await start());
    spp.traffic.inject({ method: "GET", times: 20, effect: { kind: "delay", milliseconds: 1_000 } });
    await preflight(order());
    const seen = spp.traffic.requests.filter(({ path }) => path !== "/service/notification/v4/Status");
    assert.deepEqual(seen.slice(0, 5).map(textOf), LOGIN_OF_SPP);
    assert.deepEqual(seen.slice(5, -1).map(textOf).sort(), READS_OF_SPP);
    assert.deepEqual(seen.slice(-1).map(textOf), [LOGOUT_OF_SPP]);
    const times = seen.slice(5, -1).map(({ at }) => at.getTime());
    assert(Math.max(...times) - Math.min(...times) < 1_000, "every read is asked before the first one is answered");
    assert.equal(spp.traffic.count("GET", "/service/notification/v4/Status"), 1);
  });

  it("needs at most four sequential requests when SPS lists only keys", async () => {
    const { central, order } = bound(await start({ members: 1, sps: { variant: { listItems: "key-only" } } }));
    await preflight(order());
    const depths = central.sps.traffic.requests.map(({ path }) => depthOf(path));
    assert.equal(Math.max(...depths), 4);
  });

  it("tries the older API once when SPP knows only that", async () => {
    const { spp, order } = bound(await start({ spp: { newestApiVersion: 3 } }));
    await preflight(order());
    assert.equal(spp.traffic.count("POST", /LoginResponse$/), 2);
    assert.equal(spp.traffic.count("GET", /notification\/v\d\/Status$/), 2);
  });

  it("revokes every token of SPP", async () => {
    const { spp, order } = bound(await start());
    await preflight(order());
    assert.equal(spp.context.tokens.activeUserTokens, 0);
  });

  it("tests port 8649 only on request, with one POST", async () => {
    const { spp, order } = bound(await start());
    await preflight(order());
    assert.equal(spp.traffic.count("POST", /NetworkDiagnostics/), 0);
    const { notes } = await preflight({ ...order(), diagnostics: true });
    assert.equal(spp.traffic.count("POST", /NetworkDiagnostics/), 1);
    const ports = notes.find(({ id }) => id === "ports");
    assert.match(ports?.text ?? "", /^SPP tried 127\.0\.61\.11:8649 and says "Connected to 127\.0\.61\.11:8649\." /);
  });

  it("reads both appliances in parallel", async () => {
    const { central, spp, order } = bound(await start());
    for (const traffic of [central.sps.traffic, spp.traffic]) {
      traffic.inject({ times: 1, effect: { kind: "delay", milliseconds: 500 } });
    }
    await preflight(order());
    const [first, second] = [central.sps.traffic, spp.traffic].map(({ requests }) => requests[0]?.at.getTime() ?? 0);
    assert(Math.abs((first ?? 0) - (second ?? 0)) < 500);
  });
});

describe("time limits of a preflight", () => {
  withPair();

  for (const slow of ["sps-slow", "spp-slow"] as const) {
    it(`ends in time despite ${slow}, and reports the facts it could not read`, async () => {
      const lab = await start({ speed: 5 });
      lab.bench.faults.on(slow);
      const report = await preflight({ ...lab.order(), limitSeconds: 0.5 });
      assert(report.milliseconds >= 490 && report.milliseconds < 1_500, `${report.milliseconds} ms`);
      const [side, login] = slow === "sps-slow" ? (["sps", "sps-login"] as const) : (["spp", "spp-login"] as const);
      const check = report.checks.find(({ id }) => id === login);
      assert.deepEqual([check?.status, check?.text], ["not checked", "time was up after 0.5 s"]);
      assert.equal(statusOf(report, `${side}-reachable`), "warn");
      assert.equal(report.ok, true);
      lab.bench.faults.clear();
      await new Promise((resolve) => setTimeout(resolve, 900));
    });
  }

  it("ends at once when the user cancels", async () => {
    const { central, order } = bound(await start());
    central.sps.traffic.inject({ times: 100, effect: { kind: "delay", milliseconds: 3_000 } });
    const cancel = new AbortController();
    const started = Date.now();
    setTimeout(() => cancel.abort(new Error("cancelled by the user")), 300);
    await assert.rejects(
      preflight(order(), operationContext({ signal: cancel.signal })),
      /^Error: cancelled by the user$/,
    );
    assert(Date.now() - started < 2_500);
  });

  it("leaves no timer or connection that keeps the process alive", async () => {
    const { order } = bound(await start());
    const before = timers();
    await preflight({ ...order(), limitSeconds: 600 });
    // Timers of earlier tests may end meanwhile.
    assert.ok(timers() <= before, `${timers()} timers, and ${before} before`);
  });
});

describe("preflight with incomplete data", () => {
  withPair();

  it("works for an account without a home, and warns when a join request is sent", async () => {
    const { homedir } = os;
    const state = process.env.XDG_STATE_HOME;
    delete process.env.XDG_STATE_HOME;
    os.homedir = () => {
      throw new Error("no such user");
    };
    try {
      const side = { address: "127.0.0.1", connection: undefined, later: "later" };
      const log = new RecordingLog();
      const { ok } = await preflight({ sps: side, spp: side }, operationContext({ log }));
      assert.equal(ok, true);
      await new AttemptLedger().begin({ nodeId: "n", applianceId: "a", sentAt: "2026-05-20T08:20:11Z" }, { log });
      await new AttemptLedger().end("n");
      assert.deepEqual(log.of("warn"), [
        "the join request cannot be noted on this machine (this account has no home; set XDG_STATE_HOME); if this run is killed, the next one does not know of its request",
      ]);
    } finally {
      os.homedir = homedir;
      if (state !== undefined) process.env.XDG_STATE_HOME = state;
    }
  });

  it("checks SPP but sends nothing to SPS while SPS is created in the same update", async () => {
    const { central, order } = bound(await start());
    const { address } = central.sps.endpoint;
    const report = await preflight({
      ...order(),
      sps: { address, connection: undefined, later: "created in this update" },
    });
    assert.equal(central.sps.traffic.requests.length, 0);
    const ofSps = report.checks.filter(({ id }) => id.startsWith("sps-"));
    assert.deepEqual(
      [...new Set(ofSps.map(({ status, text }) => `${status}: ${text}`))],
      ["not checked: created in this update"],
    );
    const ofSpp = report.checks.filter(({ id }) => id.startsWith("spp-") && id !== "spp-access-requests");
    assert.deepEqual([...new Set(ofSpp.map(({ status }) => status))], ["pass"]);
  });

  it("reads only public data while a password is unknown", async () => {
    const lab = await start();
    const { sps, spp } = lab.order();
    const bare = (side: typeof sps) => ({
      ...side,
      connection: side.connection && { ...side.connection, password: undefined },
    });
    const report = await preflight({ sps: bare(sps), spp: bare(spp) });
    assert.deepEqual(lab.central.sps.traffic.requests.map(textOf), ["GET /api/setup"]);
    assert.deepEqual(lab.spp.traffic.requests.map(textOf), ["GET /service/notification/v4/Status"]);
    for (const id of ["sps-login", "spp-login"]) {
      assert.equal(report.checks.find((check) => check.id === id)?.text, PASSWORD_LATER);
    }
    for (const id of ["sps-is-sps", "sps-set-up", "spp-primary", "spp-online", "spp-certificate-name"]) {
      assert.equal(statusOf(report, id), "pass", id);
    }
  });

  it("checks one side when the other one does not exist", async () => {
    const lab = await start();
    const report = await preflight(lab.order({ spp: { port: 1 } }));
    assert.deepEqual(
      report.checks.filter(({ status }) => status === "fail").map(({ id }) => id),
      ["spp-reachable"],
    );
    assert.equal(statusOf(report, "sps-central-management"), "pass");
    assert.deepEqual(failures(report), [
      {
        path: "spp.address",
        reason:
          'spp.address: check "SPP answers": nothing listens there; correct address or port of the connection, or let this machine through the firewall [SG1010]',
        code: "SG1010",
      },
    ]);
  });
});

describe("secrets in a preflight", () => {
  withPair();

  const faults = [
    undefined,
    "spp-credentials",
    "spp-5xx",
    "sps-5xx",
    "spp-token-expired",
    "sps-session-expired",
  ] as const;

  it("shows no secret in the report, its lines, the failures or the log", async () => {
    const lab = await start();
    const said: string[] = [];
    const log: Log = { result: say, info: say, warn: say, debug: say, status: say };
    function say(message: string): void {
      said.push(message);
    }
    const tokens: string[] = [];
    const issue = lab.spp.context.tokens.issueUserToken.bind(lab.spp.context.tokens);
    lab.spp.context.tokens.issueUserToken = async (...given) => {
      const token = await issue(...given);
      tokens.push(token);
      return token;
    };
    for (const fault of faults) {
      if (fault) lab.bench.faults.on(fault);
      const report = await preflight({ ...lab.order(), diagnostics: true }, operationContext({ log }));
      said.push(JSON.stringify(report), ...lines(report), JSON.stringify(failures(report)));
      lab.bench.faults.clear();
    }
    const wrong = "wr0ng-but-planted";
    const report = await preflight(
      lab.order({ sps: { password: wrong }, spp: { password: wrong } }),
      operationContext({ log }),
    );
    said.push(JSON.stringify(report), ...lines(report));
    assert(tokens.length >= 3);
    const basic = Buffer.from(`admin:${SPS_PASSWORD}`).toString("base64");
    for (const secret of [SPS_PASSWORD, SPP_PASSWORD, wrong, basic, ...tokens]) {
      assert.deepEqual(
        said.filter((text) => text.includes(secret)),
        [],
      );
    }
  });
});

/** How many requests of SPS must be answered up to this one: a list is known from its root, an object from its list. */
function depthOf(path: string): number {
  if (["/api/setup", "/api/authentication"].includes(path)) return 1;
  const [, below] = /^\/api\/(?:configuration|cluster)\/(.+)$/.exec(path) ?? [];
  return below === undefined || below === "management/system_backup" ? 2 : 1 + below.split("/").length;
}

/** The parts of a pair that most tests want. */
function bound(lab: LabPair) {
  return { central: lab.central, spp: lab.spp, order: () => lab.order() };
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
}
