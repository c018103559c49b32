import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, it } from "mocha";
import { showsLinks, withErrorLinks } from "./error-links";

describe("links to error pages", () => {
  const terminal = { isTTY: true };

  it("sends links to terminals that are known to support them", () => {
    for (const environment of [
      { TERM_PROGRAM: "iTerm.app" },
      { TERM_PROGRAM: "vscode", TERM: "xterm-256color" },
      { TERM: "xterm-kitty" },
      { TERM: "xterm-256color", VTE_VERSION: "7200" },
      { WT_SESSION: "c5e8" },
    ]) {
      assert.equal(showsLinks(terminal, environment), true, JSON.stringify(environment));
      assert.equal(showsLinks({}, environment), false, `${JSON.stringify(environment)}, into a file`);
      assert.equal(showsLinks(terminal, { ...environment, CI: "true" }), false, "in a CI log");
    }
  });

  it("sends no links to any other terminal", () => {
    for (const environment of [
      {},
      { TERM: "xterm-256color" },
      { TERM: "linux" },
      { TERM: "dumb", TERM_PROGRAM: "vscode" },
      { TERM: "xterm-256color", VTE_VERSION: "4800" },
    ]) {
      assert.equal(showsLinks(terminal, environment), false, JSON.stringify(environment));
    }
  });

  it("forces or disables links as FORCE_HYPERLINK says", () => {
    assert.equal(showsLinks({}, { FORCE_HYPERLINK: "1" }), true);
    assert.equal(showsLinks(terminal, { FORCE_HYPERLINK: "0", TERM: "xterm-kitty" }), false);
  });

  it("links each error code to its page and leaves other text unchanged", () => {
    const shown = "FAIL  versions differ; upgrade SPS first [SG2210]\nother [SG0000] [x]";
    const linked = withErrorLinks(shown).replaceAll("\u001b", "<ESC>");
    const [link = "", url = ""] = /<ESC>\]8;;(file:[^<]+)<ESC>\\\[SG2210\]<ESC>\]8;;<ESC>\\/.exec(linked) ?? [];
    assert.ok(existsSync(fileURLToPath(url)), url);
    assert.match(url, /\/docs\/errors\/SG2210\.md$/);
    assert.equal(linked.replace(link, "[SG2210]"), shown);
  });
});
