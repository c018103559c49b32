import { fail, given, listed, notChecked, type Outcome, pass, spanText, warn } from "../../join/preflight/check";
import {
  entryOf,
  entryRemoval,
  isJoinedElsewhere,
  isRecent,
  nodeIdOf,
  ON_SPP,
} from "../../join/preflight/consequences";
import type { Facts } from "../../join/preflight/facts";
import { valueIfRead } from "../../join/preflight/gathering";
import { driftOf, ownNamesFor } from "../../join/sides";
import { ownNode } from "../../sps/cluster";
import type { Finding } from "../graph/finding";
import { isConnectedEntry } from "./entry";
import { reusedFindings } from "./reused";

/** The join, as each of the two appliances reports it. */
export function joinFindings(facts: Facts): Finding[] {
  const [sps, spp] = [`sps ${facts.sps.address}`, `spp ${facts.spp.address}`];
  const level = "join";
  // What becomes of a join that SPP still lists, the other checks tell.
  const recent = isConnectedEntry(facts)
    ? []
    : reusedFindings([{ id: "join-recent", level, side: "spp", after: ["spp-login"] }], facts);
  return [
    ...recent,
    {
      id: "join-listed",
      title: "SPP lists the cluster",
      level,
      object: spp,
      after: ["spp-login", "sps-central-management", ...recent.map(({ id }) => id)],
      outcome: listing(facts),
    },
    {
      id: "join-trusted",
      title: "SPP trusts the cluster",
      level,
      object: spp,
      after: ["join-listed"],
      outcome: trust(facts),
    },
    {
      id: "join-objects",
      title: "SPS has the objects of the join",
      level,
      object: sps,
      after: ["sps-login", "join-trusted"],
      outcome: objects(facts),
    },
    {
      id: "join-address",
      title: "SPP knows the address of SPS",
      level,
      object: spp,
      after: ["join-listed", "sps-login"],
      outcome: address(facts),
    },
  ];
}

function listing(facts: Facts): Outcome {
  return given(facts.spp.modules, () => {
    if (nodeIdOf(facts) === undefined) {
      return notChecked("why" in facts.sps.cluster ? facts.sps.cluster.why : "the node is in no cluster");
    }
    const row = entryOf(facts)?.row;
    if (row?.isConnected) return pass(`entry ${row.id}`);
    if (row) {
      const text = `its entry (${row.id}) was disconnected on SPP`;
      return fail("SG2501", text, undefined, "run pulumi up for the site: it joins SPS again and reuses the entry");
    }
    if (isJoinedElsewhere(facts)) {
      const reported = valueIfRead(facts.sps.joinedSpp);
      const text = `this SPP has no entry, and SPS is joined to ${reported ?? "another SPP"}, or its entry was removed on SPP only`;
      return fail("SG2214", text);
    }
    return fail("SG2501", "neither appliance has an entry of the other");
  });
}

function trust(facts: Facts): Outcome {
  return given(facts.spp.modules, () => {
    const entry = entryOf(facts);
    if (!entry?.row.isConnected) return notChecked("SPP has no connected entry of it");
    const { row, ageMilliseconds: age } = entry;
    if (row.isTrusted) return pass("it does");
    if (isRecent(age)) {
      return warn(`a join has been running for ${spanText(age)}`, "no action is needed: it ends within five minutes");
    }
    const text = `the handshake of entry ${row.id} never ended`;
    return fail("SG2103", text, undefined, entryRemoval(facts, "run pulumi up for the site"));
  });
}

/** SPS creates its objects within about a minute after SPP trusts it. Twice that time is allowed. */
const CREATION_MILLISECONDS = 120_000;

function objects(facts: Facts): Outcome {
  return given(facts.sps.defaults, ({ objects: found, forbidden }) => {
    const entry = entryOf(facts);
    if (!entry?.row.isTrusted) return notChecked("SPP does not trust the cluster");
    const names = [...new Set(found.map(({ name }) => name))];
    if (names.length > 0) return pass(listed(names, 3));
    if (forbidden.length > 0) return notChecked(`the account may not read ${listed(forbidden, 2)}`);
    const { ageMilliseconds: age } = entry;
    if (age !== undefined && Math.abs(age) < CREATION_MILLISECONDS) {
      return warn(`SPP has trusted the cluster for ${spanText(age)}`, "no action is needed: SPS is creating them");
    }
    const text = `SPP trusts the cluster (entry ${entry.row.id}), but SPS has none of the policies and plugins of a join`;
    const remedy = `remove the entry at ${ON_SPP}, wait five minutes, then run pulumi up for the site`;
    return fail("SG2212", text, undefined, remedy);
  });
}

function address(facts: Facts): Outcome {
  return given(facts.spp.modules, () =>
    given(facts.sps.info, ({ hostName }) =>
      given(facts.sps.cluster, (cluster) => {
        const row = entryOf(facts)?.row;
        if (!row?.isConnected) return notChecked("SPP has no connected entry of it");
        const knownAs = row.addresses;
        const { addresses } = facts.sps;
        const own = ownNamesFor(knownAs, ownNode(cluster)?.address, hostName, addresses && valueIfRead(addresses));
        const sppStatus = { ...UNDRIFTED, connected: true, knownAs };
        const [drift] = driftOf({ sppStatus }, own, facts.gatheredAt);
        if (drift === undefined) return pass(knownAs.length > 0 ? listed(knownAs) : "SPP reports no address");
        return { status: "warn", code: "SG2502", text: drift, remedy: "run pulumi up for the site to join it again" };
      }),
    ),
  );
}

/** The parts of a join that its address does not depend on. */
const UNDRIFTED = {
  listed: true,
  trusted: true,
  version: "",
  certificateUserThumbprint: "",
  certificateExpiresAt: "",
};
