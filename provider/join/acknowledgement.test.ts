import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { acknowledgementProblem } from "./acknowledgement";

const address = fc.oneof(fc.ipV4(), fc.domain());

describe("the acknowledgement of a join", () => {
  it("covers the join of exactly the two appliances it names", () => {
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

  it("does not cover the join the other way round", () => {
    assert.ok(acknowledgementProblem({ irreversible: true, sps: "b", spp: "a" }, "a", "b"));
  });

  it("that is missing is asked for, with the reason and the block to paste", () => {
    assert.equal(
      acknowledgementProblem(undefined, "10.0.0.1", "10.0.0.5"),
      'acknowledge: the join of 10.0.0.1 to 10.0.0.5 cannot be undone and closes open access requests. If this is what you want, add acknowledge: { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5" }',
    );
  });

  it("of another join names what it says and what would happen", () => {
    assert.equal(
      acknowledgementProblem({ irreversible: true, sps: "10.0.0.1", spp: "10.0.0.6" }, "10.0.0.1", "10.0.0.5"),
      'acknowledge: it names 10.0.0.1 and 10.0.0.6, but the join would be between 10.0.0.1 and 10.0.0.5. If this is what you want, write acknowledge: { irreversible: true, sps: "10.0.0.1", spp: "10.0.0.5" }',
    );
  });

  it("can be pasted as it is suggested", () => {
    fc.assert(
      fc.property(address, address, (sps, spp) => {
        const [, block = ""] = acknowledgementProblem(undefined, sps, spp)?.split("add acknowledge: ") ?? [];
        const json = block.replace(/(\w+):/g, (_, key) =>
          /^(irreversible|sps|spp)$/.test(key) ? `"${key}":` : `${key}:`,
        );
        assert.equal(acknowledgementProblem(JSON.parse(json), sps, spp), undefined);
      }),
    );
  });
});
