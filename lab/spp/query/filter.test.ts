import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { ApiError } from "../api-error";
import { compileFilter, type Row } from "./filter";

const ROWS: Row[] = [
  {
    Id: 1,
    NodeId: "Alpha",
    SpsHostName: "sps1.lab",
    Trusted: true,
    Description: null,
    CreatedDate: "2026-05-01T00:00:00Z",
  },
  {
    Id: 2,
    NodeId: "beta",
    SpsHostName: "sps2.lab",
    Trusted: false,
    Description: "it's",
    CreatedDate: "2026-05-20T08:00:00Z",
  },
  {
    Id: 10,
    NodeId: "GAMMA",
    SpsHostName: null,
    Trusted: true,
    Description: 'a "b" \\c*',
    CreatedDate: "2026-06-01T00:00:00Z",
  },
];

/** Filters with the ids that they select. */
const TABLE: [string, number[]][] = [
  ["Id eq 1", [1]],
  ["Id ne 1", [2, 10]],
  ["Id gt 2", [10]],
  ["Id ge 2", [2, 10]],
  ["Id lt 10", [1, 2]],
  ["Id le 2", [1, 2]],
  ["Id in [1,10]", [1, 10]],
  ["Id in [ 2 ]", [2]],
  ["Id in []", []],
  ["NodeId in ['beta', \"Alpha\"]", [1, 2]],
  ["not (Id in [1,2])", [10]],
  ["NodeId eq 'beta'", [2]],
  ['NodeId eq "beta"', [2]],
  ["NodeId eq 'Beta'", []],
  ["NodeId EQ 'beta'", [2]],
  ["NodeId ieq 'BETA'", [2]],
  ["NodeId contains 'et'", [2]],
  ["NodeId contains 'AMM'", [10]],
  ["NodeId contains 'amm'", []],
  ["NodeId icontains 'amm'", [10]],
  ["NodeId sw 'Al'", [1]],
  ["NodeId sw 'al'", []],
  ["NodeId isw 'al'", [1]],
  ["NodeId ew 'ta'", [2]],
  ["NodeId ew 'MA'", [10]],
  ["NodeId iew 'ma'", [10]],
  ["Trusted eq true", [1, 10]],
  ["Trusted eq False", [2]],
  ["Trusted ne true", [2]],
  ["SpsHostName eq null", [10]],
  ["SpsHostName ne null", [1, 2]],
  ["SpsHostName gt 'sps1.lab'", [2]],
  ["Description eq 'it\\'s'", [2]],
  ['Description eq "it\'s"', [2]],
  ['Description eq "a \\"b\\" \\\\c\\*"', [10]],
  ["CreatedDate ge '2026-05-20'", [2, 10]],
  ["CreatedDate lt 2026-05-20T08:00:00.000Z", [1]],
  ["CreatedDate eq '2026-05-20T08:00:00.000Z'", [2]],
  ["(SpsHostName eq 'sps1.lab') or (SpsNetworkAddress eq 'sps1.lab')", [1]],
  ["Id eq 1 or Id eq 2 and Trusted eq true", [1]],
  ["(Id eq 1 or Id eq 2) and Trusted eq true", [1]],
  ["Id eq 1 OR Id eq 10", [1, 10]],
  ["not Trusted eq true", [2]],
  ["not not Trusted eq true", [1, 10]],
  ["not (Trusted eq true and Id gt 5)", [1, 2]],
];

/** Filters with the error code of their refusal. */
const REFUSED: [string, number][] = [
  ["Nothing eq 1", 70009],
  ["nodeid eq 'beta'", 70009],
  ["NodeId like 'beta'", 70003],
  ["NodeId constructor 'beta'", 70003],
  ["NodeId eq beta", 70009],
  ["NodeId eq 'beta", 70009],
  ["NodeId eq", 70009],
  ["NodeId", 70009],
  ["(Id eq 1", 70009],
  ["Id eq 1)", 70009],
  ["Id eq 1 Id eq 2", 70009],
  ["Id in 1", 70009],
  ["Id in [1 2]", 70009],
  ["Id not in [1]", 70003],
  ["Id eq 1 and", 70009],
  ["'Id' eq 1", 70009],
];

const idsOf = (filter: string) => ROWS.filter(compileFilter(filter, "SessionModuleConnection")).map((row) => row.Id);

describe("filters of lists", () => {
  for (const [filter, ids] of TABLE) {
    it(`selects ${JSON.stringify(ids)} with ${filter}`, () => assert.deepEqual(idsOf(filter), ids));
  }

  for (const [filter, code] of REFUSED) {
    it(`refuses ${filter} with ${code}`, () => {
      assert.throws(
        () => idsOf(filter),
        (error) => error instanceof ApiError && error.status === 400 && error.body?.Code === code,
      );
    });
  }

  it("follows dots into lists and nested objects", () => {
    const certificates: Row[] = [
      { Thumbprint: "A", Appliances: [{ Id: "x" }, { Id: "y" }] },
      { Thumbprint: "B", Appliances: [] },
    ];
    const find = (filter: string) =>
      certificates.filter(compileFilter(filter, "SslCertificate")).map((row) => row.Thumbprint);
    assert.deepEqual(find("Appliances.Id eq 'y'"), ["A"]);
    assert.deepEqual(find("Appliances.Id eq 'z'"), []);
    const policies: Row[] = [
      { Id: 1, SessionProperties: { SessionModuleConnectionId: 3 } },
      { Id: 2, SessionProperties: null },
    ];
    const test = compileFilter("SessionProperties.SessionModuleConnectionId eq 3", "AccessPolicy");
    assert.deepEqual(
      policies.filter(test).map((row) => row.Id),
      [1],
    );
  });

  it("matches any text exactly in single and double quotes", () => {
    const property = fc.property(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom("'", '"'),
      (text, other, quote) => {
        const escaped = text.replace(/[\\*'"]/g, (character) => `\\${character}`);
        const test = compileFilter(`Description eq ${quote}${escaped}${quote}`, "SessionModuleConnection");
        assert.equal(test({ Description: text }), true);
        assert.equal(test({ Description: other }), other === text);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it("throws only API errors for random filters", () => {
    const word = fc.constantFrom(
      "Id",
      "eq",
      "in",
      "not",
      "and",
      "or",
      "(",
      ")",
      "[",
      "]",
      ",",
      "1",
      "'a'",
      '"',
      "null",
      "\\",
    );
    const property = fc.property(fc.array(word, { maxLength: 12 }), (words) => {
      try {
        ROWS.filter(compileFilter(words.join(" "), "SessionModuleConnection"));
      } catch (error) {
        assert(error instanceof ApiError, String(error));
      }
    });
    fc.assert(property, { numRuns: 500 });
  });
});
