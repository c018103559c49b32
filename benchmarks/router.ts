import { LabRouter } from "../provider/resources/router-redirection/lab-router.test";
import { installAnsible, noAnsibleText } from "./ansible/installation";
import { textAfter } from "./common/options";
import { provideIfupdown } from "./lab/sessions";
import { ANSIBLE_RULES, ANSIBLE_STATE, ANSIBLE_STATE_ALONE } from "./router/ansible";
import { checkPointSubject } from "./router/check-point";
import { ciscoSubject } from "./router/cisco";
import { COMMANDS } from "./router/commands";
import { type EmulatedSubject, emulatedRounds } from "./router/emulated";
import { product } from "./router/product";
import { lineOf, type Result, roundTripsOf } from "./router/results";
import { Rounds } from "./router/rounds";
import { sophosSubject } from "./router/sophos";

/*
 * Measures how long it takes to apply, refresh and remove redirections of many rules: `npm run bench -- router [--quick]
 * [--full] [--json]`. Medians of ten runs each, or of two with `--quick`. Rivals fill a chain with as many rules; their slow
 * cases are measured less often (`runs`) or left out with a line that says so. Ends within ten minutes; `--full` gives the
 * rivals 50. Ansible's times are those of a whole new `ansible-playbook`, with pipelining and one connection for its tasks.
 * With `--json` the last line is the result as one object; `roundTrips` expresses the effect of network delay as a number
 * of round trips.
 *
 * `--platform cisco-ios` measures an emulated Cisco router instead, with 200 networks, beside Ansible's modules of cisco.ios
 * on the same emulation, and prints how many times longer those take. The emulation answers at once; a proxy delays it.
 * `--platform check-point` does the same on an emulated Check Point gateway, beside a script of Netmiko that sends the same
 * commands of Clish. `--platform sophos-utm` does it on an emulated Sophos UTM, beside a script that sends one request after
 * the other, and counts requests.
 */
const RULES = [10, 100, 1000];
const ROUND_TRIPS = [0, 20, 100];

const EMULATED: Readonly<Record<string, () => Promise<EmulatedSubject>>> = {
  "cisco-ios": ciscoSubject,
  "check-point": checkPointSubject,
  "sophos-utm": sophosSubject,
};
const PLATFORMS = ["linux", ...Object.keys(EMULATED)];

async function main(): Promise<void> {
  const platform = textAfter("--platform") ?? "linux";
  if (!PLATFORMS.includes(platform))
    throw new Error(`Invalid value for --platform: ${platform}. Allowed values are: ${PLATFORMS.join(", ")}.`);
  const start = EMULATED[platform];
  if (start) return await emulatedRounds(await start(), process.argv.includes("--quick") ? 1 : 3, isJsonWanted());
  const [isFull, isQuick] = ["--full", "--quick"].map((name) => process.argv.includes(name));
  const problem = installAnsible();
  if (problem !== undefined) console.log(noAnsibleText(problem));
  const results: Result[] = [];
  const router = await LabRouter.start(`bench-${process.pid}`);
  try {
    await provideIfupdown(router);
    const rounds = new Rounds(router, {
      runs: isQuick ? 2 : 10,
      caseSeconds: isQuick ? 5 : isFull ? 120 : 15,
      limitSeconds: isQuick ? 200 : isFull ? 3000 : 590,
      note: (result) => {
        results.push(result);
        console.log(lineOf(result));
      },
    });
    await rounds.always(product(false), casesOf(RULES));
    await rounds.always(product(true), casesOf([1000], [0, 100]));
    const isAnsibleInstalled = problem === undefined;
    await rounds.whileTimeIsLeft([
      { contender: COMMANDS, cases: casesOf([10, 100]) },
      { contender: ANSIBLE_STATE, cases: casesOf(isAnsibleInstalled ? [10, 1000] : []) },
      { contender: ANSIBLE_STATE_ALONE, cases: casesOf(isAnsibleInstalled ? [1000] : []) },
      { contender: ANSIBLE_RULES, cases: casesOf(isAnsibleInstalled ? [10] : []) },
    ]);
    await rounds.whileTimeIsLeft([
      { contender: COMMANDS, cases: casesOf([1000]) },
      { contender: ANSIBLE_STATE, cases: casesOf(isAnsibleInstalled ? [100] : []) },
      { contender: ANSIBLE_RULES, cases: casesOf(isAnsibleInstalled ? [100, 1000] : []) },
    ]);
  } finally {
    await router.network.setDelay(0);
    await router.stop();
  }
  const roundTrips = roundTripsOf(results);
  for (const { operation, rules, persist, count } of roundTrips) {
    console.log(`pulumi-safeguard  ${operation} of ${rules} rules${persist ? ", persist" : ""}: ${count} round trips`);
  }
  if (isJsonWanted()) console.log(JSON.stringify({ results, roundTrips }));
}

function isJsonWanted(): boolean {
  return process.argv.includes("--json");
}

function casesOf(rules: readonly number[], roundTrips: readonly number[] = ROUND_TRIPS) {
  return roundTrips.flatMap((roundTripMilliseconds) => rules.map((one) => ({ rules: one, roundTripMilliseconds })));
}

void main();
