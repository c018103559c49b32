import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "mocha";
import type { SiteStepContext } from "../engine/workflows";
import type { SiteResult } from "../machine/events";
import { loadRollout } from "../plan/load";
import { FakePulumi } from "../testing/fake-pulumi";
import { markOf } from "./pulumi-cli";
import { pulumiStep } from "./pulumi-step";

let cli: FakePulumi;

/** Runs the check of the site oslo with a CLI of these commands. */
async function run(commands: Readonly<Record<string, string>>): Promise<SiteResult> {
  cli = new FakePulumi(commands);
  mkdirSync(join(cli.folder, "site"));
  write("site/Pulumi.yaml", "name: p\nruntime: yaml\n");
  write("rollout.yaml", "name: r\nprogram: ./site\nsites:\n  - { name: oslo, spp: 10.0.0.5 }\n");
  return step({ phase: "check" });
}

const write = (file: string, text: string) => writeFileSync(join(cli.folder, file), text);

/** Runs a phase of the site with the CLI that there is. */
async function step(phase: Partial<SiteStepContext>): Promise<SiteResult> {
  const file = join(cli.folder, "rollout.yaml");
  const { plan } = loadRollout(file);
  const site = plan.sites.oslo;
  assert.ok(site);
  return pulumiStep()({
    ...{ rollout: "r.1", file, site, phase: "check", fingerprint: plan.fingerprint },
    ...{ gates: { approval: false, soakSeconds: 0 }, signal: new AbortController().signal },
    mayStart: async () => undefined,
    leave: new AbortController().signal,
    ...phase,
  });
}

/** What the CLI says about a stack without outputs and history. */
const STACK = 'case "$2" in output) echo "{}";; history) echo "[]";; esac';

/** A command that finds a lock of this holder at its first calls. */
const lockedAt = (calls: number, holder: string) => `echo >> tries
if [ $(wc -l < tries) -le ${calls} ]; then
echo 'error: the stack is currently locked by 1 lock(s).' >&2
echo '  file:///s/.pulumi/locks/organization/p/oslo/0b.json: created by ${holder} at ${new Date().toISOString()}' >&2
exit 255
fi`;

describe("the step of a site whose stack is locked", () => {
  afterEach(() => cli.close());

  it("clears the lock of a dead run once, and waits for the end of the next lock", async () => {
    const { pid } = spawnSync("true");
    const result = await run({ preview: lockedAt(2, `root@${hostname()} (pid ${pid})`) });
    assert.deepEqual(cli.calls(), ["preview", "cancel", "preview", "preview"]);
    assert.equal(result.outcome, "done");
  });

  it("waits for a living run whose user name has a blank, and never clears its lock", async () => {
    const result = await run({ preview: lockedAt(1, `CORP\\jane doe@${hostname()} (pid ${process.pid})`) });
    assert.deepEqual(cli.calls(), ["preview", "preview"]);
    assert.equal(result.outcome, "done");
  });
});

describe("the step of a site whose stack does not exist yet", () => {
  afterEach(() => cli.close());

  it("changes the site with the settings that Pulumi wrote when its check created the stack", async () => {
    const missing = `if [ ! -e made ]; then echo "error: no stack named 'oslo' found" >&2; exit 255; fi`;
    const stack = 'echo >> made; echo "encryptionsalt: v1:x" >> site/Pulumi.oslo.yaml';
    const { outcome, changes = [], settings = "" } = await run({ preview: missing, up: missing, stack });
    assert.equal(outcome, "done");
    const change = await step({ phase: "apply", announced: { at: Date.now(), changes, settings } });
    assert.deepEqual([change.outcome, cli.calls()], ["done", ["preview", "preview", "up"]]);
  });
});

describe("the step of a site whose program joins it to another SPP", () => {
  afterEach(() => cli.close());

  it("refuses its check and its change, and takes another spelling of the same SPP", async () => {
    const joining = (address: string) => {
      const event = { op: "create", urn: "u", type: "pulumi-nodejs:dynamic/safeguard:SppJoin" };
      const metadata = { ...event, new: { inputs: { spp: { address } } } };
      return JSON.stringify({ sequence: 1, timestamp: 1, resourcePreEvent: { metadata } });
    };
    const preview = 'while [ "$1" != --event-log ]; do shift; done; cat spp >> "$2"';
    cli = new FakePulumi({ preview, stack: STACK });
    mkdirSync(`${cli.folder}/site`);
    write("site/Pulumi.yaml", "name: p\nruntime: yaml\n");
    write("rollout.yaml", "name: r\nprogram: ./site\nsites:\n  - { name: oslo, spp: SPP.example.com. }\n");
    write("spp", `${joining("10.0.0.9")}\n`);
    const message =
      "site oslo: check: its program joins it to SPP 10.0.0.9, but the rollout takes its turn at spp.example.com; set spp of the site to 10.0.0.9, or correct the program";
    const { code: _, ...refused } = await step({ phase: "check" });
    assert.deepEqual(refused, { outcome: "failed", message });
    const changed = await step({ phase: "apply", announced: { at: 0, changes: [], settings: "" } });
    assert.deepEqual([changed.message, cli.calls()], [message, ["preview", "preview"]]);
    write("spp", `${joining("spp.EXAMPLE.com")}\n`);
    assert.equal((await step({ phase: "check" })).outcome, "done");
  });
});

describe("the change of a site that waits for the lock of its stack", () => {
  afterEach(() => cli.close());

  /** Changes the site, whose lock others hold at the first two tries, and does something before the third one. */
  async function changedAfterWait(act: () => void, refusals: (string | undefined)[] = []): Promise<SiteResult> {
    const holder = `root@${hostname()} (pid ${process.pid})`;
    const { changes = [], settings = "" } = await run({ up: lockedAt(2, holder), stack: STACK });
    const tries: number[] = [];
    const mayStart = async () => {
      tries.push(Date.now());
      if (tries.length === 2) act();
      return refusals[tries.length - 1];
    };
    locked.length = 0;
    const isLocked = async (text: string) => void locked.push(text.replace(/ since \S+;/, ";"));
    return step({ phase: "apply", announced: { at: Date.now(), changes, settings }, mayStart, isLocked });
  }
  const locked: string[] = [];

  it("is asked before each try whether it may still start", async () => {
    const closed = "not started: the window of its wave closes too soon for a change and its rollback";
    const result = await changedAfterWait(() => {}, [undefined, undefined, closed]);
    assert.deepEqual(result, { outcome: "deferred", message: closed });
    assert.deepEqual(cli.calls(), ["preview", "up", "up"]);
    const holder = `process ${process.pid} of ${hostname()}`;
    const text = `the lock of its stack by ${holder}; wait for its end, or run pulumi cancel --stack oslo if it is dead`;
    assert.deepEqual(locked, [text, text]);
  });

  it("reports a lock that it clears too, because its try was no start", async () => {
    const { pid } = spawnSync("true");
    const holder = `root@${hostname()} (pid ${pid})`;
    const { changes = [], settings = "" } = await run({ up: lockedAt(1, holder), stack: STACK });
    const asked: string[] = [];
    const mayStart = async () => void asked.push("mayStart");
    const isLocked = async () => void asked.push("isLocked");
    const announced = { at: Date.now(), changes, settings };
    assert.equal((await step({ phase: "apply", announced, mayStart, isLocked })).outcome, "done");
    assert.deepEqual(asked, ["mayStart", "isLocked", "mayStart"]);
    assert.deepEqual(cli.calls(), ["preview", "up", "cancel", "up"]);
  });

  it("is not made by a program that was edited meanwhile", async () => {
    const result = await changedAfterWait(() => write("site/added.txt", "x"));
    assert.equal(result.outcome, "changed");
    assert.deepEqual(cli.calls(), ["preview", "up", "up"]);
  });
});

describe("the step of a site whose backend has a password in its URL", () => {
  const before = process.env.PULUMI_BACKEND_URL;
  afterEach(() => {
    cli.close();
    if (before === undefined) delete process.env.PULUMI_BACKEND_URL;
    else process.env.PULUMI_BACKEND_URL = before;
  });

  it("keeps the password out of its result", async () => {
    process.env.PULUMI_BACKEND_URL = "postgres://user:S3cret%2FPw99@127.0.0.1:1/db";
    const failure = `echo "error: open $PULUMI_BACKEND_URL: dial as S3cret/Pw99: refused" >&2; exit 255`;
    const result = await run({ preview: failure });
    assert.equal(result.outcome, "failed");
    assert.equal(result.message, "open postgres://user:[secret]@127.0.0.1:1/db: dial as [secret]: refused");
  });
});

describe("the step of a site whose settings are edited after its check", () => {
  afterEach(() => cli.close());
  const commands = { stack: STACK };
  const settings = (spp: string) => `config:\n  p:spp: ${spp}\n`;

  /** Checks the site, and changes it some minutes later with these settings. */
  async function changed(minutes: number, edited: string): Promise<SiteResult> {
    const check = await run(commands);
    assert.deepEqual([check.outcome, check.changes], ["done", []]);
    write("site/Pulumi.oslo.yaml", settings("10.0.0.5"));
    const { changes = [], settings: found = "" } = await step({ phase: "check" });
    assert.match(found, /^[0-9a-f]{16}$/);
    assert.notEqual(found, check.settings);
    write("site/Pulumi.oslo.yaml", edited);
    return step({ phase: "apply", announced: { at: Date.now() - minutes * 60_000, changes, settings: found } });
  }

  it("changes nothing, also within the time for which a check is good", async () => {
    for (const minutes of [1, 6]) {
      const result = await changed(minutes, settings("10.9.9.9"));
      assert.deepEqual(result, {
        outcome: "outdated",
        message:
          "stack oslo: its settings file has changed since its check; look at it with rollout preview, then retry the site to check it again",
      });
      assert.ok(!cli.calls().includes("up"));
      if (minutes === 1) cli.close();
    }
  });

  it("changes the site when the settings are the same", async () => {
    assert.equal((await changed(1, settings("10.0.0.5"))).outcome, "done");
    assert.deepEqual(cli.calls(), ["preview", "preview", "up"]);
  });
});

describe("the change of a site with Pulumi processes of an earlier run", () => {
  const started: ChildProcess[] = [];
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
    cli.close();
  });

  /** A process that a CLI for the stack has left, under a name. */
  function leave(name: string, mark: string): ChildProcess {
    write(name, "#!/bin/sh\nwhile :; do sleep 0.1; done\n");
    chmodSync(join(cli.folder, name), 0o755);
    const env = { ...process.env, SAFEGUARD_ROLLOUT_STACK: mark };
    const child = spawn(join(cli.folder, name), { env, stdio: "ignore" });
    started.push(child);
    return child;
  }

  const ownMark = () => markOf(join(cli.folder, "site"), "oslo");

  if (process.platform === "linux") {
    it("waits for them before it reads a definition that is broken by now", async () => {
      await run({ stack: STACK });
      const { plan } = loadRollout(join(cli.folder, "rollout.yaml"));
      // It began in another folder of the program.
      const mark = "0123456789abcdef0123456789abcdef";
      const { pid } = leave("pulumi-resource-x", mark);
      write("rollout.yaml", "name: r\nprogram: ./site\nsites: oops\n");
      const waits: string[] = [];
      const waitsFor = async (text: string) => {
        waits.push(text);
        setTimeout(() => started[0]?.kill("SIGKILL"), 300);
      };
      const result = await pulumiStep()({
        ...{
          rollout: "r.1",
          file: join(cli.folder, "rollout.yaml"),
          site: plan.sites.oslo ?? assert.fail(),
          fingerprint: plan.fingerprint,
        },
        ...{ phase: "apply", gates: { approval: false, soakSeconds: 0 }, mayStart: async () => undefined },
        ...{ signal: new AbortController().signal, leave: new AbortController().signal },
        interrupted: { mark, machine: "m" },
        waitsFor,
      });
      assert.deepEqual(waits, [`Pulumi process ${pid} (pulumi-resource-x) of an earlier run on ${hostname()}`]);
      assert.match(result.message ?? "", /sites/);
      assert.equal(started[0]?.signalCode, "SIGKILL", "it has ended");
    });

    it("does not wait for a daemon that the program has left", async () => {
      const { changes = [], settings = "" } = await run({ stack: STACK });
      leave("agentd", ownMark());
      const waitsFor = async (text: string) => assert.fail(text);
      const announced = { at: Date.now(), changes, settings };
      assert.equal((await step({ phase: "apply", announced, waitsFor })).outcome, "done");
    });

    it("is unknown when a signal ended its CLI, and ends after the provider that goes on alone", async () => {
      const provider = "#!/bin/sh\nsleep 1.5\necho >> joined\n";
      const up = "./pulumi-resource-x > /dev/null 2>&1 &\nkill -9 $$";
      const { changes = [], settings = "" } = await run({ stack: STACK, up });
      write("pulumi-resource-x", provider);
      chmodSync(join(cli.folder, "pulumi-resource-x"), 0o755);
      const result = await step({ phase: "apply", announced: { at: Date.now(), changes, settings } });
      assert.deepEqual(result, {
        outcome: "unknown",
        message: "pulumi up: SIGKILL ended it; check the memory of this machine, then retry the site",
      });
      assert.equal(existsSync(join(cli.folder, "joined")), true, "the provider has ended");
    });
  }

  it("is unknown when a signal ended its preview", async () => {
    const result = await run({ preview: "kill -9 $$" });
    const message = "pulumi preview: SIGKILL ended it; check the memory of this machine, then retry the site";
    assert.deepEqual(result, { outcome: "unknown", message });
  });
});
