import fc from "fast-check";
import { Administrator, followAll, type Order } from "./doctor/administrator";
import { examine, ordersOf } from "./doctor/examine";
import { alarmsOf, healthyLabReports, healthyReports } from "./doctor/healthy";
import { FAULT_NAMES, runLabFault } from "./doctor/lab-faults";
import { LabSite, WITH_PRIMARY } from "./doctor/lab-site";
import { measureManySites } from "./doctor/many-sites";
import { areRelated, SIDE_FAULTS, type SideFault, withFaults } from "./doctor/side-faults";

/*
 * What `doctor` finds, what it alarms about without need, and what many sites cost: `npm run bench -- doctor` (5 min).
 * With `--json` the last line is the result as one object. The router is real, in network namespaces.
 */
const FACT_VARIANTS = 300;
const PAIRS = 120;
/** Of two appliances each. */
const SITES = 25;

async function main(): Promise<void> {
  const ofLab = await findLabFaults();
  const lab = await LabSite.start({ ...WITH_PRIMARY, members: 1 }, "doctor-bench");
  try {
    await lab.openPrimary();
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
      remedied: ofLab.remedied + single.remedied,
      onlyConsequence: ofLab.onlyConsequence,
      hidden: ofLab.hidden,
      pairs: pairs.pairs,
      bothNamed: pairs.bothNamed,
      healthyVariants: healthy.length,
      falseAlarms: alarms.length,
      ...many,
    };
    console.log(`faults named: ${result.named} of ${result.faults}, first cause right: ${result.firstCauseRight}`);
    console.log(
      `of these, ${result.onlyConsequence} only by what they left behind; ${result.hidden} more need no remedy`,
    );
    const ratio = ((100 * result.remedied) / result.faults).toFixed(1);
    console.log(`gone once the words of the remedy were followed: ${result.remedied} of ${result.faults} (${ratio} %)`);
    console.log(`pairs of faults with both named: ${result.bothNamed} of ${result.pairs}`);
    console.log(`false alarms: ${result.falseAlarms} in ${result.healthyVariants} healthy variants`);
    console.log(
      `${SITES} sites of two appliances: ${many.allMilliseconds} ms, one site: ${many.oneSiteMilliseconds} ms`,
    );
    console.log(`the same sites with one SPP: ${many.sameSppMilliseconds} ms`);
    console.log(`the same beside a dead site: ${many.withDeadSiteMilliseconds} ms`);
    if (process.argv.includes("--json")) console.log(JSON.stringify(result));
    const isFound = result.named === result.faults && result.bothNamed === result.pairs;
    const isComplete = isFound && result.remedied >= 0.9 * result.faults && alarms.length === 0;
    if (!isComplete) process.exitCode = 1;
  } finally {
    await lab.stop();
  }
}

async function findLabFaults() {
  const total = { visible: 0, named: 0, firstCauseRight: 0, remedied: 0, onlyConsequence: 0, hidden: 0 };
  for (const name of FAULT_NAMES) {
    const { kind, isNamed, isFirst, isRemedied, orders } = await runLabFault(name);
    print(isNamed && isFirst, kind, name, isRemedied, orders);
    if (kind === "hidden") total.hidden += 1;
    else {
      total.visible += 1;
      total.named += Number(isNamed);
      total.firstCauseRight += Number(isFirst);
      total.remedied += Number(isRemedied);
      total.onlyConsequence += Number(kind === "consequence");
    }
  }
  return total;
}

async function findSideFaults(lab: LabSite) {
  const total = { faults: SIDE_FAULTS.length, named: 0, firstCauseRight: 0, remedied: 0 };
  for (const fault of SIDE_FAULTS) {
    await withFaults(lab, [fault], async (site) => {
      const report = await examine(site);
      const orders = ordersOf(report);
      const isNamed = report.causes.some(({ check }) => check === fault.check);
      const isFirst = report.causes[0]?.check === fault.check;
      const admin = new Administrator(lab, site);
      const isRemedied = await followAll(admin, orders, async () => (await examine(admin.site)).status === "fine");
      total.named += Number(isNamed);
      total.firstCauseRight += Number(isFirst);
      total.remedied += Number(isRemedied);
      print(isFirst, "cause", fault.name, isRemedied, orders);
    });
  }
  return total;
}

function print(isRight: boolean, kind: string, name: string, isRemedied: boolean, [first]: readonly Order[]): void {
  const outcome = kind === "hidden" ? "" : isRemedied ? "remedied" : "NOT REMEDIED";
  console.log((isRight ? kind : "MISSED").padEnd(12), name.padEnd(44), outcome.padEnd(12), first?.remedy ?? "");
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
