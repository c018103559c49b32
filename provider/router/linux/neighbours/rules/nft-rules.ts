import { changeOf, type NftObject, nftChain, nftRule } from "../../backends/nft-json";
import { CHAIN_PREFIX } from "../../model/saved-table";
import { comparison, testsOf } from "./nft-tests";
import { addressesOf, elementsOf, type NamedSets, portsOf, under, wordsOf } from "./nft-values";
import type { Action, BaseChain, Hook, Rule, Test } from "./ruleset";

const HOOKS: readonly string[] = ["prerouting", "forward", "postrouting"];

/** The effects without arguments. */
const SIMPLE: Record<string, Action> = {
  accept: { kind: "accept" },
  drop: { kind: "drop" },
  reject: { kind: "drop" },
  return: { kind: "return" },
  queue: { kind: "accept" },
  tproxy: { kind: "take" },
  notrack: { kind: "untrack" },
  masquerade: { kind: "source-nat" },
  snat: { kind: "source-nat" },
  redirect: { kind: "destination-nat" },
};

/** The targets of iptables in tables that iptables does not print. */
const XT_TARGETS: Record<string, Action> = {
  MARK: { kind: "packet-mark", bits: 0xffffffff },
  CONNMARK: { kind: "connection-mark", bits: 0xffffffff },
  MASQUERADE: { kind: "source-nat" },
  SNAT: { kind: "source-nat" },
  DNAT: { kind: "destination-nat" },
  REDIRECT: { kind: "destination-nat" },
  TPROXY: { kind: "take" },
  NFQUEUE: { kind: "accept" },
  REJECT: { kind: "drop" },
};

/** The base chains of one table from the objects of `nft -j list table`; those of redirections are left out. */
export function nftChains(objects: readonly NftObject[], key: string): BaseChain[] {
  const [family = "", name = ""] = key.split(" ");
  // Foreign chains in the table of a redirection are drift.
  if (name.startsWith(CHAIN_PREFIX)) return [];
  const sets: NamedSets = new Map(
    objects.flatMap((object) => {
      const set = object.set ?? object.map;
      const elements = under(set, "elem");
      return set === undefined ? [] : [[String(under(set, "name")), Array.isArray(elements) ? elements : []] as const];
    }),
  );
  const devices = new Map(
    objects.flatMap(({ flowtable }) => {
      const listed = under(flowtable, "dev");
      const names = (Array.isArray(listed) ? listed : [listed]).filter((one) => typeof one === "string");
      return flowtable === undefined ? [] : [[`@${String(under(flowtable, "name"))}`, names] as const];
    }),
  );
  const chains = new Map<string, Rule[]>();
  for (const object of objects) {
    const chain = nftChain.safeParse(object.chain);
    if (chain.success) chains.set(chain.data.name, []);
    const rule = nftRule.safeParse(object.rule);
    if (rule.success) chains.get(rule.data.chain)?.push(...rulesOf(rule.data.expr, key, sets, devices));
  }
  return objects.flatMap((object): BaseChain[] => {
    const { data } = nftChain.safeParse(object.chain);
    if (data?.hook === undefined || !HOOKS.includes(data.hook)) return [];
    return [
      {
        hook: data.hook as Hook,
        priority: data.prio ?? 0,
        policy: data.policy === "drop" ? "drop" : "accept",
        table: `nft ${key}`,
        chain: data.name,
        rules: chains.get(data.name) ?? [],
        chains,
        family,
      },
    ];
  });
}

/** One rule for each effect of an nft rule, each with the conditions before it. */
function rulesOf(
  expressions: readonly Record<string, unknown>[],
  table: string,
  sets: NamedSets,
  devices: ReadonlyMap<string, readonly string[]>,
): Rule[] {
  const text = `nft ${table}: ${wordsOf(expressions)}`;
  const tests: Test[] = [];
  const rules: Rule[] = [];
  for (const expression of expressions) {
    const { vmap } = expression;
    if (vmap !== undefined) {
      rules.push(...verdictRules(vmap, text, [...tests], sets));
      continue;
    }
    const conditions = testsOf(expression, sets);
    tests.push(...conditions);
    if (conditions.length > 0) continue;
    for (const action of mappedNat(expression, sets) ?? actionOf(expression, devices)) {
      rules.push({ text, tests: [...tests], action });
    }
  }
  return rules;
}

/** The verdicts of a map, one rule for each element. */
function verdictRules(vmap: unknown, text: string, tests: readonly Test[], sets: NamedSets): Rule[] {
  const key = under(vmap, "key");
  const data = under(vmap, "data");
  const elements = elementsOf(data, sets);
  const unknown: Test = { on: "unknown", isLimiting: false };
  if (!elements) return [{ text, tests: [...tests, unknown], action: { kind: "take" } }];
  return elements.flatMap((element): Rule[] => {
    const [value, verdict] = Array.isArray(element) ? element : [];
    const actions = verdict === undefined ? [] : actionOf(verdict as Record<string, unknown>, new Map());
    const condition = comparison(key, { set: [value] }, false, sets);
    return actions.map((action) => ({ text, tests: [...tests, ...condition], action }));
  });
}

/** The destinations of `dnat to … map`, one for each element; undefined for other statements. */
function mappedNat({ dnat }: Record<string, unknown>, sets: NamedSets): Action[] | undefined {
  const map = under(under(dnat, "addr"), "map");
  const elements = map === undefined ? undefined : elementsOf(under(map, "data"), sets);
  return elements?.map((element) => natAction({ addr: Array.isArray(element) ? element[1] : undefined }));
}

function actionOf(expression: Record<string, unknown>, devices: ReadonlyMap<string, readonly string[]>): Action[] {
  const [[key, body] = ["", undefined]] = Object.entries(expression);
  const simple = SIMPLE[key];
  if (simple) return [simple];
  if (key === "jump" || key === "goto") {
    const chain = String(under(body, "target"));
    return chain.startsWith(CHAIN_PREFIX) ? [] : [{ kind: key, chain }];
  }
  if (key === "flow") return [{ kind: "offload", devices: devices.get(String(under(body, "flowtable"))) ?? ["*"] }];
  if (key === "dnat") return [natAction(body)];
  if (key === "xt" && under(body, "type") === "target") return [XT_TARGETS[String(under(body, "name"))] ?? NONE];
  return key === "mangle" ? mangleActions(body) : [];
}

const NONE: Action = { kind: "none" };

function natAction(body: unknown): Action {
  const to = addressesOf([under(body, "addr")])?.[0];
  const ports = portsOf([under(body, "port")])?.[0];
  return { kind: "destination-nat", ...(to && { to }), ...(ports && { ports }) };
}

function mangleActions(body: unknown): Action[] {
  const field = under(body, "key");
  const ct = under(under(field, "ct"), "key");
  if (ct === "zone") return [{ kind: "zone" }];
  const kind = ct === "mark" ? "connection-mark" : "packet-mark";
  if (ct !== "mark" && under(under(field, "meta"), "key") !== "mark") return [];
  const change = changeOf(under(body, "value"), JSON.stringify(field));
  if (change) return [{ kind, bits: change.mask, value: change.value }];
  const isCopied = JSON.stringify(under(body, "value")).includes('"key":"mark"');
  return [{ kind, bits: 0xffffffff, ...(isCopied && { isCopied }) }];
}
