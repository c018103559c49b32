import fc from "fast-check";
import { examine } from "./doctor/examine";
import { alarmsOf, healthyLabReports, healthyReports } from "./doctor/healthy";
import { FAULT_NAMES, runLabFault } from "./doctor/lab-faults";
import { LabSite } from "./doctor/lab-site";
import { measureManySites } from "./doctor/many-sites";
import { areRelated, SIDE_FAULTS, type SideFault, withFaults } from "./doctor/side-faults";

/*
 * What `doctor` finds, what it alarms about without need, and what many sites cost: `npm run bench -- doctor` (5 min).
 * With `--json` the last line is the result as one object. The router is real, in network namespaces.
 */
const FACT_VARIANTS = 300;
const PAIRS = 120;
const SITES = 50;

async function main(): Promise<void> {
  const ofLab = await findLabFaults();
  const lab = await LabSite.start({ members: 1 }, "doctor-bench");
  try {
    const single = await findSideFaults(lab);
    const pairs = await findPairs(lab);
    const healthy = [...healthyReports(FACT_VARIANTS, 1), ...(await healthyLabReports())];
    const alarms = alarmsOf(healthy);
    for (const alarm of alarms) console.log(`FALSE ALARM  ${alarm}`);
    const many = await measureManySites(SITES);
    const result = {
      faults: ofLab.visible + single.faults,
      named: ofLab.named + single.named,
      firstCauseRight: ofLab.firstCauseRight + single.firstCauseRight,
      onlyConsequence: ofLab.onlyConsequence,
      hidden: ofLab.hidden,
      mended: single.mended,
      pairs: pairs.pairs,
      bothNamed: pairs.bothNamed,
      healthyVariants: healthy.length,
      falseAlarms: alarms.length,
      ...many,
    };
    console.log(`faults named: ${result.named} of ${result.faults}, first cause right: ${result.firstCauseRight}`);
    console.log(`of these, ${result.onlyConsequence} only by what they left behind; ${result.hidden} show in no read`);
    console.log(`found to be gone once mended: ${result.mended} of ${single.faults}`);
    console.log(`pairs of faults with both named: ${result.bothNamed} of ${result.pairs}`);
    console.log(`false alarms: ${result.falseAlarms} in ${result.healthyVariants} healthy variants`);
    console.log(`${SITES} sites: ${many.allMilliseconds} ms, one site: ${many.oneSiteMilliseconds} ms`);
    console.log(`the same beside a dead site: ${many.withDeadSiteMilliseconds} ms`);
    if (process.argv.includes("--json")) console.log(JSON.stringify(result));
    const isComplete = result.named === result.faults && result.bothNamed === result.pairs && alarms.length === 0;
    if (!isComplete) process.exitCode = 1;
  } finally {
    await lab.stop();
  }
}

async function findLabFaults() {
  const total = { visible: 0, named: 0, firstCauseRight: 0, onlyConsequence: 0, hidden: 0 };
  for (const name of FAULT_NAMES) {
    const { kind, isNamed, isFirst, report } = await runLabFault(name);
    const isRight = kind === "hidden" ? isFirst : isNamed && isFirst;
    console.log(`${isRight ? kind : "MISSED"}`.padEnd(12), name.padEnd(28), causesOf(report.causes));
    if (kind === "hidden") total.hidden += 1;
    else {
      total.visible += 1;
      total.named += Number(isNamed);
      total.firstCauseRight += Number(isFirst);
      total.onlyConsequence += Number(kind === "consequence");
    }
  }
  return total;
}

async function findSideFaults(lab: LabSite) {
  const total = { faults: SIDE_FAULTS.length, named: 0, firstCauseRight: 0, mended: 0 };
  for (const fault of SIDE_FAULTS) {
    const { causes } = await withFaults(lab, [fault], examine);
    const isNamed = causes.some(({ check }) => check === fault.check);
    const isFirst = causes[0]?.check === fault.check;
    total.named += Number(isNamed);
    total.firstCauseRight += Number(isFirst);
    total.mended += Number((await examine(lab.site())).status === "fine");
    console.log(`${isFirst ? "cause" : "MISSED"}`.padEnd(12), fault.name.padEnd(28), causesOf(causes));
  }
  return total;
}

async function findPairs(lab: LabSite) {
  const fault = fc.constantFrom(...SIDE_FAULTS);
  const independent = fc.tuple(fault, fault).filter(([left, right]) => !areRelated(left, right));
  let bothNamed = 0;
  for (const pair of fc.sample(independent, { numRuns: PAIRS, seed: 1 })) {
    const { causes } = await withFaults(lab, pair, examine);
    const isNamed = pair.every(({ check }: SideFault) => causes.some((cause) => cause.check === check));
    bothNamed += Number(isNamed);
    if (!isNamed) console.log("MISSED PAIR ", pair.map(({ name }) => name).join(" + "), causesOf(causes));
  }
  return { pairs: PAIRS, bothNamed };
}

const causesOf = (causes: readonly { check: string }[]) => causes.map(({ check }) => check).join(", ");

void main();
