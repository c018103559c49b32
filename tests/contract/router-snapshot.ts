import assert from "node:assert/strict";
import type { LabNetwork } from "../../lab/network/network";

/** Prints everything on a Linux router that a redirection can change. */
const SCRIPT = `
iptables-save | grep -e '^-A' -e '^:[^ ]* - '
ip -N -4 rule show
ip -N -4 route show table all | sort
cat /proc/sys/net/ipv4/conf/*/rp_filter
`;

/** The rules, routes and settings of a lab's router. Two equal texts show that nothing was changed in between. */
export function routerSnapshot(network: LabNetwork): Promise<string> {
  return runOnRouter(network, SCRIPT);
}

/** Runs a shell script on a lab's router without the product. @throws AssertionError when it fails */
export async function runOnRouter(network: LabNetwork, script: string): Promise<string> {
  const { status, stdout, stderr } = await network.exec("router", ["sh", "-s"], { input: script });
  assert.equal(status, 0, stderr);
  return stdout;
}
