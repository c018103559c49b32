import { isIP } from "node:net";
import type { NamedObject } from "../../../sps/configuration";
import { type Check, counted, fail, given, listed, notChecked, type Outcome, pass, spanText, warn } from "../check";
import { consequencesOf } from "../consequences";
import { entryOf, isRecent, nodeIdOf } from "../entry";
import { isRead, valueIfRead } from "../fact";
import type { Facts } from "../facts";
import { SOURCES } from "../sources";

/** SPS needs up to a minute for its objects once SPP trusts it; twice that is allowed. */
const MAKING_MILLISECONDS = 120_000;
const ON_SPP = "Appliance Management > Cluster > Session Appliances on SPP";

/** How the two stand to each other now: strangers, joined already, or joined on one side only. */
export const joinState: Check = {
  id: "join-state",
  title: "no other join stands in the way",
  source: SOURCES.sppSessionModules,
  run: (facts) =>
    given(facts.spp.modules, () => {
      const entry = entryOf(facts);
      if (!entry) return withoutEntry(facts);
      const { row, ageMilliseconds } = entry;
      if (!row.isConnected) return disconnected(row.id);
      if (consequencesOf(facts).isRejoinDue) return pass(`entry ${row.id} is disconnected first, and taken over`);
      if (row.isTrusted) return trusted(facts, row.id, ageMilliseconds);
      if (isRecent(ageMilliseconds)) {
        const text = `a join of this node is under way for ${spanText(ageMilliseconds)} (entry ${row.id} on SPP)`;
        return warn(text, "nothing has to be done: the update sends nothing and waits for it");
      }
      const text = `SPP has an entry for this node (${row.id}) whose handshake never ended`;
      return fail("SG2103", text, `remove the entry at ${ON_SPP}, then run pulumi up again`, "spp.address");
    }),
};

function trusted(facts: Facts, id: number, age: number | undefined): Outcome {
  return given(facts.sps.defaults, ({ objects, forbidden }) => {
    if (objects.length > 0 || forbidden.length > 0) {
      return pass(`joined to this SPP already (entry ${id}): nothing will be sent`);
    }
    if (age !== undefined && Math.abs(age) < MAKING_MILLISECONDS) {
      const text = `SPP trusts the node for ${spanText(age)}; SPS has not made its objects yet`;
      return warn(text, "nothing has to be done: the update waits for them");
    }
    const text = `joined on one side only: SPP trusts the node (entry ${id}), but SPS has none of the objects of a join`;
    return fail(
      "SG2212",
      text,
      `remove the entry at ${ON_SPP}, wait five minutes, then run pulumi up again`,
      "spp.address",
    );
  });
}

function disconnected(id: number): Outcome {
  const text = `SPP keeps a disconnected entry for this node (${id}); a new join takes it over`;
  return warn(text, `if SPP refuses the join with code 60657, remove the entry for good at ${ON_SPP}`);
}

function withoutEntry(facts: Facts): Outcome {
  const namesakes = rowsAtSameAddress(facts);
  const first = namesakes[0];
  const nodeId = nodeIdOf(facts);
  if (nodeId === undefined) {
    const why = isRead(facts.sps.cluster) ? "the node is in no cluster" : facts.sps.cluster.why;
    if (!first) return notChecked(why);
    const text = `SPP has an entry for this address already (${first.id}); whether it is this node is not known: ${why}`;
    return warn(text, `look at ${ON_SPP}`, "sps.address");
  }
  if (first?.isConnected && !first.isAtAddress) {
    const text = `SPP has an entry (${first.id}) of another node, ${first.nodeId}, with the same host name and another address`;
    return warn(text, `find out whose it is at ${ON_SPP}, and keep it where it is in use`, "sps.address");
  }
  if (first?.isConnected) {
    const text = `SPP has an entry for this address (${first.id}) with another node id, ${first.nodeId}: SPS was set up anew`;
    return fail("SG2213", text, `remove that entry at ${ON_SPP} once nobody needs it any more`, "sps.address");
  }
  return given(facts.sps.defaults, ({ objects }) => {
    if (isWorkOfJoin(objects)) return oneSidedOnSps(facts, [...new Set(objects.map((object) => object.name))]);
    if (!first) return pass("neither knows the other");
    const text = `SPP keeps a disconnected entry for this address (${first.id}) with another node id`;
    return warn(text, `remove it at ${ON_SPP} if SPP refuses the join`, "sps.address");
  });
}

/** A join makes policies and plugins; a name alone may be anybody's, and has a check of its own. */
function isWorkOfJoin(objects: readonly NamedObject[]): boolean {
  const plugins = objects.filter(({ list }) => list.startsWith("/api/configuration/plugins/"));
  return plugins.length > 0 && plugins.length < objects.length;
}

function oneSidedOnSps({ overwrites }: Facts, names: string[]): Outcome {
  const found = `SPS has ${counted(names.length, "object")} of a join (${listed(names, 3)}), but this SPP does not know the node`;
  if (names.every((name) => overwrites.includes(name))) {
    return warn(
      `${found}; that they are overwritten is acknowledged`,
      "make sure that it is not joined to another SPP",
    );
  }
  const text = `${found}: it is joined to another SPP, or its entry was removed on SPP only`;
  const remedy =
    "point spp.address at the SPP it is joined to; if there is none, remove the objects on SPS, or acknowledge that they are overwritten";
  return fail("SG2214", text, remedy, "spp.address");
}

function rowsAtSameAddress({ sps, spp }: Facts) {
  const cluster = valueIfRead(sps.cluster);
  const own = cluster?.nodes.find((node) => node.nodeId === cluster.selfId)?.address;
  const names = [sps.address, own, valueIfRead(sps.info)?.hostName].filter(Boolean).map((name) => name?.toLowerCase());
  const addresses = [...names, ...(valueIfRead(sps.resolved) ?? [])];
  const rows = (valueIfRead(spp.modules) ?? [])
    .filter((row) => row.addresses.some((name) => names.includes(name.toLowerCase())))
    // A host name may be that of several nodes; where SPP has an address, that tells.
    .map((row) => ({ ...row, isAtAddress: row.addresses.every((name) => !isIP(name) || addresses.includes(name)) }));
  const weight = (row: (typeof rows)[number]) => Number(row.isConnected) * 2 + Number(row.isAtAddress);
  return rows.sort((left, right) => weight(right) - weight(left));
}
