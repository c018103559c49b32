import { isIP } from "node:net";
import { ownNode } from "../../../sps/cluster";
import {
  type Check,
  counted,
  fail,
  given,
  listed,
  notChecked,
  type Outcome,
  pass,
  SOURCES,
  spanText,
  warn,
} from "../check";
import {
  attemptAgeOf,
  COOL_DOWN_MILLISECONDS,
  consequencesOf,
  entryOf,
  entryRemoval,
  isJoinedElsewhere,
  isJoinedHere,
  isPromotionDue,
  isRecent,
  nodeIdOf,
  ON_SPP,
} from "../consequences";
import type { Facts } from "../facts";
import { isRead, valueIfRead } from "../gathering";

/** SPS creates its objects within about a minute after SPP trusts it. Twice that time is allowed. */
const CREATION_MILLISECONDS = 120_000;

export const JOIN_CHECKS: readonly Check[] = [
  // Distinguishes appliances that are not joined, joined, or joined on one side only.
  {
    id: "join-state",
    title: "no other join is in the way",
    source: SOURCES.sppSessionModules,
    run: (facts) =>
      given(facts.spp.modules, () => {
        const entry = entryOf(facts);
        if (!entry) return withoutEntry(facts);
        const { row, ageMilliseconds } = entry;
        if (!row.isConnected) return disconnected(row.id);
        if (consequencesOf(facts).isRejoinDue) return pass(`entry ${row.id} is disconnected first, then reused`);
        if (row.isTrusted) return trusted(facts, row.id, ageMilliseconds);
        if (isRecent(ageMilliseconds)) {
          const text = `a join of this node has been running for ${spanText(ageMilliseconds)} (entry ${row.id} on SPP)`;
          return warn(text, "no action is needed: the update sends nothing and waits for it");
        }
        const text = `SPP has an entry for this node (${row.id}) whose handshake never ended`;
        return fail("SG2103", text, "spp.address", entryRemoval(facts, "run pulumi up again"));
      }),
  },
  // A failed attempt blocks the next one for five minutes.
  {
    id: "join-recent",
    title: "no join was tried within the last five minutes",
    source: SOURCES.joinErrors,
    isForRequest: true,
    run: (facts) =>
      given(facts.spp.modules, () => {
        if (isPromotionDue(facts)) return pass("none is known");
        if (nodeIdOf(facts) === undefined) {
          return notChecked(isRead(facts.sps.cluster) ? "the node is in no cluster" : facts.sps.cluster.why);
        }
        const entry = entryOf(facts);
        if (entry?.row.isConnected && entry.row.isTrusted) return pass("none is known");
        if (!entry || !isRecent(entry.ageMilliseconds)) return unlisted(facts);
        const { row, ageMilliseconds: age } = entry;
        if (row.isConnected) {
          const text = `one began ${spanText(age)} ago and has not ended; it ends within ${spanText(restOf(age))}`;
          return warn(text, "the update waits for it");
        }
        // This product disconnected the entry; it is not left over from a failed handshake.
        if (facts.rejoin) return pass("none but an earlier run of the same re-join");
        return coolDown(`one was made ${spanText(age)} ago and left a disconnected entry (${row.id})`, age, facts);
      }),
  },
];

function trusted(facts: Facts, id: number, age: number | undefined): Outcome {
  return given(facts.sps.defaults, ({ objects, forbidden }) => {
    if (objects.length > 0 || forbidden.length > 0) {
      return pass(`joined to this SPP already (entry ${id}): nothing will be sent`);
    }
    if (age !== undefined && Math.abs(age) < CREATION_MILLISECONDS) {
      const text = `SPP has trusted the node for ${spanText(age)}; SPS has not created its objects yet`;
      return warn(text, "no action is needed: the update waits for them");
    }
    const text = `joined on one side only: SPP trusts the node (entry ${id}), but SPS has none of the objects of a join`;
    const remedy = `remove the entry at ${ON_SPP}, wait five minutes, then run pulumi up again`;
    return fail("SG2212", text, "spp.address", remedy);
  });
}

function disconnected(id: number): Outcome {
  const text = `SPP keeps a disconnected entry for this node (${id}); a new join reuses it`;
  return warn(text, `if SPP refuses the join with code 60657, remove the entry for good at ${ON_SPP}`);
}

function withoutEntry(facts: Facts): Outcome {
  const namesakes = rowsAtSameAddress(facts);
  const first = namesakes[0];
  const nodeId = nodeIdOf(facts);
  if (nodeId === undefined && !isPromotionDue(facts)) {
    const why = isRead(facts.sps.cluster) ? "the node is in no cluster" : facts.sps.cluster.why;
    if (!first) return notChecked(why);
    const text = `SPP has an entry for this address already (${first.id}); whether it is this node is not known: ${why}`;
    return warn(text, `open ${ON_SPP}`, "sps.address");
  }
  if (first?.isConnected && !first.isAtAddress) {
    const text = `SPP has an entry (${first.id}) of another node, ${first.nodeId}, with the same host name and another address`;
    return warn(text, `find its owner at ${ON_SPP}, and keep it if it is in use`, "sps.address");
  }
  if (first?.isConnected) {
    const text = `SPP has an entry for this address (${first.id}) with another node id, ${first.nodeId}: SPS was reinstalled`;
    return fail("SG2213", text, "sps.address", `remove that entry at ${ON_SPP} if it is no longer needed`);
  }
  return given(facts.sps.defaults, ({ objects }) => {
    if (isJoinedElsewhere(facts)) return joinedElsewhere(facts, [...new Set(objects.map(({ name }) => name))]);
    if (isJoinedHere(facts)) {
      const text =
        "the node was joined to this SPP, which has no entry of it any more: the entry was removed on SPP only";
      return warn(text, "no action is needed: the node is joined again");
    }
    if (!first) return pass("neither has an entry of the other");
    const text = `SPP keeps a disconnected entry for this address (${first.id}) with another node id`;
    return warn(text, `remove it at ${ON_SPP} if SPP refuses the join`, "sps.address");
  });
}

function joinedElsewhere({ sps }: Facts, names: string[]): Outcome {
  const other = valueIfRead(sps.joinedSpp);
  const objects = names.length > 0 ? `${counted(names.length, "object")} of a join (${listed(names, 3)})` : "";
  if (other === undefined) {
    const text = `SPS has ${objects}, but this SPP does not know the node: it is joined to another SPP, or its entry was removed on SPP only`;
    return fail("SG2214", text, "spp.address");
  }
  const text = `SPS reports that it is joined to another SPP, ${other}${objects && `, and has ${objects}`}`;
  const remedy = `point spp.address at ${other}; if that SPP is gone for good, reset the SPS node`;
  return fail("SG2214", text, "spp.address", remedy);
}

function rowsAtSameAddress({ sps, spp }: Facts) {
  const cluster = valueIfRead(sps.cluster);
  const own = cluster && ownNode(cluster)?.address;
  const names = [sps.address, own, valueIfRead(sps.info)?.hostName].filter(Boolean).map((name) => name?.toLowerCase());
  const addresses = [...names, ...(valueIfRead(sps.resolved) ?? [])];
  const rows = (valueIfRead(spp.modules) ?? [])
    .filter((row) => row.addresses.some((name) => names.includes(name.toLowerCase())))
    // Several nodes may share a host name, so SPP's address decides where it has one.
    .map((row) => ({ ...row, isAtAddress: row.addresses.every((name) => !isIP(name) || addresses.includes(name)) }));
  const weight = (row: (typeof rows)[number]) => Number(row.isConnected) * 2 + Number(row.isAtAddress);
  return rows.sort((left, right) => weight(right) - weight(left));
}

/** A join request of a killed run on this machine that SPP does not list. */
function unlisted(facts: Facts) {
  const age = attemptAgeOf(facts);
  if (!isRecent(age)) return pass("none is known");
  return coolDown(`a request was sent ${spanText(age)} ago from this machine, and SPP lists no join of it`, age, facts);
}

function coolDown(text: string, age: number, facts: Facts) {
  const rest = restOf(age);
  if (rest / 1000 <= facts.waitSeconds)
    return warn(text, `the update waits ${spanText(rest)} before it sends anything`);
  return fail("SG2215", text, undefined, `wait ${spanText(rest)}, then run pulumi up again`);
}

function restOf(age: number): number {
  return COOL_DOWN_MILLISECONDS - Math.max(0, age);
}
