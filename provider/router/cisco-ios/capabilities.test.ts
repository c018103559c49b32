import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Support } from "../capabilities";
import { ciscoIos } from "./platform";

const PAGE = resolve(__dirname, "../../../docs/router-cisco-ios.md");

describe("the page about Cisco routers", () => {
  it("has a table of capabilities that agrees with the code", () => {
    const { rollback, persistence, adopting, addressModes, failModes, draining, bypass, trafficProof, portProbes } =
      ciscoIos.capabilities({ reloadFallback: false });
    const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(", ");
    const text = (support: Support, note = "") => (support === true ? `yes${note}` : `no: ${support.reason}`);
    const rows = {
      "rollback of unconfirmed changes": `by the router (${code([rollback])})`,
      "`persist: true`": text(persistence),
      "`adopt: true`": text(adopting, ", for redirections of the same names"),
      "`addressMode`": code(addressModes),
      "`failMode`": code(failModes),
      '`removal.connections: "drain"`': text(draining),
      '`bypass: "when-sps-silent"`': text(bypass),
      '`probe.traffic: "required"`': text(trafficProof),
      "`probe.hosts[].port`": text(portProbes),
    };
    const table = Object.entries(rows).map(([feature, support]) => `| ${feature} | ${support} |`);
    const page = readFileSync(PAGE, "utf8");
    assert.ok(page.includes(table.join("\n")), `write this into the page:\n${table.join("\n")}`);
  });
});
