import assert from "node:assert/strict";
import fc from "fast-check";
import { UNKNOWN } from "../core/unknown";
import { type CheckedRedirection, canonicalRedirection, type Redirection, redirectionSchema } from "./redirection";
import { areOverlapping, type Selector, topologyProblems } from "./topology";

function redirection(parts: Partial<Redirection> = {}): Redirection {
  return {
    name: "rdp",
    clientInterfaces: ["rcli"],
    serverCidrs: ["10.0.0.0/24"],
    ports: [3389],
    spsAddress: "172.16.9.2",
    spsInterface: "rsps",
    addressMode: "own",
    failMode: "closed",
    existingConnections: "leave",
    ...parts,
  };
}

const onePath = (redirections: readonly CheckedRedirection[]) => {
  const problems = topologyProblems(redirections);
  assert.equal(problems.length, 1, JSON.stringify(problems));
  assert.ok(problems[0]?.reason.startsWith(`${problems[0].path}: `));
  return problems[0]?.path;
};

describe("the topology of redirections", () => {
  it("accepts a valid topology", () => {
    assert.deepEqual(topologyProblems([redirection()]), []);
    const client = redirection({ addressMode: "client", clientCidrs: ["192.168.50.0/24"], serverInterfaces: ["rsrv"] });
    assert.deepEqual(topologyProblems([client]), []);
  });

  it("refuses an SPS interface that is also a client interface", () => {
    assert.equal(onePath([redirection({ clientInterfaces: ["rcli", "rsps"] })]), "redirections[0].clientInterfaces");
  });

  it("refuses an SPS interface that is also a server interface, only in client address mode", () => {
    const parts = { clientCidrs: ["192.168.50.0/24"], serverInterfaces: ["rsps"] };
    assert.equal(onePath([redirection({ ...parts, addressMode: "client" })]), "redirections[0].serverInterfaces");
    assert.deepEqual(topologyProblems([redirection(parts)]), []);
  });

  it("requires the client networks when SPS uses client addresses", () => {
    assert.equal(onePath([redirection({ addressMode: "client" })]), "redirections[0].clientCidrs");
  });

  it("refuses an SPS inside the server networks", () => {
    assert.equal(onePath([redirection({ spsAddress: "10.0.0.9" })]), "redirections[0].serverCidrs");
  });

  it("refuses a duplicate name and reports the second redirection", () => {
    assert.equal(onePath([redirection(), redirection({ ports: [22] })]), "redirections[1].name");
  });

  it("refuses an overlap between two SPS, and accepts an overlap to the same SPS", () => {
    const other = redirection({ name: "all", ports: ["3000-4000"], serverCidrs: ["10.0.0.128/25"] });
    assert.deepEqual(topologyProblems([redirection(), other]), []);
    assert.equal(onePath([redirection(), { ...other, spsAddress: "172.16.9.3" }]), "redirections[1]");
  });

  it("finds no overlap when clients, interfaces, servers or ports differ", () => {
    const base = redirection({ clientCidrs: ["192.168.50.0/25"] });
    const away: Partial<Redirection>[] = [
      { clientCidrs: ["192.168.50.128/25"] },
      { clientInterfaces: ["rcli2"] },
      { serverCidrs: ["10.0.1.0/24"] },
      { ports: [22] },
    ];
    for (const parts of away) {
      const other = { ...base, name: "other", spsAddress: "172.16.9.3", ...parts };
      assert.deepEqual(topologyProblems([base, other]), []);
    }
    const everyone = { ...redirection(), name: "other", spsAddress: "172.16.9.3" };
    assert.equal(onePath([base, everyone]), "redirections[1]");
  });

  it("finds the same overlaps in both directions", () => {
    const pick = <T>(...values: T[]) => fc.subarray(values, { minLength: 1 });
    const selector: fc.Arbitrary<Selector> = fc.record(
      {
        clientInterfaces: pick("a", "b", "c"),
        clientCidrs: pick("10.1.0.0/16", "10.1.2.0/24", "10.2.0.0/16"),
        serverCidrs: pick("10.3.0.0/16", "10.3.4.0/24", "10.4.0.0/16"),
        ports: pick<number | string>(22, 3389, "20-30"),
      },
      { requiredKeys: ["clientInterfaces", "serverCidrs", "ports"] },
    );
    fc.assert(
      fc.property(selector, selector, (left, right) => {
        assert.equal(areOverlapping(left, right), areOverlapping(right, left));
        assert.equal(areOverlapping(left, left), true);
      }),
    );
  });

  it("skips topology checks of unknown inputs", () => {
    const unknown = { ...redirection({ clientInterfaces: ["rsps"] }), spsAddress: UNKNOWN } as CheckedRedirection;
    assert.deepEqual(topologyProblems([UNKNOWN, unknown]), []);
    assert.equal(
      onePath([UNKNOWN, redirection({ spsAddress: "10.0.0.9" })] as CheckedRedirection[]),
      "redirections[1].serverCidrs",
    );
  });
});

describe("the canonical form of a redirection", () => {
  it("returns the same canonical form for every order of the same lists", () => {
    const parts = {
      clientInterfaces: ["b", "a", "b"],
      clientCidrs: ["10.2.0.0/16", "10.1.0.0/16"],
      serverCidrs: ["10.0.10.0/24", "10.0.9.0/24"],
      ports: [3389, "20-30", 22] as (number | string)[],
      serverInterfaces: ["d", "c"],
    };
    const turned = Object.fromEntries(Object.entries(parts).map(([key, list]) => [key, [...list].reverse()]));
    const canonical = canonicalRedirection(redirection(parts));
    assert.deepEqual(canonicalRedirection(redirection(turned)), canonical);
    assert.deepEqual(canonical.ports, ["20-30", 3389]);
    assert.deepEqual(canonical.clientInterfaces, ["a", "b"]);
  });

  it("omits the keys of lists that are not set", () => {
    assert.deepEqual(Object.keys(canonicalRedirection(redirection())).sort(), Object.keys(redirection()).sort());
  });

  it("fills in the documented defaults", () => {
    const { name, clientInterfaces, serverCidrs, ports, spsAddress, spsInterface } = redirection();
    const parsed = redirectionSchema.parse({ name, clientInterfaces, serverCidrs, ports, spsAddress, spsInterface });
    assert.deepEqual(parsed, redirection());
  });
});
