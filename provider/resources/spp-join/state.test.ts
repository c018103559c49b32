import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { JOIN_PHASES } from "../../join/outputs";
import { type SppJoinKnown, type SppJoinOutputs, sppJoinOutputs, sppJoinSchema } from "./schema";
import { inputsOf, NOTHING_READ, outputsOf } from "./state";

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
  spsStatus: fc.record({ joined: fc.boolean(), version: fc.string() }),
  sppStatus: fc.record({
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

describe("SppJoin state", () => {
  it("returns the same inputs and outputs it was made of, also after JSON", () => {
    fc.assert(
      fc.property(inputs.map(plain), outputs.map(plain), (given, read) => {
        const state = { ...given, ...read };
        for (const held of [state, plain(state)]) {
          assert.deepEqual(inputsOf(held), given);
          assert.deepEqual(outputsOf(held), read);
        }
      }),
    );
  });

  it("shares no property name between inputs and outputs", () => {
    const inputNames = Object.keys(sppJoinSchema.shape);
    assert.deepEqual(
      Object.keys(sppJoinOutputs.shape).filter((name) => inputNames.includes(name)),
      [],
    );
  });

  it("holds every output before the first read and says that nothing is joined", () => {
    assert.deepEqual(sppJoinOutputs.strict().parse(NOTHING_READ), NOTHING_READ);
    const { health, spsStatus, sppStatus, policies } = NOTHING_READ;
    assert.deepEqual([health, spsStatus.joined, sppStatus.listed, policies], ["not joined", false, false, []]);
  });
});
