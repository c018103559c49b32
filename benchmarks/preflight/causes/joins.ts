import type { LabPair } from "../lab-pair";
import type { Cause } from "./cause";

/** SPS's part of the join lasts until long after the preflight, however slow this machine is. */
const LONG_HANDSHAKE = { joinSeconds: 280 };

/** Joins that were made, begun or broken before. Speed 20: five minutes are fifteen seconds. */
export const JOINS: Cause[] = [
  {
    name: "joined to another SPP",
    check: "join-state",
    status: "fail",
    alsoFails: ["sps-default-names"],
    options: {},
    arrange: async (pair) => {
      await pair.join();
      for (const entry of [...pair.spp.context.modules.all()]) pair.spp.context.modules.remove(entry);
      return undefined;
    },
  },
  {
    name: "joined on SPP's side only",
    check: "join-state",
    status: "fail",
    fault: "join-no-policies",
    options: { speed: 200 },
    arrange: async (pair) => {
      await pair.beginJoin();
      await pair.until("the trust", () => pair.spp.sessionModules.some((row) => row.Trusted));
      await pair.until("two minutes", () => ageSeconds(pair) > 125);
      return undefined;
    },
  },
  {
    name: "joined already, and the versions differ since",
    check: "versions-equal",
    status: "warn",
    options: { spp: { version: "8.1.0.21662" } },
    arrange: async (pair) => {
      await pair.join();
      return undefined;
    },
  },
  {
    name: "split on SPP",
    check: "join-state",
    status: "warn",
    options: { speed: 200 },
    arrange: async (pair) => {
      await pair.join();
      for (const entry of pair.spp.context.modules.all()) pair.spp.context.modules.split(entry);
      await pair.until("five minutes", () => ageSeconds(pair) > 310);
      return undefined;
    },
  },
  {
    name: "SPS set up anew at the same address",
    check: "join-state",
    status: "fail",
    alsoFails: ["sps-default-names"],
    options: {},
    arrange: async (pair) => {
      await pair.join();
      for (const entry of pair.spp.context.modules.all()) entry.row.NodeId = "11111111-2222-4333-8444-555555555555";
      return undefined;
    },
  },
  {
    name: "handshake that never ended",
    check: "join-state",
    status: "fail",
    fault: "join-never-trusted",
    options: { speed: 200 },
    arrange: async (pair) => {
      await pair.beginJoin();
      await pair.until("five minutes", () => ageSeconds(pair) > 310);
      return undefined;
    },
  },
  {
    name: "join under way",
    check: "join-recent",
    status: "warn",
    fault: "join-never-trusted",
    options: { speed: 20, sps: LONG_HANDSHAKE },
    arrange: beginOnly,
  },
  {
    name: "join under way that SPP does not list",
    check: "spp-operation",
    status: "warn",
    fault: "join-never-trusted",
    options: { speed: 20, sps: LONG_HANDSHAKE, spp: { variants: { unfinishedJoin: "hidden" } } },
    arrange: beginOnly,
  },
  {
    name: "failed attempt less than five minutes ago",
    check: "join-recent",
    status: "fail",
    fault: "join-over-five-minutes",
    options: { speed: 20, spp: { variants: { unfinishedJoin: "disconnected" } } },
    arrange: beginOnly,
  },
];

async function beginOnly(pair: LabPair): Promise<undefined> {
  await pair.beginJoin();
  return undefined;
}

function ageSeconds(pair: LabPair): number {
  const created = pair.spp.sessionModules[0]?.CreatedDate;
  return created === undefined ? 0 : (pair.bench.clock.now().getTime() - Date.parse(created)) / 1000;
}
