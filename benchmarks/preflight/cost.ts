import { preflight } from "../../provider/join/preflight/preflight";
import type { PreflightReport } from "../../provider/join/preflight/report";
import type { LabPair } from "./lab-pair";

const DELAYS = [0, 20, 100];
const RUNS_PER_DELAY = 5;

/** What a preflight of a pair costs: its round trips, and its wall time by what each answer is delayed, in milliseconds. */
export async function measurePreflight(pair: LabPair) {
  const milliseconds: Record<string, number> = {};
  let roundTrips: PreflightReport["roundTrips"] = { sps: 0, spp: 0 };
  const traffics = [pair.central.sps.traffic, pair.spp.traffic];
  for (const delay of DELAYS) {
    for (const traffic of traffics) {
      traffic.clearInjections();
      traffic.inject({ times: Number.POSITIVE_INFINITY, effect: { kind: "delay", milliseconds: delay } });
    }
    const times: number[] = [];
    for (let run = 0; run < RUNS_PER_DELAY; run += 1) {
      const report = await preflight(pair.order());
      times.push(report.milliseconds);
      roundTrips = report.roundTrips;
    }
    milliseconds[delay] = times.sort((left, right) => left - right)[Math.floor(RUNS_PER_DELAY / 2)] ?? 0;
    console.log(`a preflight with ${delay} ms per answer: ${milliseconds[delay]} ms (median of ${RUNS_PER_DELAY})`);
  }
  for (const traffic of traffics) traffic.clearInjections();
  return { roundTrips, milliseconds };
}
