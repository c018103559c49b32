import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { SiteRow } from "../../tools/start/many-sites";
import { skipTests } from "../contract/skip";
import {
  changedAtOnce,
  changesAt,
  isJoined,
  isRedirected,
  joinPosts,
  mostJoinsAtOnce,
  requestsAt,
} from "../support/sites-record";
import { findCli } from "./cli";
import { RolloutFarm } from "./rollout-farm";
import type { FollowedCommand } from "./rollout-project";

const NORTH = ["oslo", "bergen", "malmo", "turku"];
const SOUTH = ["rome", "porto", "seville", "split"];
/** The SPS of this site has another password, to the end. */
const REFUSING = "split";
const ROWS = [...NORTH, ...SOUTH].map(
  (name): SiteRow => ({
    name,
    spp: NORTH.includes(name) ? "north" : "south",
    region: "farm",
    fault: name === REFUSING ? "refusing" : undefined,
  }),
);

const HOUR_MS = 3600_000;
/** A time of the day for windows, which are in UTC where they name no time zone. */
const timeIn = (hours: number, from: number) => new Date(from + hours * HOUR_MS).toISOString().slice(11, 16);

/*
 * One story in several rollouts to the same farm, by Pulumi itself. What happened at the sites, their appliances have recorded. The packets of
 * clients, and routers of other platforms, are in other tests.
 */
describe("a farm of eight sites and two SPPs", function () {
  // About twenty runs of Pulumi, on a machine that runs other tests beside.
  this.timeout(900_000);
  let farm: RolloutFarm;
  /** The command that goes on with the second rollout, while other commands decide about it. */
  let working: FollowedCommand;
  let approvalOfRest = "";

  before(async function () {
    const cli = findCli();
    if ("reason" in cli) return skipTests(this, cli.reason);
    farm = await RolloutFarm.start(cli, ROWS);
    farm.project.env.SAFEGUARD_ROLLOUT_USER = "ada";
  });
  after(() => farm?.stop());

  /** Runs a command for a rollout, and expects its exit code. */
  async function rollout(name: string, expected: number, ...args: string[]): Promise<string> {
    const { code, text } = await farm.project.run(...args, "--file", `${name}.yaml`);
    assert.equal(code, expected, text);
    return text;
  }
  const because = (reason: string) => ["--reason", reason];
  /** The names of the sites that a rollout has asked to join. */
  const joined = () => farm.sites.flatMap((site) => Array<string>(joinPosts(site)).fill(site.name)).sort();
  const changes = (...names: string[]) => names.flatMap((name) => changesAt(farm.site(name)));

  it("stops at a canary that fails, and no other site gets any request", async () => {
    farm.define("strict", [...NORTH, ...SOUTH], "canary: { sites: [oslo] }\nonFailure: stop\n");
    farm.silence("oslo");
    const text = await rollout("strict", 1, "start", "--accept-joins", "8", "--exit-when-held");
    assert.match(text, /oslo: check unreachable \(\d+ s\): .*\[SG10\d\d\]/);
    assert.match(text, /rollout strict\.1: stopped, 0 of 8 sites done\n$/);
    assert.deepEqual(farm.others("oslo").map(requestsAt), Array(7).fill(0));

    const refusal = await rollout("strict", 4, "retry", "oslo", ...because("it answers again"));
    assert.match(refusal, /rollout strict\.1: retry: the rollout has ended \(stopped\); start a new one/);
    farm.mend("oslo");
  });

  it("holds at a canary whose change fails after its approval, and goes on after a retry", async () => {
    const waves =
      "waves:\n  - { name: rest, count: 3, approval: true }\n  - { name: last, rest: true, approval: true }\n";
    const settings = `canary: { sites: [oslo], approval: true }\n${waves}parallelism: 3\nonFailure: hold\n`;
    farm.define("careful", ["oslo", "bergen", "rome", "porto", "seville"], settings);
    const start = await rollout("careful", 2, "start", "--exit-when-held");
    const [, id = ""] =
      /waiting for approval of wave canary; run: rollout approve (\w{8}) /.exec(start) ?? assert.fail(start);
    await rollout("careful", 0, "approve", id, ...because("Oslo may be joined"));
    farm.silence("oslo");
    const held = await rollout("careful", 2, "resume", "--exit-when-held");
    assert.match(held, /approved by ada: Oslo may be joined\n/);
    assert.match(held, /oslo: change unreachable \(\d+ s\): .*\[SG10\d\d\]/);
    assert.match(held, /held by failures at oslo; run: rollout retry SITE or rollout skip SITE, with --reason TEXT\n/);
    assert.deepEqual(farm.others("oslo").map(requestsAt), Array(7).fill(0));

    farm.mend("oslo");
    await rollout("careful", 0, "retry", "oslo", ...because("it answers again"));
    working = farm.project.follow("resume", "--file", "careful.yaml");
    await working.printed(/retried oslo by ada: it answers again\n/);
    await working.printed(/oslo: change done, attempt 2/);
    approvalOfRest = await working.printed(
      /waiting for approval of wave rest; run: rollout approve (\w{8}) .*\n {2}3 sites: bergen, rome, porto\n/,
    );
    assert.deepEqual(joined(), ["oslo"]);
    assert.deepEqual(changes("bergen", "rome", "porto"), []);
  });

  it("changes nothing at sites that are skipped or frozen, until a frozen one is unfrozen and approved", async () => {
    await rollout("careful", 0, "skip", "bergen", ...because("it closes in May"));
    await rollout("careful", 0, "freeze", "rome", ...because("audit until Friday"));
    const onlyPorto = await working.printed(/wave rest; run: rollout approve (\w{8}) .*\n {2}1 site: porto\n/);
    const refusal = await rollout("careful", 4, "approve", approvalOfRest, ...because("as seen before"));
    assert.match(refusal, /approve: something else waits for approval; run status to see it, and approve its id/);
    await rollout("careful", 0, "approve", onlyPorto, ...because("Porto alone"));
    const last = await working.printed(/wave last; run: rollout approve (\w{8}) .*\n {2}1 site: seville\n/);
    assert.deepEqual(joined(), ["oslo", "porto"]);
    assert.deepEqual(changes("bergen", "rome"), []);

    await rollout("careful", 0, "unfreeze", "rome", ...because("the audit is over"));
    const rome = await working.printed(/wave rest; run: rollout approve (\w{8}) .*\n {2}1 site: rome\n/);
    assert.deepEqual(changes("rome"), []);
    await rollout("careful", 0, "approve", rome, ...because("Rome too"));
    // Waits while Rome is changed, because both have the same SPP.
    await rollout("careful", 0, "approve", last, ...because("the last one"));
    assert.equal(await working.ended, 2, working.text);
    assert.match(working.text, /rome: check done, attempt 2 /);
    assert.match(working.text, /rollout careful\.1: done, 4 of 5 sites done\n$/);
    assert.deepEqual(joined(), ["oslo", "porto", "rome", "seville"]);
    assert.deepEqual(changes("bergen"), []);
  });

  it("goes on after a failure within the budget, and holds at the next one", async () => {
    const waves = "waves:\n  - { name: first, count: 2 }\n  - { name: second, rest: true }\n";
    const budget = "onFailure: continue\nfailureBudget: { perWave: 1, total: 1 }\n";
    farm.define("thrifty", [REFUSING, "bergen", "malmo", "turku"], `${waves}${budget}parallelism: 4\n`);
    farm.silence("malmo");
    const text = await rollout("thrifty", 2, "start", "--accept-joins", "3", "--exit-when-held");
    assert.match(text, /split: check failed /);
    assert.match(text, /bergen: change done /);
    assert.match(text, /malmo: check unreachable /);
    assert.match(text, /turku: check done /);
    assert.match(text, /\n.*held by failures at split, malmo; run: /);
    assert.deepEqual(joined(), ["bergen", "oslo", "porto", "rome", "seville"]);
    assert.deepEqual(changes("malmo", "turku"), []);
  });

  it("ends the site in work when it is cancelled during its join, and begins no other", async () => {
    farm.mend("malmo");
    let cancelling: Promise<string> | undefined;
    const cancel = async () => {
      cancelling = rollout("thrifty", 0, "cancel", ...because("wrong certificate"));
      await cancelling;
    };
    const path = /^\/api\/cluster\/spp$/;
    farm
      .site("malmo")
      .node.traffic.inject({ method: "POST", path, effect: { kind: "call", when: "before", run: cancel } });
    await rollout("thrifty", 0, "retry", "malmo", ...because("it answers again"));
    const text = await rollout("thrifty", 1, "resume");
    assert.match((await cancelling) ?? "", /^rollout thrifty\.1: cancelled\n$/);
    assert.match(text, /cancelled by ada: wrong certificate\n.*malmo: change done, attempt 2 \(\d+ s\): \d+ create/);
    assert.match(text, /rollout thrifty\.1: cancelled, 2 of 4 sites done\n$/);
    assert.deepEqual(joined(), ["bergen", "malmo", "oslo", "porto", "rome", "seville"]);
    assert.deepEqual(farm.project.locks(), []);
    assert.deepEqual(changes("turku"), []);
  });

  it("only reads before a window opens, and changes a site in an open window", async () => {
    const now = Date.now();
    const night = (opens: number) =>
      farm.define(
        "night",
        ["turku"],
        `waves:\n  - { rest: true, window: { from: "${timeIn(opens, now)}", to: "${timeIn(opens + 12, now)}" } }\n`,
      );
    night(6);
    const waiting = farm.project.follow("start", "--file", "night.yaml", "--accept-joins", "1");
    await waiting.printed(/turku: check done /);
    const opensAt = await waiting.printed(/waiting until (.*), when the window is open long enough for a change/);
    const expected = new Date(now + 6 * HOUR_MS).toISOString();
    assert.equal(opensAt, `${expected.slice(0, 16).replace("T", " ")}:00`);
    assert.deepEqual(changes("turku"), []);
    await rollout("night", 0, "cancel", ...because("it shall be done now"));
    assert.equal(await waiting.ended, 1, waiting.text);
    assert.deepEqual(changes("turku"), []);

    night(-6);
    const text = await rollout("night", 0, "start", "--accept-joins", "1");
    assert.match(text, /rollout night\.2: done, 1 of 1 site done\n$/);
  });

  it("leaves one join at each site, one change at a time at each SPP, and no lock", async () => {
    const history = await rollout("night", 0, "history");
    const told = history
      .trim()
      .split("\n")
      .map((line) => line.replace(/ +[\d-]{10} [\d:]{8} +/, " ").replace(/ +/g, " "));
    assert.deepEqual(told, [
      "night.2 done 1 of 1 site done",
      "night.1 cancelled 0 of 1 site done",
      "thrifty.1 cancelled 2 of 4 sites done",
      "careful.1 done 4 of 5 sites done",
      "strict.1 stopped 0 of 8 sites done",
    ]);
    const working = [...NORTH, ...SOUTH].filter((name) => name !== REFUSING).sort();
    assert.deepEqual(joined(), working);
    assert.deepEqual(farm.others(REFUSING).map(isJoined), Array(7).fill(true));
    assert.deepEqual(farm.others(REFUSING).map(isRedirected), Array(7).fill(true));
    assert.deepEqual(changes(REFUSING), []);
    assert.deepEqual(farm.labs.map(mostJoinsAtOnce), [1, 1]);
    const [oslo] = farm.sites;
    assert.ok(oslo);
    assert.deepEqual(changedAtOnce([oslo, oslo]), ["oslo and oslo"], "changes at the same time are found");
    for (const lab of farm.labs) assert.deepEqual(changedAtOnce(farm.sites.filter((site) => site.lab === lab)), []);
    assert.deepEqual(farm.project.locks(), []);
  });
});
