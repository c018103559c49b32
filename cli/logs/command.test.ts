import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, afterEach, before, describe, it } from "mocha";
import { type LabPair, SPP_PASSWORD, SPS_PASSWORD } from "../../benchmarks/preflight/lab-pair";
import { LogsBed, SSH_OPTIONS as SSH } from "../../tests/support/logs-bed";
import { runCommand } from "../../tests/support/run-command";
import type { SiteFile } from "../../tests/support/site-file";
import { main } from "../main";

describe("logs command", () => {
  let bed: LogsBed;
  let pair: LabPair;
  let file: SiteFile;

  before(async () => {
    bed = await LogsBed.start();
    ({ pair, file } = bed);
  });
  after(() => bed?.stop());
  afterEach(() => {
    assert.deepEqual([level(), notes()], [4, []], "everything is put back");
  });

  const level = () => bed.level;

  function notes(): string[] {
    const folder = join(bed.stateHome, "pulumi-safeguard", "raised-logs");
    mkdirSync(folder, { recursive: true });
    return readdirSync(folder);
  }

  const run = (...args: string[]) => runCommand("logs", "--file", file.path, ...args);

  /** Raises the level, calls `work` while it is raised, then cancels. */
  async function whileRaised(args: readonly string[], work: () => unknown) {
    const printed = { out: "", error: "" };
    const cancel = new AbortController();
    const output = {
      out(text: string) {
        printed.out += text;
      },
      error(text: string) {
        printed.error += text;
      },
    };
    const ended = main(["logs", "--file", file.path, ...args], output, cancel.signal);
    for (let tries = 0; tries < 500 && !/: raised /.test(printed.error); tries += 1) await pause(10);
    await work();
    cancel.abort(new Error("cancelled"));
    return { code: await ended, ...printed };
  }

  it("shows the levels, debug logging of both sides, and where the logs are", async () => {
    const { requests } = pair.central.sps.traffic;
    const count = requests.length;
    const { code, out, error } = await run();
    assert.deepEqual([code, error], [0, ""]);
    assert.match(out, /^sps \S+: log levels: .*\bssh 4\b/m);
    assert.match(out, /^sps \S+: debug logging: off$/m);
    assert.match(out, /^sps \S+: its log goes to no syslog server$/m);
    assert.match(out, /^spp \S+: network debug logging: off; debug logs go to no syslog server$/m);
    assert.match(out, /^ {2}a failed join: log type syslog, today, filter SPP-join$/m);
    assert.deepEqual([...new Set(requests.slice(count).map(({ method }) => method))], ["GET"]);
  });

  it("raises a level in one transaction, and puts it back when the user cancels", async () => {
    const { requests } = pair.central.sps.traffic;
    const count = requests.length;
    const result = await whileRaised(["--level", "7", "--protocol", "ssh", "--minutes", "1"], () => {
      assert.deepEqual([level(), notes().length], [7, 1]);
    });
    assert.equal(result.code, 0);
    assert.match(
      result.error,
      /^sps \S+: log settings are raised for 1 min and put back; SPS records both as changes of its configuration\nsps \S+: raised ssh from 4 to 7 until \S+; Ctrl-C puts it back now\n$/,
    );
    assert.match(result.out, /^sps \S+: put back ssh from 7 to 4\n$/);
    const changes = requests.slice(count).filter(({ method }) => method !== "GET");
    const one = ["POST /api/transaction", `PUT ${SSH}`, "PUT /api/transaction"];
    assert.deepEqual(
      changes.map(({ method, path }) => `${method} ${path}`),
      [...one, ...one],
    );
  });

  it("enables debug logging for the time", async () => {
    const enabled = () => JSON.stringify(pair.central.sps.object("/api/configuration/troubleshooting"));
    const result = await whileRaised(["--debug-logging"], () => assert.match(enabled(), /"enabled":true/));
    assert.match(result.out, /put back debug logging off\n$/);
    assert.match(enabled(), /"enabled":false/);
  });

  it("leaves alone what someone else has changed in the meantime", async () => {
    const { sps, client } = pair.central;
    const set = async (wanted: number) => {
      const body = sps.object(SSH) as { service: object };
      await client.logIn();
      await client.expect(200, client.post("/api/transaction"));
      await client.expect(200, client.put(SSH, { ...body, service: { ...body.service, log_level: wanted } } as never));
      await client.expect(200, client.commit());
    };
    const result = await whileRaised(["--level", "7", "--protocol", "ssh"], () => set(6));
    assert.match(result.out, /put back nothing, all is as it was\n.*left ssh alone: changed by someone else since\n$/);
    assert.equal(level(), 6);
    await set(4);
  });

  it("shows what a killed run has left, refuses to raise more, and puts it back", async () => {
    const sps = pair.central.sps.endpoint;
    notes();
    const note = {
      sps: `${sps.address}:${sps.port}`,
      before: { levels: { ssh: 4 } },
      set: { levels: { ssh: 7 } },
      until: "2026-01-01T00:00:00.000Z",
    };
    const folder = join(bed.stateHome, "pulumi-safeguard", "raised-logs");
    writeFileSync(join(folder, `${encodeURIComponent(note.sps)}.json`), JSON.stringify(note));
    const shown = await run();
    assert.equal(shown.code, 2);
    assert.match(
      shown.out,
      /ssh from 4 to 7; to put it back now, run: pulumi-safeguard logs --file \S+ --site vienna --put-back$/m,
    );
    const doctor = await runCommand("doctor", "--file", file.path);
    assert.match(
      doctor.out,
      /an interrupted run has left its log settings raised: ssh from 4 to 7; run pulumi-safeguard logs --put-back/,
    );
    const refused = await run("--level", "6");
    assert.equal(refused.code, 3);
    assert.match(refused.error, /are raised already \(ssh from 4 to 7\); put them back first/);
    const restored = await run("--put-back", "--json");
    assert.deepEqual(JSON.parse(restored.out), { site: "vienna", restored: { levels: {} }, left: { levels: {} } });
    assert.match(
      restored.error,
      /^sps \S+: log settings are put back; SPS records it as a change of its configuration\n$/,
    );
    assert.match((await run("--put-back")).out, /: nothing to put back is noted on this machine\n$/);
    const nothing = { site: "vienna", restored: { levels: {} }, left: { levels: {} } };
    const none = JSON.parse((await run("--put-back", "--json")).out);
    assert.deepEqual(none, { ...nothing, note: "nothing to put back is noted on this machine" });
    const same = await run("--level", "4", "--protocol", "ssh", "--json");
    assert.deepEqual(JSON.parse(same.out), { ...nothing, note: "logs that much already; nothing was changed" });
  });

  it("changes nothing when the present settings cannot be noted", async () => {
    const before = process.env.XDG_STATE_HOME;
    process.env.XDG_STATE_HOME = file.path;
    const { code, error } = await run("--level", "7").finally(() => {
      process.env.XDG_STATE_HOME = before;
    });
    assert.equal(code, 4);
    assert.match(
      error,
      /^sps .*\nerror: sps \S+: raise log levels: the present settings cannot be noted .*; nothing was changed\n$/,
    );
  });

  it("refuses invalid options, and levels at which passwords are logged", async () => {
    const cases: [given: string[], expected: RegExp][] = [
      [["--level", "11"], /^error: Invalid value for --level: 11\. Allowed values are: 1 to 10\.\n$/],
      [
        ["--level", "7", "--minutes", "0"],
        /^error: Invalid value for --minutes: 0\. Allowed values are: 1 to 1440\.\n$/,
      ],
      [
        ["--level", "8"],
        /^error: --level 8: at 8 to 10, SPS may log passwords in plain text; add --accept-secrets-in-logs/,
      ],
      [["--level", "7", "--protocol", "x"], /^error: Invalid value for --protocol: x\. Allowed values are: .*\bssh\b/],
      [["--site", "linz"], /^error: Invalid value for --site: linz\. Allowed values are: vienna, the sites of /],
    ];
    for (const [given, expected] of cases) {
      const { code, out, error } = await run(...given);
      assert.deepEqual([code, out], [3, ""]);
      assert.match(error, expected);
    }
  });

  it("prints no password", async () => {
    for (const args of [[], ["--json"], ["--put-back"]]) {
      const { out, error } = await run(...args);
      for (const secret of [SPS_PASSWORD, SPP_PASSWORD]) assert.ok(!(out + error).includes(secret));
    }
  });
});
