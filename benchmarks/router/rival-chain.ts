import assert from "node:assert/strict";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";

/** The chain that rivals fill. It is created before the measurement, and nothing jumps to it. */
export const CHAIN = "RIVAL";

/** One server network per rule. */
export function networksOf(rules: number): string[] {
  return Array.from({ length: rules }, (_, index) => `10.${1 + (index >> 8)}.${index & 255}.0/24`);
}

/** One rule in iptables syntax, without the command. */
export function ruleText(network: string): string {
  return `${CHAIN} -i rcli -d ${network} -p tcp --dport 3389 -j CONNMARK --set-mark 2/0xff`;
}

/** Creates the chain, runs the work and removes the chain. */
export async function withChain(router: LabRouter, work: () => Promise<void>): Promise<void> {
  await router.run(`iptables -t mangle -N ${CHAIN}`);
  try {
    await work();
  } finally {
    await router.run(`iptables -t mangle -F ${CHAIN}; iptables -t mangle -X ${CHAIN}`);
  }
}

/** @throws AssertionError when the chain has another number of rules, so that the measured operation did not work */
export async function requireRules(router: LabRouter, rules: number): Promise<void> {
  const found = Number(await router.run(`iptables -t mangle -S ${CHAIN} | grep -c '^-A' || true`));
  assert.equal(found, rules, "the rules of the rival");
}
