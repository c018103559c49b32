import assert from "node:assert/strict";
import type { OwnedInputs } from "../../platform";
import { desiredFor, NOTHING } from "../model/desired";
import type { CheckPointOptions } from "../model/options";
import { readConfiguration } from "../read/configuration";
import { refusals } from "./conflicts";
import { planContext } from "./decision";

const CONFIGURATION = `set hostname gw-1
set interface eth1 ipv4-address 192.168.50.1 mask-length 24
set interface eth2 ipv4-address 10.0.0.2 mask-length 24
set interface eth3 ipv4-address 172.16.9.1 mask-length 24`;

const REDIRECTION = {
  name: "admin",
  clientInterfaces: ["eth1"],
  serverCidrs: ["10.0.0.0/24"],
  ports: [22],
  spsAddress: "172.16.9.2",
  spsInterface: "eth3",
  addressMode: "own",
  failMode: "open",
  existingConnections: "cut",
};

/** What is refused for redirections of one network, over a connection to an address. */
function refusedAt(address: string, serverCidr: string): string[] {
  const inputs = {
    redirections: [{ ...REDIRECTION, serverCidrs: [serverCidr] }],
    options: { overrideLock: false, firstPriority: 1000, lastPriority: 1999 },
    persist: false,
  } as unknown as OwnedInputs<CheckPointOptions>;
  const scope = { wanted: desiredFor(inputs), owned: NOTHING, isAdopting: false, access: { address, port: 22 } };
  const plan = planContext(readConfiguration(CONFIGURATION), scope, "router gw");
  const facts = { version: "R81.20", hasVirtualSystems: false, isClusterMember: false };
  return refusals(plan, facts).map(({ code, text }) => `${code} ${text.cause}`);
}

describe("redirections of a Check Point gateway that may cut administrators off", () => {
  const refused = (address: string) => [
    `SG3112 redirection admin may also send connections to SSH or the Gaia Portal at the router's own address ${address} to SPS`,
  ];

  it("are refused at an address of an interface", () => {
    assert.deepEqual(refusedAt("gw.example", "10.0.0.0/24"), refused("10.0.0.2"));
    assert.deepEqual(refusedAt("gw.example", "10.0.0.128/25"), []);
  });

  it("are refused at the address of the connection, which may be that of the cluster", () => {
    assert.deepEqual(refusedAt("10.0.0.200", "10.0.0.128/25"), refused("10.0.0.200"));
    assert.deepEqual(refusedAt("10.0.0.100", "10.0.0.128/25"), []);
  });
});
