import assert from "node:assert/strict";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, it } from "mocha";
import { acknowledgementProblem, type Consequences, NO_CONSEQUENCES } from "./acknowledgement";

const address = fc.oneof(fc.ipV4(), fc.domain());

describe("the acknowledgement of a join", () => {
  it("accepts an acknowledgement of exactly the two appliances it names", () => {
    fc.assert(
      fc.property(address, address, (sps, spp) => {
        assert.equal(acknowledgementProblem({ irreversible: true, sps, spp }, sps, spp), undefined);
      }),
    );
    fc.assert(
      fc.property(address, address, address, address, (sps, spp, namedSps, namedSpp) => {
        fc.pre(sps !== namedSps || spp !== namedSpp);
        assert.ok(acknowledgementProblem({ irreversible: true, sps: namedSps, spp: namedSpp }, sps, spp));
      }),
    );
  });

  it("refuses an acknowledgement with SPS and SPP swapped", () => {
    assert.ok(acknowledgementProblem({ irreversible: true, sps: "b", spp: "a" }, "a", "b"));
  });

  it("demands a missing acknowledgement with the reason and the block to paste", () => {
    assert.equal(
      acknowledgementProblem(undefined, "10.0.0.1", "10.0.0.5"),
      'acknowledge: the join of 10.0.0.1 to 10.0.0.5 cannot be undone and closes open access requests. If this is what you want, add acknowledge: { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5" }',
    );
  });

  it("shows both joins when the acknowledgement names another one", () => {
    assert.equal(
      acknowledgementProblem({ irreversible: true, sps: "10.0.0.1", spp: "10.0.0.6" }, "10.0.0.1", "10.0.0.5"),
      'acknowledge: it names 10.0.0.1 and 10.0.0.6, but the join would be between 10.0.0.1 and 10.0.0.5. If this is what you want, write acknowledge: { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5" }',
    );
  });

  it("demands that every side effect of the join is acknowledged", () => {
    const given = { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5" } as const;
    const problem = (changes: Partial<Consequences>) =>
      acknowledgementProblem(given, "10.0.0.1", "10.0.0.5", { ...NO_CONSEQUENCES, ...changes });
    assert.equal(
      problem({ openRequests: 2, overwrites: ["safeguard_default_ssh"] }),
      'acknowledge: it does not say that 2 open access requests will be closed, nor that safeguard_default_ssh will be overwritten. If this is what you want, write acknowledge: { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5", closesAccessRequests: true, overwrites: ["safeguard_default_ssh"] }',
    );
    assert.match(problem({ isRejoin: true }) ?? "", /that the join is removed and re-created.*, rejoin: true \}$/);
    assert.match(problem({ isUnlinkedOnDelete: true }) ?? "", /that deleting disconnects .*, disconnects: true \}$/);
    assert.match(
      acknowledgementProblem(undefined, "a", "b", { ...NO_CONSEQUENCES, openRequests: 1 }) ?? "",
      / \(now: 1 open access request\)\. /,
    );
  });

  it("accepts an acknowledgement with more entries than needed", () => {
    const given = { irreversible: true, sps: "a", spp: "b", closesAccessRequests: true, overwrites: ["x"] } as const;
    assert.equal(acknowledgementProblem({ ...given, overwrites: ["x"] }, "a", "b"), undefined);
  });

  it("suggests a block that is accepted when it is pasted", () => {
    const consequences: fc.Arbitrary<Consequences> = fc.record({
      isRejoin: fc.boolean(),
      isUnlinkedOnDelete: fc.boolean(),
      openRequests: fc.nat(3),
      overwrites: fc.uniqueArray(fc.constantFrom("safeguard_default", "safeguard_default_ssh", 'a "b": c')),
    });
    const said = fc.option(
      fc.record({ irreversible: fc.constant(true as const), sps: address, spp: address }, { requiredKeys: ["sps"] }),
      { nil: undefined },
    );
    fc.assert(
      fc.property(address, address, said, consequences, (sps, spp, before, would) => {
        const problem = acknowledgementProblem(before, sps, spp, would);
        const [, block] = problem?.split(/(?:add|write) acknowledge: /) ?? [];
        if (block === undefined) return;
        const pasted = runInNewContext(`(${block})`);
        assert.equal(acknowledgementProblem(pasted, sps, spp, would), undefined);
      }),
    );
  });
});
