import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { JOIN_PHASES } from "../../join/progress";
import type { SppJoinKnown, SppJoinOutputs } from "./schema";
import { inputsOf, NOTHING_READ, outputsOf, toState } from "./state";

const connection = fc.record({
  address: fc.domain(),
  port: fc.integer({ min: 1, max: 65535 }),
  username: fc.string(),
  password: fc.string(),
  insecureSkipVerify: fc.boolean(),
});

const inputs: fc.Arbitrary<SppJoinKnown> = fc.record({
  sps: connection,
  spp: connection,
  onDelete: fc.constantFrom("refuse", "forget", "unlink"),
  backups: fc.record({ spp: fc.constantFrom("take", "require", "skip"), sps: fc.constantFrom("require", "skip") }),
  timeouts: fc.record({
    trustSeconds: fc.nat(),
    policySeconds: fc.nat(),
    backupSeconds: fc.nat(),
    synchronizationSeconds: fc.nat(),
  }),
});

const outputs: fc.Arbitrary<SppJoinOutputs> = fc.record({
  steps: fc.array(fc.string()),
  nodeId: fc.uuid(),
  sppApplianceId: fc.string(),
  connectionId: fc.nat(),
  joinedAt: fc.string(),
  sps: fc.record({ joined: fc.boolean(), version: fc.string() }),
  spp: fc.record({
    listed: fc.boolean(),
    trusted: fc.boolean(),
    connected: fc.boolean(),
    version: fc.string(),
    knownAs: fc.array(fc.string()),
    certificateUserThumbprint: fc.string(),
    certificateExpiresAt: fc.string(),
  }),
  policies: fc.array(fc.string()),
  health: fc.constantFrom("joined", "not joined", "disconnected", "untrusted", "no policies"),
  drift: fc.array(fc.string()),
  phase: fc.constantFrom(...JOIN_PHASES),
  lastAttemptAt: fc.string(),
  sppBackupId: fc.string(),
  spsBackupPolicy: fc.string(),
});

/** The generator's objects have no prototype; those of a program have one. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value));

describe("the state of a join", () => {
  it("holds inputs and outputs so that both can be taken out again, also after a detour over JSON", () => {
    fc.assert(
      fc.property(inputs.map(plain), outputs.map(plain), (given, read) => {
        const state = toState(given, read);
        for (const held of [state, plain(state)]) {
          assert.deepEqual(inputsOf(held), given);
          assert.deepEqual(outputsOf(held), read);
        }
      }),
    );
  });

  it("shows what each side says of the join beside the connection to it", () => {
    fc.assert(
      fc.property(inputs.map(plain), outputs.map(plain), (given, read) => {
        const { sps, spp } = toState(given, read);
        assert.deepEqual(sps, { ...given.sps, ...read.sps });
        assert.deepEqual(spp, { ...given.spp, ...read.spp });
      }),
    );
  });

  it("says before anything was read that nothing is joined", () => {
    assert.deepEqual(
      [NOTHING_READ.health, NOTHING_READ.sps.joined, NOTHING_READ.spp.listed, NOTHING_READ.policies],
      ["not joined", false, false, []],
    );
  });

  it("of an older version, which recorded less, tells of a join that is done", () => {
    const {
      phase: _phase,
      drift: _drift,
      ...older
    } = toState(
      { ...plain(fc.sample(inputs, 1)[0] ?? assert.fail()) },
      { ...NOTHING_READ, phase: "verified", health: "joined" },
    );
    const { version: _version, ...sps } = older.sps;
    const read = outputsOf({ ...older, sps } as never);
    assert.deepEqual([read.phase, read.drift, read.sps.version, read.health], ["verified", [], "", "joined"]);
  });
});
