import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { UNKNOWN } from "../core/unknown";
import { brokenConnections } from "./gaps";
import { linux } from "./linux/platform";
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
const cut = { ...drain, connections: "cut" } as const;

type Options = { mark?: number; table?: number; backend?: string };

/** What an update of the usual redirection tells of connections on a Linux router. */
function told(
  redirections: Redirection[],
  removal: After["removal"] = cut,
  options: Options = {},
  before: Options = {},
) {
  const filled = (given: Options) => linux.options.parse(given) as never;
  return brokenConnections(
    linux,
    { redirections: [rdp], options: filled(before) },
    { redirections, removal, options: filled(options) },
  );
}
type After = Parameters<typeof brokenConnections>[2];

describe("connections that an update breaks", () => {
  const begin = "redirection rdp: connections through SPS 172.16.9.2";

  it("are those of an SPS that is no longer used, unless they are awaited", () => {
    const end = [`${begin} end; to let them end by themselves, set removal.connections to drain`];
    assert.deepEqual(told([moved]), end);
    assert.deepEqual(told([]), end, "removed");
    assert.deepEqual(told([{ ...moved, name: "web" }]), end, "renamed");
    assert.deepEqual(told([rdp], cut, { mark: 77 }), end, "another packet mark");
    assert.deepEqual(told([moved], drain), [`${begin} go on until they end, at most 60 s`]);
    const unknownLimit = { ...drain, drainSeconds: UNKNOWN } as const;
    assert.deepEqual(told([moved], unknownLimit), [`${begin} go on until they end, up to removal.drainSeconds`]);
    assert.deepEqual(told([moved], UNKNOWN), [`${begin} end, unless removal.connections is drain`]);
  });

  it("go where the packet mark leads", () => {
    const follow = (address: string) => [`${begin} end, unless ${address} is an address of the same SPS`];
    assert.deepEqual(told([moved], drain, { mark: 2 }, { mark: 2 }), follow("172.16.9.3"));
    const sameMark = { ...rdp, spsAddress: "172.16.8.2" };
    assert.deepEqual(told([sameMark], drain), follow("172.16.8.2"));
    assert.deepEqual(told([rdp], cut, { table: 99 }), [], "another table with the same mark");
    assert.deepEqual(told([{ ...rdp, name: "web" }]), [], "renamed");
  });

  it("cannot be awaited when their routing table is used again", () => {
    assert.deepEqual(told([moved], drain, { table: 99 }, { table: 99 }), [
      `${begin} end: SPS 172.16.9.3 gets routing table 99; leave out linux.table to drain them`,
    ]);
  });

  it("go on at another address of the same SPS where packets are redirected", () => {
    const text = `${begin} end, unless 172.16.9.3 is an address of the same SPS`;
    const before = { redirections: [rdp], options: {} };
    const on = (redirections: Redirection[]) =>
      brokenConnections({}, before, { redirections, removal: cut, options: {} });
    assert.deepEqual(on([moved]), [text]);
    assert.deepEqual(told([moved], cut, { backend: "ip-rule" }, { backend: "ip-rule" }), [text]);
    assert.deepEqual(on([]), [`${begin} end`]);
    assert.deepEqual(on([{ ...rdp, name: "web" }]), []);
  });

  it("are not those that another redirection keeps, nor those of which nothing is known", () => {
    assert.deepEqual(told([moved, { ...rdp, name: "web" }]), []);
    assert.deepEqual(told([rdp]), []);
    const options = linux.options.parse({}) as never;
    const after = { redirections: UNKNOWN, removal: cut, options } as const;
    assert.deepEqual(brokenConnections(linux, { redirections: [rdp], options }, after), []);
    const unknown = [{ ...rdp, spsAddress: UNKNOWN }] as never;
    assert.deepEqual(
      brokenConnections(linux, { redirections: [rdp], options }, { ...after, redirections: unknown }),
      [],
    );
  });
});
