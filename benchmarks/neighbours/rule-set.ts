/** Rules of other programs on a router. */
export interface RuleSet {
  name: string;
  /** The iptables that gets `rules`. */
  tool?: "iptables-nft" | "iptables-legacy";
  /** Rules of iptables, each with its table: `filter -A FORWARD …`, `filter -P FORWARD DROP`. */
  rules?: readonly string[];
  /** Tables in the language of nft. */
  nft?: string;
  /** Policy rules as the arguments of `ip rule add`, each with `pref`. */
  policyRules?: readonly string[];
  /** Routes as the arguments of `ip route add`, each with `table`. */
  routes?: readonly string[];
  /** The address that the client connects to; the server's by default. */
  address?: string;
}

const BUILT_IN = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING", "ACCEPT", "DROP", "RETURN", "REJECT"];

/** Shell text that adds the rules. A table of iptables is changed in one transaction. */
export function addingText({ tool = "iptables-nft", rules = [], nft, policyRules = [], routes = [] }: RuleSet): string {
  const tables = new Map<string, string[]>();
  for (const rule of rules) {
    const [, table = "", text = ""] = /^(\S+) (.*)$/.exec(rule) ?? [];
    tables.set(table, [...(tables.get(table) ?? []), text]);
  }
  const inputs = [...tables].map(([table, texts]) => {
    const chains = new Set(texts.flatMap((text) => /^-A (\S+)/.exec(text)?.[1] ?? []));
    const targets = texts.flatMap(
      (text) => / -[jg] ([A-Za-z_-]*[a-z_-][A-Za-z0-9_-]*|[A-Z]+-[A-Z0-9-]+)/.exec(text)?.[1] ?? [],
    );
    const own = [...new Set([...chains, ...targets])].filter((chain) => !BUILT_IN.includes(chain));
    const policies = texts.flatMap((text) => /^-P (\S+) (\S+)/.exec(text)?.slice(1).join(" ") ?? []);
    const lines = [...policies.map((policy) => `:${policy} [0:0]`), ...own.map((chain) => `:${chain} - [0:0]`)];
    return [`*${table}`, ...lines, ...texts.filter((text) => !text.startsWith("-P")), "COMMIT"].join("\n");
  });
  return [
    ...(inputs.length > 0 ? [`${tool}-restore -w 10 --noflush <<'RULES' || exit 1`, ...inputs, "RULES"] : []),
    ...(nft === undefined ? [] : ["nft -f - <<'RULES' || exit 1", nft, "RULES"]),
    ...routes.map((route) => `ip route add ${route} || exit 1`),
    ...policyRules.map((rule) => `ip rule add ${rule} || exit 1`),
  ].join("\n");
}

/** Shell text that removes the parts that a restored firewall leaves. */
export function removingText({ policyRules = [], routes = [] }: RuleSet): string {
  const tables = routes.flatMap((route) => / table (\d+)/.exec(route)?.[1] ?? []);
  return [
    ...policyRules.map((rule) => `ip rule del ${rule}`),
    ...[...new Set(tables)].map((table) => `ip route flush table ${table}`),
  ].join("\n");
}

/** Numbers that look random and are the same for the same seed. */
export class Random {
  constructor(private state: number) {}

  /** A whole number from 0 up to, not including, the limit. */
  below(limit: number): number {
    // The mixing of mulberry32.
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  pick<T>(...values: [T, ...T[]]): T {
    return values[this.below(values.length)] as T;
  }

  /** The values, or none. */
  perhaps<T>(...values: T[]): T[] {
    return this.below(2) === 0 ? values : [];
  }
}

/** Rules that accept both legs of a redirection in a chain of the filter table. */
export function openingRules(random: Random, chain: string): string[] {
  const established = `filter -A ${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`;
  return random.pick(
    [
      `filter -A ${chain} -i rcli -o rsps -j ACCEPT`,
      `filter -A ${chain} -i rsps -o rcli -j ACCEPT`,
      `filter -A ${chain} -i rsps -o rsrv -j ACCEPT`,
      `filter -A ${chain} -i rsrv -o rsps -j ACCEPT`,
    ],
    [
      established,
      `filter -A ${chain} -i rcli -o rsps -p tcp -m multiport --dports 22,3389 -m conntrack --ctstate NEW -j ACCEPT`,
      `filter -A ${chain} -i rsps -o rsrv -p tcp -m tcp --dport 3389 -j ACCEPT`,
    ],
    [
      established,
      `filter -A ${chain} -d 10.0.0.0/24 -p tcp -m tcp --dport 3000:4000 --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT`,
    ],
  );
}
