import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { withColours } from "./colour";

const [RED, GREEN, YELLOW, DIM] = ["\u001b[31m", "\u001b[32m", "\u001b[33m", "\u001b[2m"];

describe("colours", () => {
  it("mark the state of a site and of each check, and leave every word as it is", () => {
    const text = [
      "site vienna: does not work",
      "site graz: works, but needs attention",
      '  1. spp 10.0.0.5: check "SPP answers": it answered 503 [SG2005]',
      "    FAIL         SPP answers       it answered 503",
      "    not checked  SPP lists it      because this failed: SPP answers",
      "    warn         its certificate   expires; pass it on",
      "    pass         SPS answers       200",
      "  20 pass, 0 warn, 1 fail, 12 not checked (1.3 s)",
    ].join("\n");
    const coloured = withColours(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.equal(coloured.replace(/\u001b\[\d+m/g, ""), text);
    const lines = coloured.split("\n");
    assert.ok(lines[0]?.startsWith(`site vienna: ${RED}does`));
    assert.ok(lines[1]?.startsWith(`site graz: ${YELLOW}works`));
    assert.ok(lines[3]?.startsWith(`    ${RED}FAIL`));
    assert.ok(lines[4]?.startsWith(`    ${DIM}not checked`));
    assert.ok(lines[5]?.startsWith(`    ${YELLOW}warn`));
    assert.ok(lines[6]?.startsWith(`    ${GREEN}pass`));
    assert.deepEqual([lines[2], lines[7]], [text.split("\n")[2], text.split("\n")[7]]);
  });
});
