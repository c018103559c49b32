import { preflight } from "../../provider/join/preflight/preflight";
import type { LabPair } from "./lab-pair";

const DELAYS = [0, 20, 100];
const RUNS_PER_DELAY = 5;

/** What a preflight of a pair costs: its requests, and its wall time by what each answer is delayed, in milliseconds. */
export async function measurePreflight(pair: LabPair) {
  const milliseconds: Record<string, number> = {};
  let requests = { sps: 0, spp: 0 };
  const traffics = [pair.central.sps.traffic, pair.spp.traffic];
  for (const delay of DELAYS) {
    for (const traffic of traffics) {
      traffic.clearInjections();
      traffic.inject({ times: Number.POSITIVE_INFINITY, effect: { kind: "delay", milliseconds: delay } });
    }
    const times: number[] = [];
    for (let run = 0; run < RUNS_PER_DELAY; run += 1) {
      const before = traffics.map((traffic) => traffic.requests.length);
      times.push((await preflight(pair.order())).milliseconds);
      const [sps = 0, spp = 0] = traffics.map((traffic, index) => traffic.requests.length - (before[index] ?? 0));
      requests = { sps, spp };
    }
    milliseconds[delay] = times.sort((left, right) => left - right)[Math.floor(RUNS_PER_DELAY / 2)] ?? 0;
    console.log(`a preflight with ${delay} ms per answer: ${milliseconds[delay]} ms (median of ${RUNS_PER_DELAY})`);
  }
  for (const traffic of traffics) traffic.clearInjections();
  return { requests, milliseconds };
}
