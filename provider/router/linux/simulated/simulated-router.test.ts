import assert from "node:assert/strict";
import type { Step } from "../../guard/scripts/shell-text";
import type { Found } from "../model/found";
import { splitWords } from "../model/rule";
import { parseReadBack } from "../read/read-back";
import { SimulatedNft } from "./simulated-nft.test";

interface SimulatedRoute {
  type: string;
  destination: string;
  gateway?: string;
  device?: string;
  metric: number;
  protocol: number;
}

interface SimulatedRule {
  priority: number;
  mark?: string;
  /** What it selects by itself, as JSON in the words of the command: `from`, `to`, `iif`, `ipproto`, `sport`, `dport`. */
  selector?: string;
  table: number;
  protocol: number;
}

/** Everything a step can change. */
interface Contents {
  chains: Record<string, string[]>;
  /** The mangle table of the iptables that is not the usual one. */
  otherChains: Record<string, string[]>;
  nft: SimulatedNft["tables"];
  rules: SimulatedRule[];
  routes: Record<number, SimulatedRoute[]>;
  sourceChecks: Record<string, number>;
  notes: Record<string, number>;
  owners: Record<string, string>;
}

const BUILT_IN = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];
const ROUTE_NUMBERS: Record<string, string> = { unreachable: "7", blackhole: "6", prohibit: "8", throw: "9" };

/**
 * A Linux router as far as redirections reach into it: runs the text of single steps and answers the read script.
 * Written from the behaviour of iptables 1.8.9 and iproute2 6.1, not from the product's own printing.
 */
export class SimulatedRouter {
  contents: Contents;

  /** `iptables` is the backend of that command, or none where there is no iptables at all. */
  constructor(
    readonly interfaces: Record<string, string>,
    readonly tools: { iptables: "nft" | "legacy" | "none"; hasNft: boolean; kernel?: string } = {
      iptables: "nft",
      hasNft: true,
    },
  ) {
    this.contents = {
      chains: Object.fromEntries(BUILT_IN.map((name) => [name, []])),
      otherChains: Object.fromEntries(BUILT_IN.map((name) => [name, []])),
      nft: {},
      rules: [
        { priority: 0, table: 255, protocol: 0 },
        { priority: 32766, table: 254, protocol: 0 },
      ],
      routes: {},
      sourceChecks: { all: 0, ...Object.fromEntries(Object.keys(interfaces).map((name) => [name, 0])) },
      notes: {},
      owners: {},
    };
  }

  /** A copy of everything, free of empty tables. */
  snapshot(): Contents {
    const copy = structuredClone(this.contents);
    for (const [table, routes] of Object.entries(copy.routes))
      if (routes.length === 0) delete copy.routes[Number(table)];
    return copy;
  }

  /** Runs the steps in order; the one at `failingAt` fails instead, and those before it are undone. */
  apply(steps: readonly Step[], failingAt = -1): void {
    for (const [index, step] of steps.entries()) {
      if (index === failingAt) {
        for (const done of steps.slice(0, index).reverse()) this.run(done.undo);
        return;
      }
      this.run(step.run);
    }
  }

  /** What the read script says of it. */
  read(): Found {
    const { chains, otherChains, rules, routes, sourceChecks, notes, owners } = this.contents;
    const links = Object.entries(this.interfaces).map(([ifname, address]) => ({
      ifname,
      flags: ["BROADCAST", "UP"],
      addr_info: [{ family: "inet", local: address.split("/")[0], prefixlen: Number(address.split("/")[1]) }],
    }));
    const sections: [name: string, text: string, status?: string][] = [
      ["system", "Linux"],
      ["release", this.tools.kernel ?? "6.1.0-18-amd64"],
      ...this.firewallSections(chains, otherChains),
      ["rules", JSON.stringify(rules.map(ruleJson))],
      ["links", JSON.stringify(links)],
      [
        "settings",
        Object.entries(sourceChecks)
          .map(([name, value]) => `${name} rp_filter ${value}\n${name} forwarding 1`)
          .join("\n"),
      ],
      [
        "notes",
        Object.entries(notes)
          .map(([name, value]) => `${name} ${value}`)
          .join("\n"),
      ],
      [
        "owners",
        Object.entries(owners)
          .map(([name, owner]) => `${name} ${owner}`)
          .join("\n"),
      ],
      ["persistence", ""],
      ["watchdogs", ""],
      ...Object.entries(routes).map(([table, list]): [string, string] => [
        `table:${table}`,
        JSON.stringify(list.map(routeJson)),
      ]),
      ...Object.entries(this.interfaces).map(([name, address]): [string, string] => [
        `onlink:${name}`,
        JSON.stringify([{ dst: address.replace(/\d+\/24$/, "0/24"), dev: name, flags: [] }]),
      ]),
    ];
    const stdout = sections.map(([name, text, status = "0"]) => `\n@@${name}\n${text}\n@@= ${status}\n`).join("");
    const stderr = sections.map(([name]) => `\n@@${name}\n`).join("");
    return parseReadBack({ stdout, stderr }, "router simulated");
  }

  private firewallSections(
    chains: Record<string, string[]>,
    otherChains: Record<string, string[]>,
  ): [string, string, string?][] {
    const { iptables, hasNft } = this.tools;
    const nft = this.nft().list("SPS-R-");
    const sections: [string, string, string?][] = ["nft", "legacy"].map((name) => {
      if (iptables === "none") return [`iptables-${name}`, "", "127"];
      const tool = name === iptables ? "iptables" : `iptables-${name}`;
      return [`iptables-${name}`, `# tool ${tool}\n${printTable(name === iptables ? chains : otherChains)}`];
    });
    const version = iptables === "nft" ? "iptables v1.8.9 (nf_tables)" : "iptables v1.8.9 (legacy)";
    return [
      iptables === "none" ? ["iptables", "", "127"] : ["iptables", version],
      ...sections,
      hasNft ? ["nftables", nft] : ["nftables", "", "127"],
    ];
  }

  private nft(): SimulatedNft {
    const nft = new SimulatedNft();
    nft.tables = this.contents.nft;
    return nft;
  }

  /** Runs the text of one step. @throws Error where the real tool would fail; nothing is changed then. */
  run(text: string): void {
    const [command = "", ...input] = text.split("\n");
    const words = splitWords(command.replaceAll("'", '"')) ?? [];
    const setting = /^echo (\d) >\/proc\/sys\/net\/ipv4\/conf\/([^/]+)\/rp_filter$/.exec(text);
    const note = /^mkdir -p "\$sps_notes" && echo (\d) >"\$sps_notes"\/rp_filter\.(\S+)$/.exec(text);
    const forget = /^rm -f "\$sps_notes"\/rp_filter\.(\S+?)(;| &&) /.exec(text);
    if (setting) this.contents.sourceChecks[setting[2] ?? ""] = Number(setting[1]);
    else if (note) this.contents.notes[note[2] ?? ""] = Number(note[1]);
    else if (forget) delete this.contents.notes[forget[1] ?? ""];
    else if (text.includes("/owner.")) this.recordOwners(text);
    else if (words[0] === "iptables-restore") this.contents.chains = this.restore(this.contents.chains, words, input);
    else if (/^iptables-(nft|legacy)-restore$/.test(words[0] ?? "")) {
      this.contents.otherChains = this.restore(this.contents.otherChains, words, input);
    } else if (words[0] === "nft") {
      const nft = this.nft();
      nft.run(words[1] === "-j", input.slice(0, -1));
      this.contents.nft = nft.tables;
    } else if (words.includes("-batch")) this.batch(words.includes("-force"), input.slice(0, -1));
    else if (words[2] === "route") this.route(words[3] ?? "", words.slice(4, -1));
    else if (words[2] === "rule") this.rule(words[3] ?? "", words.slice(4, -1));
    else throw new Error(`no such command: ${text}`);
  }

  private recordOwners(text: string): void {
    for (const line of text.split("\n").slice(1, -1)) {
      const [, owner, name = ""] =
        /^(?:printf '%s\\n' (.*?) >|rm -f )"\$sps_notes"\/owner\.(\S+) \|\| return 1$/.exec(line) ?? [];
      assert.notEqual(name, "", line);
      if (owner === undefined) delete this.contents.owners[name];
      else this.contents.owners[name] = owner.replace(/^'(.*)'$/, "$1");
    }
  }

  private batch(isForced: boolean, lines: readonly string[]): void {
    for (const line of lines) {
      const [object, verb = "", ...words] = line.split(" ");
      assert.equal(object, "rule");
      try {
        this.rule(verb, words);
      } catch (error) {
        if (!isForced) throw error;
      }
    }
  }

  private restore(
    before: Record<string, string[]>,
    words: readonly string[],
    lines: readonly string[],
  ): Record<string, string[]> {
    assert.deepEqual(words.slice(1, 4), ["-w", "10", "--noflush"]);
    assert.deepEqual([lines[0], lines.at(-2), lines.at(-1)], ["*mangle", "COMMIT", "SPS-END-OF-INPUT"]);
    const chains = structuredClone(before);
    const chain = (name: string): string[] => chains[name] ?? assert.fail(`no chain ${name}`);
    for (const line of lines.slice(1, -2)) {
      const [, verb = "", name = "", rest = ""] = /^(:|-[A-Z] )(\S+) ?(.*)$/.exec(line) ?? [];
      if (verb === ":") chains[name] = [];
      else if (verb === "-A ") chain(name).push(canonical(rest));
      else if (verb === "-I ") chain(name).unshift(canonical(rest.replace(/^1 /, "")));
      else if (verb === "-F ") chain(name).length = 0;
      else if (verb === "-X ") {
        assert.equal(chain(name).length, 0, `${name} is not empty`);
        assert.ok(
          !Object.values(chains)
            .flat()
            .some((rule) => rule.endsWith(`-j ${name}`)),
          `${name} is in use`,
        );
        delete chains[name];
      } else if (verb === "-D ") {
        const index = chain(name).indexOf(canonical(rest));
        assert.ok(index >= 0, `no such rule: ${line}`);
        chain(name).splice(index, 1);
      } else assert.fail(`no such line: ${line}`);
    }
    for (const rule of Object.values(chains).flat()) {
      const target = /-j (SPS-\S+)$/.exec(rule)?.[1];
      assert.ok(!target || chains[target], `no chain ${target}`);
    }
    return chains;
  }

  private route(verb: string, words: string[]): void {
    const given = new Map<string, string>();
    const types = Object.keys(ROUTE_NUMBERS);
    const type = types.includes(words[0] ?? "") ? (words.shift() ?? "") : "unicast";
    const destination = words.shift() ?? "";
    for (let index = 0; index < words.length; index += 2) given.set(words[index] ?? "", words[index + 1] ?? "");
    const table = Number(given.get("table"));
    const list = this.contents.routes[table] ?? [];
    this.contents.routes[table] = list;
    const route: SimulatedRoute = {
      type,
      destination,
      ...(given.has("via") && { gateway: given.get("via") }),
      ...(given.has("dev") && { device: given.get("dev") }),
      metric: Number(given.get("metric") ?? 0),
      protocol: Number(given.get("proto") ?? 3),
    };
    const sameKey = list.findIndex((other) => other.destination === destination && other.metric === route.metric);
    const same = list.findIndex((other) => JSON.stringify(other) === JSON.stringify(route));
    if (verb === "replace" && sameKey >= 0) list[sameKey] = route;
    else if (verb === "replace" || verb === "append") list.push(route);
    else if (verb === "del" && same >= 0) list.splice(same, 1);
    else throw new Error("RTNETLINK answers: No such process");
    list.sort((left, right) => left.metric - right.metric);
  }

  private rule(verb: string, words: readonly string[]): void {
    const given = new Map<string, string>();
    for (let index = 0; index < words.length; index += 2) given.set(words[index] ?? "", words[index + 1] ?? "");
    const selecting = [...given].filter(([word]) => ["from", "to", "iif", "ipproto", "sport", "dport"].includes(word));
    const rule: SimulatedRule = {
      priority: Number(given.get("pref")),
      ...(given.has("fwmark") && { mark: given.get("fwmark") }),
      ...(selecting.length > 0 && { selector: JSON.stringify(Object.fromEntries(selecting.sort())) }),
      table: Number(given.get("lookup")),
      protocol: Number(given.get("protocol") ?? 0),
    };
    const { rules } = this.contents;
    const same = rules.findIndex(
      (other) =>
        other.priority === rule.priority &&
        other.mark === rule.mark &&
        other.selector === rule.selector &&
        other.table === rule.table &&
        (other.protocol === rule.protocol || (verb === "del" && rule.protocol === 0)),
    );
    if (verb === "add" && same >= 0) throw new Error("RTNETLINK answers: File exists");
    if (verb === "del" && same < 0) throw new Error("RTNETLINK answers: No such file or directory");
    if (verb === "add") rules.push(rule);
    else rules.splice(same, 1);
    rules.sort((left, right) => left.priority - right.priority);
  }
}

/** The spelling iptables-save gives a rule, whatever the spelling it was made with. */
export function canonical(text: string): string {
  const words = splitWords(text) ?? assert.fail(`cannot split ${text}`);
  const parts: Record<string, string> = {};
  const matches: string[] = [];
  let not = "";
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const next = () => words[++index] ?? "";
    if (word === "!") {
      not = "! ";
      continue;
    }
    if (["-s", "-d", "-i", "-p"].includes(word)) parts[word] = `${not}${word} ${next()}`;
    else if (word === "-m") matches.push(`-m ${next()}`);
    else if (word === "-j") parts.target = `-j ${words.slice(index + 1).join(" ")}`;
    else if (word === "--syn") matches.push("--tcp-flags FIN,SYN,RST,ACK SYN");
    else if (word === "--comment") matches.push(`--comment ${commentWord(next())}`);
    else if (word === "--tcp-flags") matches.push(`--tcp-flags ${next()} ${next()}`);
    else if (word === "--mark") matches.push(`--mark ${hexMark(next())}`);
    else matches.push(`${word} ${next()}`);
    if (word === "-j") break;
    not = "";
  }
  const target = (parts.target ?? "").replace(
    /--set-x?mark (\S+)$/,
    (_, mark: string) => `--set-xmark ${hexMark(mark)}`,
  );
  return [parts["-s"], parts["-d"], parts["-i"], parts["-p"], ...matches, target].filter(Boolean).join(" ");
}

function commentWord(comment: string): string {
  return /^[\w-]+$/.test(comment) ? comment : `"${comment.replace(/(["\\'])/g, "\\$1")}"`;
}

function hexMark(mark: string): string {
  return mark
    .split("/")
    .map((part) => `0x${Number(part).toString(16)}`)
    .join("/");
}

function printTable(chains: Record<string, string[]>): string {
  const declared = Object.keys(chains).map((name) => `:${name} ${BUILT_IN.includes(name) ? "ACCEPT" : "-"} [0:0]`);
  const rules = Object.entries(chains).flatMap(([name, list]) => list.map((rule) => `[0:0] -A ${name} ${rule}`));
  return ["# Generated by iptables-save", "*mangle", ...declared, ...rules, "COMMIT", ""].join("\n");
}

function ruleJson({ priority, mark, selector: json = "{}", table, protocol }: SimulatedRule): Record<string, unknown> {
  const selector = JSON.parse(json) as Record<string, string>;
  const [fwmark, fwmask] = mark?.split("/") ?? [];
  return {
    priority,
    ...(selector.from === undefined ? { src: "all" } : addressJson("src", selector.from)),
    ...(selector.to !== undefined && addressJson("dst", selector.to)),
    ...(fwmark && { fwmark }),
    ...(fwmask && { fwmask }),
    ...(selector.iif !== undefined && { iif: selector.iif }),
    ...(selector.ipproto === "tcp" && { ipproto: "ipproto-6" }),
    ...portJson("sport", selector.sport),
    ...portJson("dport", selector.dport),
    table: `${table}`,
    ...(protocol !== 0 && { protocol: `${protocol}` }),
  };
}

function addressJson(key: string, network: string): Record<string, unknown> {
  const [address, length = "32"] = network.split("/");
  return { [key]: address, ...(length !== "32" && { [`${key}len`]: Number(length) }) };
}

function portJson(key: string, ports: string | undefined): Record<string, unknown> {
  const [first, last] = (ports ?? "").split("-").map(Number);
  if (!first) return {};
  return last === undefined ? { [key]: first } : { [`${key}_start`]: first, [`${key}_end`]: last };
}

function routeJson({ type, destination, gateway, device, metric, protocol }: SimulatedRoute): Record<string, unknown> {
  return {
    ...(type !== "unicast" && { type: ROUTE_NUMBERS[type] }),
    dst: destination,
    ...(gateway !== undefined && { gateway }),
    ...(device !== undefined && { dev: device }),
    ...(protocol !== 3 && { protocol: `${protocol}` }),
    ...(metric !== 0 && { metric }),
    flags: [],
  };
}
