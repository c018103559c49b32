import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { variantOf } from "./variant";

describe("behaviour of SPS by firmware version", () => {
  it("has explicit exclusive transactions and no newer endpoints in 6.0", () => {
    const { listItems, transactionShape, transactionOpening, writers, loginDiscovery, newerEndpoints, mssql } =
      variantOf("6.0.12");
    assert.deepEqual(
      { listItems, transactionShape, transactionOpening, writers, loginDiscovery, newerEndpoints, mssql },
      {
        listItems: "key-only",
        transactionShape: "top-level",
        transactionOpening: "explicit",
        writers: "exclusive",
        loginDiscovery: "types",
        newerEndpoints: false,
        mssql: false,
      },
    );
  });

  it("changes with versions 6.1, 7.0 and 7.5", () => {
    assert.equal(variantOf("6.1.0").listItems, "with-body");
    assert.equal(variantOf("6.13.0").transactionShape, "top-level");
    assert.equal(variantOf("6.13.0").transactionOpening, "implicit");
    assert.equal(variantOf("7.0.5").transactionShape, "body");
    assert.equal(variantOf("7.0.5").protocolOptions, "with-audit");
    assert.equal(variantOf("7.1.0").protocolOptions, "without-audit");
    assert.equal(variantOf("7.4.0").browserToken, "ignored");
    assert.equal(variantOf("7.5.1").browserToken, "required");
    assert.equal(variantOf("8.0.0").browserToken, "required");
  });
});
