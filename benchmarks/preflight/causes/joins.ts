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
    options: {},
    arrange: joined((pair) => {
      for (const entry of [...modulesOf(pair)]) pair.spp.context.modules.remove(entry);
    }),
  },
  {
    name: "joined on SPP's side only",
    check: "join-state",
    status: "fail",
    fault: "join-no-policies",
    options: { speed: 200 },
    arrange: begun(async (pair) => {
      await pair.until("the trust", () => pair.spp.sessionModules.some((row) => row.Trusted));
      await pair.until("two minutes", () => pair.ageSeconds > 125);
    }),
  },
  {
    name: "joined already, and the versions differ since",
    check: "versions-equal",
    status: "warn",
    options: { spp: { version: "8.1.0.21662" } },
    arrange: joined(),
  },
  {
    name: "split on SPP",
    check: "join-state",
    status: "warn",
    options: { speed: 200 },
    arrange: joined((pair) => {
      for (const entry of modulesOf(pair)) pair.spp.context.modules.split(entry);
      return pair.until("five minutes", () => pair.ageSeconds > 310);
    }),
  },
  {
    name: "SPS set up anew at the same address",
    check: "join-state",
    status: "fail",
    options: {},
    arrange: joined((pair) => {
      for (const entry of modulesOf(pair)) entry.row.NodeId = "11111111-2222-4333-8444-555555555555";
    }),
  },
  {
    name: "handshake that never ended",
    check: "join-state",
    status: "fail",
    fault: "join-never-trusted",
    options: { speed: 200 },
    arrange: begun((pair) => pair.until("five minutes", () => pair.ageSeconds > 310)),
  },
  {
    name: "join under way",
    check: "join-recent",
    status: "warn",
    fault: "join-never-trusted",
    options: { speed: 20, sps: LONG_HANDSHAKE },
    arrange: begun(),
  },
  {
    name: "join under way that SPP does not list",
    check: "spp-operation",
    status: "warn",
    fault: "join-never-trusted",
    options: { speed: 20, sps: LONG_HANDSHAKE, spp: { variants: { unfinishedJoin: "hidden" } } },
    arrange: begun(),
  },
  {
    name: "failed attempt less than five minutes ago",
    check: "join-recent",
    status: "fail",
    fault: "join-over-five-minutes",
    options: { speed: 20, spp: { variants: { unfinishedJoin: "disconnected" } } },
    arrange: begun(),
  },
];

const modulesOf = (pair: LabPair) => pair.spp.context.modules.all();

/** Joins the pair, then changes it. */
function joined(change: (pair: LabPair) => unknown = () => undefined) {
  return async (pair: LabPair): Promise<undefined> => {
    await pair.join();
    await change(pair);
  };
}

/** Starts a join, and waits for its state. */
function begun(wait: (pair: LabPair) => Promise<void> = async () => undefined) {
  return async (pair: LabPair): Promise<undefined> => {
    await pair.beginJoin();
    await wait(pair);
  };
}
