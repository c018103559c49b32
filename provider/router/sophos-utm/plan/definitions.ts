import { ALL_PORTS } from "../../ports";
import type { Redirection } from "../../redirection";
import type { Leg } from "../model/desired";
import type { Found, FoundObject, FoundRoute } from "../model/found";
import { definitionNames, generationName } from "../model/names";
import type { ObjectKey, Step, Value, Values } from "./steps";

/** The product's own definition of any network. */
const ANY_NETWORK = "REF_NetworkAny";

/**
 * The definitions that new policy routes need. Names of hosts, networks and services say their content, so that they are never
 * changed; groups get a new generation beside the old one.
 */
export class Definitions {
  /** Creates what is missing, and corrects what is not as its name says. */
  readonly steps: Step[] = [];
  private readonly used = new Set<string>();

  constructor(
    private readonly found: Found,
    private readonly isOurs: (object: FoundObject) => boolean,
    private readonly comment: string | undefined,
  ) {}

  /** Keeps the definitions of a policy route that stays. */
  keep({ values }: FoundRoute): void {
    for (const name of ["source", "destination", "service", "target"]) this.keepReference(String(values[name]));
  }

  gateway({ name, spsAddress }: Redirection): Value {
    return this.require(
      { type: "network/host", name: definitionNames.gateway(name, spsAddress) },
      { address: spsAddress },
    );
  }

  networks(redirection: string, role: "clients" | "servers", networks: readonly string[]): Value {
    if (networks.length === 0) return ANY_NETWORK;
    const members = networks.map((network) => {
      const name = definitionNames.network(redirection, network);
      const [address = "", prefix] = network.split("/");
      if (prefix === "32") return this.require({ type: "network/host", name }, { address });
      return this.require({ type: "network/network", name }, { address, netmask: Number(prefix) });
    });
    return this.oneOrGroup("network/group", redirection, role, members, {});
  }

  services({ redirection: { name: redirection }, direction, ports }: Leg): Value {
    const members = ports.map((range) => {
      const [destination, source] = direction === "in" ? [range, ALL_PORTS] : [ALL_PORTS, range];
      const values = {
        dst_low: destination.first,
        dst_high: destination.last,
        src_low: source.first,
        src_high: source.last,
      };
      return this.require(
        { type: "service/tcp", name: definitionNames.service(redirection, direction, range) },
        values,
      );
    });
    const role = direction === "in" ? "ports" : "source-ports";
    return this.oneOrGroup("service/group", redirection, role, members, { types: ["tcp"] });
  }

  /** Owned definitions that nothing of ours needs any more, groups first. */
  unused(): FoundObject[] {
    const all = this.found.definitions.filter((one) => this.isOurs(one) && !this.used.has(one.name));
    const isGroup = ({ type }: FoundObject) => type.endsWith("/group");
    return [...all.filter(isGroup), ...all.filter((one) => !isGroup(one))];
  }

  private keepReference(reference: string): void {
    const definition = this.found.definitions.find((one) => one.reference === reference);
    if (!definition || this.used.has(definition.name)) return;
    this.used.add(definition.name);
    const { members } = definition.values;
    if (Array.isArray(members)) for (const member of members) this.keepReference(String(member));
  }

  /** One definition is referred to directly, as a person would do it. */
  private oneOrGroup(
    type: "network/group" | "service/group",
    redirection: string,
    role: string,
    members: readonly ObjectKey[],
    values: Values,
  ): Value {
    const [only, ...more] = members;
    if (only && more.length === 0) return only;
    const sorted = (list: readonly unknown[]) => list.map(String).sort().join();
    const references = sorted(members.map((one) => this.find(one)?.reference));
    for (let generation = 1; ; generation += 1) {
      const key: ObjectKey = { type, name: generationName(redirection, role, generation) };
      if (this.isForeign(key.name)) continue;
      const planned = this.steps.find((step) => step.key.type === type && step.key.name === key.name);
      const there = this.find(key)?.values.members;
      // Another interface of the redirection may need the same group.
      const isPlanned =
        planned?.kind === "create" && JSON.stringify(planned.values.members) === JSON.stringify(members);
      if (isPlanned) return key;
      if (Array.isArray(there) && sorted(there) === references) return this.require(key, values);
      if (!planned && there === undefined) return this.require(key, { ...values, members: [...members] });
    }
  }

  private require({ type, name }: ObjectKey, values: Values): ObjectKey {
    const key: ObjectKey = { type, name };
    for (let generation = 2; this.isForeign(key.name); generation += 1) key.name = `${name}:${generation}`;
    this.used.add(key.name);
    const there = this.find(key);
    if (there) key.reference = there.reference;
    if (this.steps.some((step) => step.key.type === key.type && step.key.name === key.name)) return key;
    const wanted = { ...values, ...(this.comment !== undefined && { comment: this.comment }) };
    if (!there) {
      this.steps.push({ kind: "create", key, values: wanted });
      return key;
    }
    const current = { ...there.values, comment: there.comment };
    const wrong = Object.entries(wanted).filter(([name, value]) => !isSameValue(value, Reflect.get(current, name)));
    if (wrong.length > 0) {
      const before = Object.fromEntries(wrong.map(([name]) => [name, Reflect.get(current, name) as Value]));
      this.steps.push({ kind: "change", key, values: Object.fromEntries(wrong), before });
    }
    return key;
  }

  /** Whether an object of someone else has a name, which no other can have then. */
  private isForeign(name: string): boolean {
    return this.found.definitions.some((one) => one.name === name && !this.isOurs(one));
  }

  private find({ type, name }: ObjectKey): FoundObject | undefined {
    return this.found.definitions.find((one) => one.type === type && one.name === name);
  }
}

/** Numbers may be read as text. */
function isSameValue(wanted: Value, found: unknown): boolean {
  if (Array.isArray(wanted)) return JSON.stringify(wanted) === JSON.stringify(found);
  return String(wanted) === String(found);
}
