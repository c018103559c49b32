import assert from "node:assert/strict";
import type { Redirection } from "../redirection";
import { localAddresses } from "./addresses";

describe("addresses of a router among the servers of a redirection", () => {
  const localOf = (...addresses: string[]) =>
    localAddresses({ serverCidrs: ["10.0.0.0/24", "192.0.2.7/32"] } as Redirection, addresses);

  it("are those of interfaces and of the connection", () => {
    assert.deepEqual(localOf("10.0.0.1/16", "172.16.9.1/24", "192.0.2.7"), ["10.0.0.1", "192.0.2.7"]);
  });

  it("are no names, and no interfaces without an address", () => {
    assert.deepEqual(localOf("gateway.example", "", "0.0.0.0", "fd00::1", "undefined"), []);
    assert.deepEqual(localAddresses({ serverCidrs: ["0.0.0.0/1"] } as Redirection, ["0.0.0.0/0"]), []);
  });
});
