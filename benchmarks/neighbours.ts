import { BACKENDS } from "../provider/router/linux/model/backend-names";
import { numberAfter } from "./common/options";
import { calico, cilium, docker, kubeProxy, kubeProxyNft } from "./neighbours/containers";
import { byHand, firewalld, shorewall, ufw } from "./neighbours/firewalls";
import { HARMFUL } from "./neighbours/harmful";
import { Random, type RuleSet } from "./neighbours/rule-set";
import { Trials } from "./neighbours/trial";
import { mwan3, netbird, tailscale, wireguard } from "./neighbours/tunnels";

/*
 * Rules of other programs beside a redirection: `npm run bench -- neighbours [--sets N] [--seed N] [--json]`. Each set is
 * added to a real router with a redirection, and a client connects: the rules are harmful when the connection is not recorded
 * with the client's address, or breaks. Then the router is read as a refresh reads it. Of every healthy set nothing
 * may be reported, of every harmful one something has to be.
 */
const FAMILIES: readonly ((random: Random) => RuleSet)[] = [
  ...[docker, tailscale, wireguard, netbird, calico, cilium, firewalld],
  ...[ufw, shorewall, mwan3, kubeProxy, kubeProxyNft, byHand],
];

async function main(): Promise<void> {
  const seed = numberAfter("--seed", 1);
  const wanted = numberAfter("--sets", 312);
  const random = new Random(seed);
  const healthy = Array.from({ length: wanted }, (_, index) => FAMILIES[index % FAMILIES.length]?.(random)).filter(
    (set) => set !== undefined,
  );
  const sets = [
    ...healthy.map((set) => ({ set, isMeantHealthy: true })),
    ...HARMFUL.map((set) => ({ set, isMeantHealthy: false })),
  ];
  const count = { healthy: 0, falseAlarms: 0, harmful: 0, found: 0 };
  let mislabelled = 0;
  let harmless = 0;
  for (const [place, backend] of BACKENDS.entries()) {
    const trials = await Trials.start(backend);
    try {
      for (const [index, { set, isMeantHealthy }] of sets.entries()) {
        // The backends take the sets in turn; the sets of one family are spread over all of them.
        if ((index + Math.floor(index / FAMILIES.length)) % BACKENDS.length !== place) continue;
        const trial = await trials.try(set);
        const isAlarmed = trial.alarms.length > 0;
        // A set may be harmless with one backend and harmful with another.
        if (trial.isHealthy && !isMeantHealthy) harmless += 1;
        else if (trial.isHealthy) {
          count.healthy += 1;
          count.falseAlarms += Number(isAlarmed);
          if (isAlarmed) console.log(`FALSE ALARM  ${backend}: ${set.name}: ${trial.alarms.join(" | ")}`);
        } else {
          count.harmful += 1;
          count.found += Number(isAlarmed);
          if (!isAlarmed) console.log(`MISSED       ${backend}: ${set.name}: ${trial.truth}`);
          if (isMeantHealthy) console.log(`NOT HEALTHY  ${backend}: ${set.name}: ${trial.truth}`);
          mislabelled += Number(isMeantHealthy);
        }
      }
    } finally {
      await trials.stop();
    }
  }
  console.log(`healthy: ${count.healthy}, of which ${count.falseAlarms} with a false alarm`);
  console.log(`harmful: ${count.harmful}, of which ${count.found} found; ${mislabelled} were meant to be healthy`);
  console.log(`not counted: ${harmless}, written as harmful, but harmless with the backend at hand`);
  if (process.argv.includes("--json")) console.log(JSON.stringify(count));
  if (count.falseAlarms > 0 || count.found < count.harmful || mislabelled > 0) process.exitCode = 1;
}

void main();
