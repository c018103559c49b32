import assert from "node:assert/strict";

type NftObject = Record<string, unknown>;

const field = (key: string): NftObject => ({ [key]: { key: "mark" } });
const isEqual = (left: unknown, right: unknown, op = "=="): NftObject => ({ match: { op, left, right } });
const payload = (protocol: string, name: string): NftObject => ({ payload: { protocol, field: name } });

/**
 * The tables of nftables as far as redirections reach into them. Written from the behaviour of nft 1.0.6: what it
 * takes, and how it lists what it has taken.
 */
export class SimulatedNft {
  /** The objects of each table of family ip, in the order they are listed, without handles. */
  tables: Record<string, NftObject[]> = {};

  /** Runs a file of the nft language, or of its JSON. @throws Error where nft would fail; nothing is changed then. */
  run(isJson: boolean, lines: readonly string[]): void {
    const before = structuredClone(this.tables);
    try {
      if (isJson) this.runJson(lines.join("\n"));
      else this.runText(lines);
    } catch (error) {
      this.tables = before;
      throw error;
    }
  }

  /** What the read script says of the tables whose names begin so. */
  list(prefix: string): string {
    const answers = Object.entries(this.tables)
      .filter(([name]) => name.startsWith(prefix))
      .map(([, objects], index) => {
        const handled = objects.map((object, handle) => {
          const [[kind, body] = ["", {}]] = Object.entries(object);
          return { [kind]: { ...(body as NftObject), handle: index + handle } };
        });
        return `${JSON.stringify({ nftables: [{ metainfo: { version: "1.0.6" } }, ...handled] })}\n`;
      });
    return answers.join("\n");
  }

  private runText(lines: readonly string[]): void {
    let table = "";
    let chain = "";
    for (const line of lines) {
      const opened = /^table ip (\S+)( \{)?$/.exec(line);
      const deleted = /^delete table ip (\S+)$/.exec(line)?.[1];
      const hook = /^type (\S+) hook (\S+) priority (-?\d+); policy (\S+);$/.exec(line);
      const made = /^chain (\S+) \{$/.exec(line)?.[1];
      if (opened?.[1]) {
        this.add(opened[1], { table: { family: "ip", name: opened[1] } });
        if (opened[2]) table = opened[1];
      } else if (deleted) this.delete(deleted);
      else if (made) chain = made;
      else if (hook) {
        const [, type, name, prio, policy] = hook;
        this.add(table, {
          chain: { family: "ip", table, name: chain, type, hook: name, prio: Number(prio), policy },
        });
      } else if (line === "}" && chain !== "") chain = "";
      else if (line === "}") table = "";
      else this.add(table, { rule: { family: "ip", table, chain, ...ruleJson(line) } });
    }
    assert.deepEqual([table, chain], ["", ""], "a brace is missing");
  }

  private runJson(text: string): void {
    const { nftables } = JSON.parse(text) as { nftables: Record<string, NftObject>[] };
    for (const command of nftables) {
      const [[verb, object] = ["", {}]] = Object.entries(command);
      const [[kind, body] = ["", {}]] = Object.entries(object as Record<string, NftObject>);
      const { handle, ...rest } = body as NftObject;
      if (verb === "delete") this.delete(String(rest.name));
      else this.add(String(kind === "table" ? rest.name : rest.table), { [kind]: rest });
    }
  }

  private add(table: string, object: NftObject): void {
    if ("table" in object) this.tables[table] ??= [object];
    else (this.tables[table] ?? assert.fail("Error: No such file or directory")).push(object);
  }

  private delete(table: string): void {
    assert.ok(this.tables[table], "Error: No such file or directory");
    delete this.tables[table];
  }
}

/** A rule as nft lists it. */
export function ruleJson(text: string): NftObject {
  const expr: NftObject[] = [];
  let comment: string | undefined;
  let rest = text;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    const found = pattern.exec(rest);
    if (!found) return undefined;
    rest = rest.slice(found[0].length).trimStart();
    return found;
  };
  while (rest !== "") {
    let found = take(/^iifname (!= )?"([^"]+)"/);
    if (found) {
      expr.push(isEqual({ meta: { key: "iifname" } }, found[2], found[1] ? "!=" : "=="));
      continue;
    }
    found = take(/^ip (saddr|daddr) ([\d.]+)(?:\/(\d+))?/);
    if (found) {
      const [, name = "", addr, length = "32"] = found;
      expr.push(isEqual(payload("ip", name), length === "32" ? addr : { prefix: { addr, len: Number(length) } }));
      continue;
    }
    found = take(/^tcp dport \{ ([^}]*) \}/);
    if (found) {
      expr.push(isEqual(payload("tcp", "dport"), portsJson(found[1] ?? "")));
      continue;
    }
    if (take(/^tcp flags & \(fin\|syn\|rst\|ack\) == syn/)) {
      expr.push(isEqual({ "&": [payload("tcp", "flags"), ["fin", "syn", "rst", "ack"]] }, "syn"));
      continue;
    }
    found = take(/^(ct|meta) mark set \1 mark & (\d+) \| (\d+)/);
    if (found) {
      const [, key = "", kept, value] = found;
      const mask = (Number(kept) | Number(value)) >>> 0;
      const masked = mask === 0xffffffff ? field(key) : { "&": [field(key), mask] };
      expr.push({ mangle: { key: field(key), value: { "|": [masked, Number(value)] } } });
      continue;
    }
    found = take(/^ct mark & (\d+) == (\d+)/);
    if (found) {
      expr.push(isEqual({ "&": [field("ct"), Number(found[1])] }, Number(found[2])));
      continue;
    }
    found = take(/^comment "([^"]*)"$/);
    if (found) comment = found[1];
    else if (take(/^counter/)) expr.push({ counter: { packets: 0, bytes: 0 } });
    else if (take(/^drop/)) expr.push({ drop: null });
    else assert.fail(`Error: syntax error: ${rest}`);
  }
  return { ...(comment !== undefined && { comment }), expr };
}

/** One port stands by itself; beside a range, neighbours become ranges. */
function portsJson(list: string): unknown {
  let ranges = list.split(", ").map((one) => {
    const [first, last = first] = one.split("-").map(Number);
    return [first ?? 0, last ?? 0] as [number, number];
  });
  ranges.sort((left, right) => left[0] - right[0]);
  if (ranges.some(([first, last]) => first !== last)) {
    ranges = ranges.reduce<[number, number][]>((joined, [first, last]) => {
      const before = joined.at(-1);
      if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
      else joined.push([first, last]);
      return joined;
    }, []);
  }
  const elements = ranges.map((ends) => (ends[0] === ends[1] ? ends[0] : { range: ends }));
  return elements.length === 1 ? elements[0] : { set: elements };
}
