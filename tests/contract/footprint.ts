import assert from "node:assert/strict";
import type { LabNetwork } from "../../lab/network/network";

/** Everything on a Linux router that a redirection could touch, in the words of the router's own tools. */
const SCRIPT = `
iptables-save | grep -e '^-A' -e '^:[^ ]* - '
ip -N -4 rule show
ip -N -4 route show table all | sort
cat /proc/sys/net/ipv4/conf/*/rp_filter
`;

/** What is on the router of a lab now; equal texts mean that nothing was changed. */
export function footprintOf(network: LabNetwork): Promise<string> {
  return runOnRouter(network, SCRIPT);
}

/** Runs a shell script on the router of a lab, past the product. @throws AssertionError when it fails */
export async function runOnRouter(network: LabNetwork, script: string): Promise<string> {
  const { status, stdout, stderr } = await network.exec("router", ["sh", "-s"], { input: script });
  assert.equal(status, 0, stderr);
  return stdout;
}
