import type { LabNetwork } from "./network";

/** First packet mark, routing table and rule priority that emulated routers use. */
const FIRST_MARK = 0x1000;
const FIRST_TABLE = 7000;

/** Mark of packets that are left to normal routing. */
export const NORMAL_MARK = 0xfff;

/** Where policy routing sends packets. */
export interface PolicyPath {
  nextHops: readonly string[];
  /** Whether packets are dropped while no next hop is reachable. */
  isDropping: boolean;
}

/** Policy routing as an emulated router wants it. */
export interface PolicyRouting {
  paths: readonly PolicyPath[];
  /** Lines of iptables-restore for the table mangle; they begin at the chain `POLICY`, which sees every packet that arrives. */
  rules: readonly string[];
}

/** The packet marks of paths. Each path keeps its mark, so that a path in use is never rebuilt. */
export class PathMarks {
  private readonly indexes = new Map<string, number>();

  markOf(path: PolicyPath): number {
    return FIRST_MARK + this.indexOf(path);
  }

  /** The routing table of a path, which is also the priority of its rule. */
  tableOf(path: PolicyPath): number {
    return FIRST_TABLE + this.indexOf(path);
  }

  private indexOf({ nextHops, isDropping }: PolicyPath): number {
    const key = `${nextHops.join(" ")}|${isDropping}`;
    const index = this.indexes.get(key) ?? this.indexes.size;
    this.indexes.set(key, index);
    return index;
  }
}

/** The script that makes the kernel of the lab's router forward packets as policy routing says. */
export function policyRoutingScript({ paths, rules }: PolicyRouting, marks: PathMarks): string {
  const tables = paths.map((path) => marks.tableOf(path));
  return [
    ...paths.flatMap((path) => {
      const [mark, table] = [marks.markOf(path), marks.tableOf(path)];
      const [hop] = path.nextHops;
      return [
        ...(hop === undefined ? [] : [`ip route replace default via ${hop} table ${table} 2>/dev/null || true`]),
        ...(path.isDropping ? [`ip route replace blackhole default metric 4294967295 table ${table}`] : []),
        `ip rule show pref ${table} | grep -q . || ip rule add pref ${table} fwmark ${mark} lookup ${table}`,
      ];
    }),
    "iptables-restore -w 10 --noflush <<'RULES'",
    "*mangle",
    ":POLICY - [0:0]",
    ...rules,
    "COMMIT",
    "RULES",
    "iptables -w 10 -t mangle -C PREROUTING -j POLICY 2>/dev/null || iptables -w 10 -t mangle -I PREROUTING 1 -j POLICY",
    `ip rule show | sed -n 's/^\\(7[0-9][0-9][0-9]\\):.*/\\1/p' | while read pref; do case " ${tables.join(" ")} " in *" $pref "*) ;; *) ip rule del pref $pref; ip route flush table $pref 2>/dev/null || true;; esac; done`,
  ].join("\n");
}

const FORGET = [
  "iptables -w 10 -t mangle -F",
  "iptables -w 10 -t mangle -X",
  "ip rule show | sed -n 's/^\\(7[0-9][0-9][0-9]\\):.*/\\1/p' | while read pref; do ip rule del pref $pref; ip route flush table $pref; done",
].join("\n");

/** Brings the kernel of the lab's router to one script after the other, and only when the script changes. */
export class KernelFollower {
  private last = "";
  private working: Promise<void> = Promise.resolve();

  constructor(private readonly network: LabNetwork) {}

  /** @throws Error when the kernel refuses the script */
  follow(script: string): Promise<void> {
    this.working = this.afterLast(async () => {
      if (script === this.last) return;
      const { status, stderr } = await this.network.exec("router", ["sh", "-es"], { input: script });
      if (status !== 0) throw new Error(`the kernel refuses the configuration: ${stderr}`);
      this.last = script;
    });
    return this.working;
  }

  /** The kernel loses what it was told, as in a restart of the router; the next script is followed from nothing. */
  forget(): Promise<void> {
    this.working = this.afterLast(async () => {
      this.last = "";
      const { status, stderr } = await this.network.exec("router", ["sh", "-es"], { input: FORGET });
      if (status !== 0) throw new Error(`the kernel does not forget the configuration: ${stderr}`);
    });
    return this.working;
  }

  /** A script that was refused keeps no later one from being followed. */
  private afterLast(work: () => Promise<void>): Promise<void> {
    // Its caller has heard of it.
    return this.working.catch(() => undefined).then(work);
  }
}
