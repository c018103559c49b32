import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, it } from "mocha";
import { parse } from "yaml";
import { loadRollout } from "./load";

const EXAMPLE = resolve(__dirname, "../../examples/many-sites");

describe("the example of a rollout", () => {
  it("has twelve sites of two SPPs in three waves", () => {
    const { plan } = loadRollout(join(EXAMPLE, "rollout.yaml"));
    assert.deepEqual(
      plan.waves.map(({ name, sites }) => [name, sites.length]),
      [
        ["canary", 1],
        ["europe", 5],
        ["america", 6],
      ],
    );
    assert.equal(new Set(Object.values(plan.sites).map(({ spp }) => spp)).size, 2);
    assert.deepEqual(plan.waves[0]?.gates, { approval: false, soakSeconds: 900, doctor: true });
  });

  it("has pipelines that preview, roll out, approve and look for drift with the commands that exist", () => {
    const commands = (file: string) => {
      const text = readFileSync(join(EXAMPLE, "ci", file), "utf8");
      assert.equal(typeof parse(text), "object");
      return [...new Set([...text.matchAll(/\$ROLLOUT ([a-z]+)/g)].map(([, name]) => name))].sort();
    };
    const all = ["approve", "preview", "refresh", "report", "resume", "start", "status"];
    for (const file of ["github.yml", "gitlab.yml"]) {
      assert.deepEqual(commands(file), all);
      // An approval of whatever waits would be one of what nobody has seen.
      assert.match(
        readFileSync(join(EXAMPLE, "ci", file), "utf8"),
        /\$ROLLOUT approve "\$APPROVAL" --reason "\$REASON"/,
      );
    }
  });
});
