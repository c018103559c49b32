import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { UNKNOWN } from "../core/unknown";
import { brokenConnections, type WantedRedirections } from "./gaps";
import type { Redirection } from "./redirection";

const rdp: Redirection = {
  name: "rdp",
  clientInterfaces: ["eth1"],
  clientCidrs: undefined,
  serverInterfaces: undefined,
  serverCidrs: ["10.0.0.0/24"],
  ports: [3389],
  spsAddress: "172.16.9.2",
  spsInterface: "eth3",
  addressMode: "own",
  failMode: "closed",
  existingConnections: "leave",
};
const moved: Redirection = { ...rdp, spsAddress: "172.16.9.3" };
const drain = { connections: "drain", drainSeconds: 60 } as const;

/** What an update tells of connections, with this redirection before it. */
const told = (wanted: Partial<WantedRedirections> = {}) =>
  brokenConnections([rdp], {
    redirections: [moved],
    removal: { connections: "cut", drainSeconds: 300 },
    redirects: "connections",
    ...wanted,
  });

describe("connections that an update breaks", () => {
  const begin = "redirection rdp: connections through SPS 172.16.9.2";

  it("are those of an SPS that is no longer used, unless they are awaited", () => {
    assert.deepEqual(told(), [`${begin} end; to let them end by themselves, set removal.connections to drain`]);
    assert.deepEqual(told({ removal: drain }), [`${begin} go on until they end, at most 60 s`]);
    const unknownLimit = { ...drain, drainSeconds: UNKNOWN } as const;
    assert.deepEqual(told({ removal: unknownLimit }), [`${begin} go on until they end, up to removal.drainSeconds`]);
    assert.deepEqual(told({ removal: UNKNOWN }), [`${begin} end, unless removal.connections is drain`]);
  });

  it("go on at another address of the same SPS where packets are redirected", () => {
    const text = `${begin} end, unless 172.16.9.3 is an address of the same SPS`;
    assert.deepEqual(told({ redirects: "packets" }), [text]);
  });

  it("are not those that another redirection keeps, nor those of a redirection that stays or is unknown", () => {
    assert.deepEqual(told({ redirections: [moved, { ...rdp, name: "web" }] }), []);
    assert.deepEqual(told({ redirections: [rdp] }), []);
    assert.deepEqual(told({ redirections: UNKNOWN }), []);
    assert.deepEqual(told({ redirections: [{ ...rdp, spsAddress: UNKNOWN }] }), []);
  });
});
