import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, describe, it } from "mocha";
import type { SiteStepContext } from "../engine/workflows";
import type { SiteResult } from "../machine/events";
import { loadRollout } from "../plan/load";
import { FakePulumi } from "../testing/fake-pulumi";
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
    return step({ phase: "apply", announced: { at: Date.now(), changes, settings }, mayStart });
  }

  it("is asked before each try whether it may still start", async () => {
    const closed = "not started: the window of its wave closes too soon for a change and its rollback";
    const result = await changedAfterWait(() => {}, [undefined, undefined, closed]);
    assert.deepEqual(result, { outcome: "deferred", message: closed });
    assert.deepEqual(cli.calls(), ["preview", "up", "up"]);
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
