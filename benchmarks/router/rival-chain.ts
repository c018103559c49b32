import assert from "node:assert/strict";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";

/** The chain that rivals fill. It is made before, and nothing jumps to it; neither is a part of their times. */
export const CHAIN = "RIVAL";

/** The networks of servers for so many rules. */
export function networksOf(rules: number): string[] {
  return Array.from({ length: rules }, (_, index) => `10.${1 + (index >> 8)}.${index & 255}.0/24`);
}

/** One rule in the words of iptables, behind the command. */
export function ruleText(network: string): string {
  return `${CHAIN} -i rcli -d ${network} -p tcp --dport 3389 -j CONNMARK --set-mark 2/0xff`;
}

/** Makes the chain, lets it be filled and emptied, and takes it away. */
export async function withChain(router: LabRouter, work: () => Promise<void>): Promise<void> {
  await router.run(`iptables -t mangle -N ${CHAIN}`);
  try {
    await work();
  } finally {
    await router.run(`iptables -t mangle -F ${CHAIN}; iptables -t mangle -X ${CHAIN}`);
  }
}

/** Looks whether the chain has so many rules. @throws AssertionError otherwise: what was measured did not work. */
export async function requireRules(router: LabRouter, rules: number): Promise<void> {
  const found = Number(await router.run(`iptables -t mangle -S ${CHAIN} | grep -c '^-A' || true`));
  assert.equal(found, rules, "the rules of the rival");
}
