import assert from "node:assert/strict";
import type { Redirection } from "../../redirection";
import type { Chain } from "../model/desired";
import { connectionsOf, parseTracked } from "./tracked";

const REDIRECTION = { name: "rdp", clientInterfaces: ["eth1"], serverCidrs: ["10.0.0.0/24"], ports: ["3389-3399"] };

function chain(parts: Partial<Redirection> = {}): Chain {
  return { redirection: { ...REDIRECTION, ...parts }, hop: { mark: 5, gateway: "172.16.9.2" } } as Chain;
}

function all(lines: readonly string[], parts: Partial<Redirection> = {}, isMarking = true) {
  const tracked = parseTracked(["@@tracked listed", ...lines].join("\n"));
  assert.ok(tracked);
  return connectionsOf(chain(parts), tracked, isMarking);
}

function found(lines: readonly string[], parts: Partial<Redirection> = {}) {
  const { sent, direct, example } = all(lines, parts);
  return [sent, direct, example];
}

const FROM_CLIENT = "@@behind 192.168.50.10 eth1 .";

describe("the connections that a router tracks", () => {
  it("assigns connections to a redirection by client, server and port", () => {
    const lines = [
      "@@tracked 192.168.50.10 10.0.0.5 3389 5 2",
      "@@tracked 192.168.50.10 10.0.0.5 22 5 1",
      "@@tracked 192.168.60.1 10.0.0.6 3390 5 1",
    ];
    assert.deepEqual(found(lines), [3, 0, undefined]);
    assert.deepEqual(found(lines, { clientCidrs: ["192.168.50.0/24"] }), [2, 0, undefined]);
    assert.deepEqual(found(lines, { serverCidrs: ["10.0.1.0/24"] }), [0, 0, undefined]);
  });

  it("calls a connection direct that has no mark and comes from a client", () => {
    const line = "@@tracked 192.168.50.10 10.0.0.5 3389 0 2";
    assert.deepEqual(found([line, FROM_CLIENT]), [0, 2, "192.168.50.10 to 10.0.0.5:3389"]);
    assert.deepEqual(found([line, "@@behind 192.168.50.10 eth2 ."]), [0, 0, undefined]);
    assert.deepEqual(found([line, "@@behind 192.168.50.10  ."]), [0, 0, undefined]);
    assert.deepEqual(found(["@@tracked 192.168.50.10 10.0.0.5 3389 7 2", FROM_CLIENT]), [0, 0, undefined]);
  });

  it("does not take a connection from SPS to the server for a direct one", () => {
    const own = ["@@tracked 172.16.9.2 10.0.0.5 3389 0 1", "@@behind 172.16.9.2 eth1 ."];
    assert.deepEqual(found(own), [0, 0, undefined]);
    const marked = "@@tracked 192.168.50.10 10.0.0.5 3389 5";
    assert.deepEqual(found([`${marked} 2`, FROM_CLIENT], { addressMode: "client" }), [1, 0, undefined]);
    assert.deepEqual(found([`${marked} 3`, FROM_CLIENT], { addressMode: "client" }), [2, 0, undefined]);
  });

  it("finds a direct connection beside another of the same client that goes to SPS", () => {
    const both = ["@@tracked 192.168.50.10 10.0.0.5 3389 5 1", "@@tracked 192.168.50.10 10.0.0.5 3389 0 1"];
    assert.deepEqual(found([...both, FROM_CLIENT]), [1, 1, "192.168.50.10 to 10.0.0.5:3389"]);
  });

  it("counts a connection to SPS only for the redirection of its client interface", () => {
    const line = "@@tracked 192.168.50.10 10.0.0.5 3389 5 1";
    assert.deepEqual(found([line, "@@behind 192.168.50.10 eth2 ."]), [0, 0, undefined]);
  });

  it("does not guess without marks, nor for clients whose interface was not looked up", () => {
    const line = "@@tracked 192.168.50.10 10.0.0.5 3389 0 2";
    const unknown = { redirection: "rdp", sent: 0, direct: 0, unknown: 2 };
    assert.deepEqual(all([line, FROM_CLIENT], {}, false), unknown);
    assert.deepEqual(all([line]), unknown);
  });

  it("knows nothing where the router lists nothing", () => {
    assert.equal(parseTracked("@@tracked unlisted\n"), undefined);
    assert.equal(parseTracked(""), undefined);
  });
});
