import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { RecordingLog } from "../../../tests/support/recording-log";
import { operationContext } from "../../core/context";
import { UNKNOWN } from "../../core/unknown";
import { describeSteps } from "../../join/steps";
import { sppJoin } from "./operations";

const sps = { address: "10.0.0.1", password: "hunter2" };
const spp = { address: "10.0.0.5", username: "join", password: "hunter2" };
const acknowledge = { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5" };
const backups = { spp: "take", sps: "require" } as const;
const STEPS = describeSteps({ sps: "10.0.0.1", spp: "10.0.0.5", backups, isRejoin: false });
const good = { sps, spp, acknowledge };

/** The appliances of these tests do not exist; preflight has tests of its own. */
async function run(news: Record<string, unknown>, olds: Record<string, unknown> = {}, log = new RecordingLog()) {
  return checkAndPreview(sppJoin, olds, news, operationContext({ log, settings: { preflight: "off" } }));
}

async function reasons(news: Record<string, unknown>, olds: Record<string, unknown> = {}): Promise<string[]> {
  return (await run(news, olds)).failures.map(({ reason }) => reason);
}

describe("SppJoin check and preview", () => {
  it("fills in every default of a join and its steps", async () => {
    const defaults = { port: 443, insecureSkipVerify: false };
    assert.deepEqual(await run(good), {
      inputs: {
        sps: { ...sps, username: "admin", ...defaults },
        spp: { ...spp, ...defaults },
        acknowledge,
        onDelete: "refuse",
        backups,
        timeouts: { trustSeconds: 330, policySeconds: 180, backupSeconds: 1800, synchronizationSeconds: 600 },
      },
      outputs: { steps: STEPS },
      failures: [],
    });
  });

  it("gives the same inputs when it checks its own result", async () => {
    const first = await run({ ...good, clusterId: "6d5c9a10", onDelete: "forget" });
    assert.deepEqual((await run(JSON.parse(JSON.stringify(first.inputs)))).inputs, first.inputs);
  });

  it("asks for the acknowledgement with a block to paste and still shows the steps", async () => {
    const { outputs, failures } = await run({ sps, spp });
    assert.deepEqual(failures, [
      {
        path: "acknowledge",
        reason:
          'acknowledge: the join of 10.0.0.1 to 10.0.0.5 cannot be undone and closes open access requests. If this is what you want, add acknowledge: { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5" }',
      },
    ]);
    assert.deepEqual(outputs.steps, STEPS);
  });

  it("refuses an acknowledgement of another join", async () => {
    for (const changes of [{ sps: "10.0.0.2" }, { spp: "10.0.0.6" }, { sps: "10.0.0.5", spp: "10.0.0.1" }]) {
      const given = { ...acknowledge, ...changes };
      const [reason, ...others] = await reasons({ ...good, acknowledge: given });
      assert.ok(reason?.startsWith(`acknowledge: it names ${given.sps} and ${given.spp}, but the join would be`));
      assert.deepEqual(others, []);
    }
  });

  it("accepts only true for acknowledge.irreversible", async () => {
    for (const [irreversible, shown] of [
      [false, "false"],
      ["true", '"true", which is text'],
      [1, "1"],
    ]) {
      assert.deepEqual(await reasons({ ...good, acknowledge: { ...acknowledge, irreversible } }), [
        `Invalid value for acknowledge.irreversible: ${shown}. Allowed values are: true.`,
      ]);
    }
  });

  it("names each invalid property as the program writes it and shows no secret", async () => {
    assert.deepEqual(
      await reasons({ sps: { ...sps, port: 70000 }, spp: { ...spp, password: ["hunter2"] }, onDelete: "drop", ack: 1 }),
      [
        "Invalid value for sps.port: 70000. Allowed values are: 1 to 65535.",
        "Invalid value for spp.password. Allowed values are: text that is not empty; or set passwordEnv or passwordFile instead.",
        "Invalid value for onDelete: drop. Allowed values are: refuse, forget, unlink.",
        "Unknown property ack. Did you mean acknowledge?",
      ],
    );
  });

  const parts: [string, Record<string, unknown>][] = [
    ["the SPS connection", { sps: UNKNOWN }],
    ["the SPP connection", { spp: UNKNOWN }],
    ["the SPS address", { sps: { ...sps, address: UNKNOWN } }],
    ["the SPP address", { spp: { ...spp, address: UNKNOWN } }],
  ];
  for (const [name, changes] of parts) {
    it(`accepts an unknown value of ${name} and leaves the steps unknown`, async () => {
      const { outputs, failures } = await run({ ...good, ...changes });
      assert.deepEqual(failures, []);
      assert.equal(outputs.steps, UNKNOWN);
    });
  }

  const others: [string, Record<string, unknown>][] = [
    ["the acknowledgement", { acknowledge: UNKNOWN }],
    ["an address in the acknowledgement", { acknowledge: { ...acknowledge, sps: UNKNOWN } }],
    ["the cluster id", { clusterId: UNKNOWN }],
    ["onDelete", { onDelete: UNKNOWN }],
    ["the time limits", { timeouts: UNKNOWN }],
    ["a password", { spp: { ...spp, password: UNKNOWN } }],
  ];
  for (const [name, changes] of others) {
    it(`accepts an unknown value of ${name} and shows the steps`, async () => {
      const { outputs, failures } = await run({ ...good, ...changes });
      assert.deepEqual(failures, []);
      assert.deepEqual(outputs.steps, STEPS);
    });
  }

  it("treats a changed address as a re-join that needs its own acknowledgement", async () => {
    const olds = (await run(good)).inputs;
    const log = new RecordingLog();
    const moved = { ...good, spp: { ...spp, address: "10.0.0.6" }, acknowledge: { ...acknowledge, spp: "10.0.0.6" } };
    const { failures, outputs } = await run(moved, olds, log);
    assert.deepEqual(failures, [
      {
        path: "acknowledge",
        reason:
          'acknowledge: it does not say that the join is removed and re-created, because an address changed. If this is what you want, write acknowledge: { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.6", rejoin: true }',
      },
    ]);
    assert.deepEqual(log.all, [
      "re-join: recorded between 10.0.0.1 and 10.0.0.5, wanted between 10.0.0.1 and 10.0.0.6; SPP keeps its entry and with it the access policies",
    ]);
    assert.deepEqual(outputs.steps, describeSteps({ sps: "10.0.0.1", spp: "10.0.0.6", backups, isRejoin: true }));
    assert.deepEqual(await reasons({ ...moved, acknowledge: { ...moved.acknowledge, rejoin: true } }, olds), []);
    assert.deepEqual(await reasons(good, olds), []);
    assert.deepEqual(await reasons({ ...good, sps: { ...sps, port: 8443 } }, olds), []);
  });

  it("treats host names that differ only in case as the same appliance", async () => {
    const named = { ...good, spp: { ...spp, address: "spp.lab.example" } };
    const olds = (await run({ ...named, acknowledge: { ...acknowledge, spp: "SPP.lab.example" } })).inputs;
    const log = new RecordingLog();
    const again = {
      ...named,
      spp: { ...spp, address: "SPP.Lab.Example" },
      acknowledge: { ...acknowledge, spp: "spp.lab.example" },
    };
    assert.deepEqual([(await run(again, olds, log)).failures, log.all], [[], []]);
  });

  it("asks for a separate acknowledgement of onDelete unlink", async () => {
    assert.deepEqual(await reasons({ ...good, onDelete: "unlink" }), [
      'acknowledge: it does not say that deleting disconnects the node on SPP. If this is what you want, write acknowledge: { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5", disconnects: true }',
    ]);
    assert.deepEqual(
      await reasons({ ...good, onDelete: "unlink", acknowledge: { ...acknowledge, disconnects: true } }),
      [],
    );
  });

  it("warns of each connection that skips verification", async () => {
    const log = new RecordingLog();
    await run({ ...good, spp: { ...spp, insecureSkipVerify: true } }, {}, log);
    assert.deepEqual(log.all, [
      "spp.insecureSkipVerify is true: the identity of 10.0.0.5 is not verified; anyone who intercepts the connection can read the credentials",
    ]);
  });
});
