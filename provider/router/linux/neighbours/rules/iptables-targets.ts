import { parseMark } from "../../model/rule";
import { CHAIN_PREFIX } from "../../model/saved-table";
import { type Action, rangeOf } from "./ruleset";

const SIMPLE: Record<string, Action> = {
  ACCEPT: { kind: "accept" },
  DROP: { kind: "drop" },
  REJECT: { kind: "drop" },
  RETURN: { kind: "return" },
  QUEUE: { kind: "accept" },
  NFQUEUE: { kind: "accept" },
  TPROXY: { kind: "take" },
  NOTRACK: { kind: "untrack" },
  SNAT: { kind: "source-nat" },
  MASQUERADE: { kind: "source-nat" },
  REDIRECT: { kind: "destination-nat" },
  FLOWOFFLOAD: { kind: "offload", devices: ["*"] },
};

/** The effect of a rule from `-j` or `-g` on; jumps into chains of redirections and other targets are `none`. */
export function targetAction(words: readonly string[], isChain: (name: string) => boolean): Action {
  const [verb, target = "", ...options] = words;
  const after = (option: string) => options[options.indexOf(option) + 1] ?? "";
  if (target.startsWith(CHAIN_PREFIX)) return { kind: "none" };
  if (isChain(target)) return { kind: verb === "-g" ? "goto" : "jump", chain: target };
  const simple = SIMPLE[target];
  if (simple) return simple;
  if (target === "CT") {
    if (options.includes("--notrack")) return { kind: "untrack" };
    return { kind: options.some((word) => word.startsWith("--zone")) ? "zone" : "none" };
  }
  if (target === "DNAT") return natAction(after("--to-destination"));
  if (target === "NETMAP") return natAction(after("--to"));
  if (target !== "MARK" && target !== "CONNMARK") return { kind: "none" };
  const kind = target === "MARK" || options.includes("--restore-mark") ? "packet-mark" : "connection-mark";
  const mark = parseMark(options.find((_, index) => /^--set-x?mark$/.test(options[index - 1] ?? "")));
  if (mark) return { kind, bits: (mark.mask | mark.value) >>> 0, value: mark.value };
  const masks = options.filter((_, index) => /^--(nf|ct)?mask$/.test(options[index - 1] ?? "")).map(Number);
  const bits = masks.length === 0 ? 0xffffffff : masks.reduce((all, mask) => (all | mask) >>> 0, 0);
  return { kind, bits, isCopied: true };
}

/** The target of a destination NAT, such as `10.0.0.5:3389` or `10.0.0.1-10.0.0.9:80-90`. */
function natAction(text: string): Action {
  const [address = "", port] = text.split(":");
  const to = rangeOf(address);
  const [first = 0, last = first] = (port ?? "").split(/[-/]/).map(Number);
  return { kind: "destination-nat", ...(to && { to }), ...(port !== undefined && { ports: { first, last } }) };
}
