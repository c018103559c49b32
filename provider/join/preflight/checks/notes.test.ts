import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { baseFacts } from "../../../../benchmarks/preflight/base-facts";
import { UNREAD } from "../../../../benchmarks/preflight/sentence";
import type { Facts } from "../facts";
import { notesOf } from "./notes";

const { refused } = UNREAD;

describe("note: tcp 443 and 8649 between SPS and SPP", () => {
  const fromSps = "only SPS can try tcp 443 to SPP, at Basic Settings > Troubleshooting";
  const note = (portTest?: Facts["spp"]["portTest"]) =>
    notesOf(baseFacts(portTest ? { spp: { portTest } } : {})).find(({ id }) => id === "ports")?.text;

  it("notes who can test the ports, or shows the result of SPP", () => {
    assert.equal(note(), `SPP tries tcp 8649 to SPS only with diagnostics; ${fromSps}`);
    assert.equal(
      note({ value: "Connected to 10.0.0.1:8649." }),
      `SPP tried 10.0.0.1:8649 and says "Connected to 10.0.0.1:8649." (free text for a person); ${fromSps}`,
    );
    assert.equal(note(refused), `tcp 8649 was not tried: login refused; ${fromSps}`);
  });

  it("says that the port opens with the promotion, so that a closed one is no surprise", () => {
    const value = "Could not open a connection to 10.0.0.1:8649.";
    const info = { value: { hostName: "sps1.example.com", firmwareVersion: "8.0.0", roles: [] } };
    const sps = { info, cluster: { value: { nodes: [], selfId: undefined } } };
    const facts = baseFacts({ spp: { portTest: { value } }, sps, promotion: {} });
    const said = `SPP tried 10.0.0.1:8649 and says "${value}" (free text for a person)`;
    const text = notesOf(facts).find(({ id }) => id === "ports")?.text;
    assert.equal(text, `${said}; SPS opens the port when it is promoted; ${fromSps}`);
  });
});
