import type { Step } from "../../provider/router/guard/scripts/shell-text";

/** How changes cut the management path: they drop new connections or all packets. */
export type Cut = "new" | "all";

const RULES: Record<Cut, string> = {
  new: "INPUT -i rmgt -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP -m comment --comment cut",
  all: "INPUT -i rmgt -j DROP -m comment --comment cut",
};

/** The file on the router that exists after the cut. */
export const CUT_MADE = "/run/cut-made";

/** The command that cuts the management path. */
export function cutCommand(cut: Cut): string {
  return `iptables -A ${RULES[cut]} && touch ${CUT_MADE}`;
}

/** The cut as one of the product's changes. */
export function cutStep(cut: Cut): Step {
  return { title: "a rule that cuts the management path", run: cutCommand(cut), undo: `iptables -D ${RULES[cut]}` };
}

/** The command that removes the cut. */
export const CUT_AWAY = `rm -f ${CUT_MADE}; ${Object.values(RULES)
  .map((rule) => `iptables -D ${rule} 2>/dev/null`)
  .join("; ")}; true`;
