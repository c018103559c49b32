import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { runLabFault } from "../../benchmarks/doctor/lab-faults";
import { LabSite } from "../../benchmarks/doctor/lab-site";
import { SIDE_FAULTS, withFaults } from "../../benchmarks/doctor/side-faults";
import { FaultSwitches } from "../../lab/common/faults";
import { diagnose, diagnosisLines } from "../../sdk/nodejs/diagnose";
import { LogsBed } from "../support/logs-bed";
import { runCommand } from "../support/run-command";
import { SiteFile } from "../support/site-file";
import { normalizedLines, recordedMessages, shownBlocks, updateBlock } from "./page";

/** What prints the blocks of each kind, given their name, and how many blocks the page has of it. */
const KINDS: Record<string, { count: number; print(name: string): Promise<string[]> }> = {
  "lab fault": {
    count: 11,
    async print(name) {
      const { report } = await runLabFault(FaultSwitches.parse(name), false);
      return causesIn(diagnosisLines({ sites: [report], shared: [] }));
    },
  },
  "router fault": {
    count: 2,
    async print(name) {
      const fault = SIDE_FAULTS.filter((one) => one.name === name);
      assert.equal(fault.length, 1);
      const lab = await LabSite.start({}, "page");
      try {
        return await withFaults(lab, fault, async (site) =>
          causesIn(diagnosisLines(await diagnose({ sites: [site], trafficSeconds: 0 }))),
        );
      } finally {
        await lab.stop();
      }
    },
  },
  "connect with lab fault": {
    count: 3,
    async print(name) {
      const lab = await LabSite.start();
      const file = new SiteFile(lab.pair);
      try {
        lab.pair.bench.faults.on(FaultSwitches.parse(name));
        const { code, out } = await runCommand("connect", "--file", file.path);
        assert.equal(code, 1);
        return causesIn(out.split("\n"));
      } finally {
        file.remove();
        await lab.stop();
      }
    },
  },
  command: {
    count: 2,
    async print(name) {
      const bed = await LogsBed.start();
      try {
        const options = name === "logs" ? [] : ["--folder", bed.file.folder];
        const { code, out } = await runCommand(name, "--file", bed.file.path, ...options);
        assert.equal(code, 0);
        return out.trimEnd().split("\n");
      } finally {
        await bed.stop();
      }
    },
  },
  messages: {
    count: 1,
    print: async (names) => names.split(" ").map((code) => recordedMessages()[code] ?? `no message of ${code}`),
  },
};

/** The headline and the causes, without the tree of checks below them. */
function causesIn(lines: readonly string[]): string[] {
  const end = lines.findIndex((line) => / of \d+ pass$|^ {2}from /.test(line));
  return lines.slice(0, end);
}

describe("docs/troubleshooting.md", function () {
  this.timeout(120_000);
  const blocks = shownBlocks();

  it("shows the output of each fault and command", () => {
    const counts = Object.entries(KINDS).map(([kind, { count }]) => [kind, count]);
    const shown = Object.keys(KINDS).map((kind) => [kind, blocks.filter((block) => block.kind === kind).length]);
    assert.deepEqual(shown, counts);
    assert.equal(new Set(blocks.map(({ kind, name }) => `${kind}: ${name}`)).size, blocks.length);
    assert.deepEqual(
      blocks.filter(({ kind }) => KINDS[kind] === undefined),
      [],
    );
  });

  for (const block of blocks) {
    it(`shows what is printed now for the ${block.kind} ${block.name}`, async () => {
      const printed = await normalizedLines((await KINDS[block.kind]?.print(block.name)) ?? []);
      if (process.env.SAFEGUARD_UPDATE_EXAMPLES === "1") return updateBlock(block, printed);
      assert.equal(block.shown, printed);
    });
  }
});
