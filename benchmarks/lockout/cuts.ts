import type { Step } from "../../provider/router/linux/steps";

/** What changes do to the management path: they drop its new connections, or all of its packets. */
export type Cut = "new" | "all";

const RULES: Record<Cut, string> = {
  new: "INPUT -i rmgt -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP -m comment --comment cut",
  all: "INPUT -i rmgt -j DROP -m comment --comment cut",
};

/** Tells on the router that the cut was made. */
export const CUT_MADE = "/run/cut-made";

/** The command that makes the cut. */
export function cutCommand(cut: Cut): string {
  return `iptables -A ${RULES[cut]} && touch ${CUT_MADE}`;
}

/** The cut as one of the product's changes. */
export function cutStep(cut: Cut): Step {
  return { title: "a rule that shuts management", run: cutCommand(cut), undo: `iptables -D ${RULES[cut]}` };
}

/** Takes the cut away by hand. */
export const CUT_AWAY = `rm -f ${CUT_MADE}; ${Object.values(RULES)
  .map((rule) => `iptables -D ${rule} 2>/dev/null`)
  .join("; ")}; true`;
