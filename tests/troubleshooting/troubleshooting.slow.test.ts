import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { before, describe, it } from "mocha";
import { runLabFault } from "../../benchmarks/doctor/lab-faults";
import { FaultSwitches } from "../../lab/common/faults";
import { diagnosisLines } from "../../sdk/nodejs/diagnose";

const ROOT = resolve(__dirname, "../..");
const PAGE = join(ROOT, "docs/troubleshooting.md");

/** A block of the page: the name of a fault, and what doctor prints for it. */
const BLOCK = /(<!-- lab fault: ([\w-]+) -->\n```\n)([\s\S]*?)(```\n)/g;

describe("docs/troubleshooting.md", () => {
  const page = readFileSync(PAGE, "utf8");
  const blocks = [...page.matchAll(BLOCK)].map(([, , name = "", shown = ""]) => ({ name, shown }));
  let normalized: (line: string) => string;

  before(async () => {
    normalized = (await import(join(ROOT, "tools/testing/error-examples.mjs"))).normalized;
  });

  /** The headline and the causes that doctor prints for a fault, without what differs between runs. */
  async function printedFor(name: string): Promise<string> {
    const { report } = await runLabFault(FaultSwitches.parse(name));
    const lines = diagnosisLines({ sites: [report], shared: [] });
    const end = lines.findIndex((line) => / of \d+ pass$/.test(line));
    return lines
      .slice(0, end)
      .map((line) => `${normalized(line)}\n`)
      .join("");
  }

  it("shows a block for each of eleven faults", () => {
    assert.equal(new Set(blocks.map(({ name }) => name)).size, 11);
  });

  for (const { name, shown } of blocks) {
    it(`shows what doctor prints for ${name}`, async () => {
      const printed = await printedFor(name);
      if (process.env.SAFEGUARD_UPDATE_EXAMPLES !== "1") return assert.equal(shown, printed);
      const now = readFileSync(PAGE, "utf8");
      writeFileSync(
        PAGE,
        now.replace(BLOCK, (block, begin, fault, _shown, end) => (fault === name ? begin + printed + end : block)),
      );
    });
  }
});
