import { isSameName } from "../../../core/names";
import { CENTRAL_MANAGEMENT, MANAGED_HOST, membersOf, ownNode } from "../../../sps/cluster";
import { DEFAULT_OBJECTS, isBlindToJoin } from "../../../sps/configuration";
import { syncProblem } from "../../../sps/member-reports";
import { type Check, counted, fail, given, listed, notChecked, pass, planned, SOURCES, warn } from "../check";
import { entryOf, isJoinedElsewhere, nodeIdOf } from "../consequences";
import { valueIfRead } from "../gathering";

const IN_NO_CLUSTER = notChecked("the node is in no cluster");

/** States of the welcome wizard in which a node is usable; the vendor's own client accepts both. */
const READY = ["completed", "booting"];

/** Search roles of nodes that record sessions; a search master only searches. */
const RECORDING = ["search-local", "search-minion"];

export const SPS_STATE_CHECKS: readonly Check[] = [
  {
    id: "sps-set-up",
    title: "SPS is set up",
    source: SOURCES.wizard,
    isForRequest: true,
    run: ({ sps }) =>
      given(sps.greeting, ({ setupStatus }) => {
        if (setupStatus === undefined) return notChecked("the node does not report it");
        if (READY.includes(setupStatus)) return pass("its welcome wizard is completed");
        return fail("SG2201", `its welcome wizard is ${setupStatus}`, "sps.address");
      }),
  },
  {
    id: "sps-central-management",
    title: "SPS is the Central Management node",
    source: SOURCES.join,
    run: ({ sps }) =>
      given(sps.info, ({ roles }) => {
        if (roles.includes(CENTRAL_MANAGEMENT)) return pass(`its roles are ${roles.join(", ")}`);
        const nodes = valueIfRead(sps.cluster)?.nodes ?? [];
        const other = nodes.find((node) => node.roles.includes(CENTRAL_MANAGEMENT));
        const remedy = other && `point sps.address at ${other.address}, the Central Management node of its cluster`;
        const text = "the node is not a Central Management node, and only that can be joined";
        return fail("SG2110", text, "sps.address", remedy);
      }),
    runBeforePromotion: ({ sps }) => planned(`${sps.address} has the role ${CENTRAL_MANAGEMENT}`),
  },
  {
    id: "sps-cluster-id",
    title: "SPS is the cluster of the program",
    source: SOURCES.join,
    run: (facts) =>
      given(facts.sps.cluster, () => {
        const { clusterId } = facts;
        if (clusterId === undefined) {
          return notChecked(
            facts.promotion ? "clusterId is known only during the update" : "the program sets no clusterId",
          );
        }
        const nodeId = nodeIdOf(facts);
        if (nodeId === undefined) return IN_NO_CLUSTER;
        if (isSameName(nodeId, clusterId)) return pass(`its node id is ${nodeId}`);
        return fail("SG2111", `its node id is ${nodeId}, but clusterId is ${clusterId}`, "clusterId");
      }),
    runBeforePromotion: (_facts, nodes) =>
      nodes ? pass("clusterId is taken from the cluster that this update creates") : planned("the node gets its id"),
  },
  // The vendor advises against adding nodes after the join.
  {
    id: "sps-members",
    title: "all members have joined",
    source: SOURCES.join,
    isForRequest: true,
    run: ({ sps }) =>
      given(sps.cluster, (cluster) => {
        const { nodes } = cluster;
        if (nodes.length === 0) return IN_NO_CLUSTER;
        const known = valueIfRead(sps.reports)?.map((report) => report.nodeId);
        const own = ownNode(cluster);
        const problems = nodes.flatMap((node) => {
          if (!node.roles.some((role) => role.startsWith("search-"))) return [`${node.address} has no search role`];
          const isSilent = known && node !== own && !known.includes(node.nodeId);
          return isSilent ? [`${node.address} is listed without a status`] : [];
        });
        if (problems.length === 0) return pass(`${counted(nodes.length, "node")}, each with its search role`);
        return fail("SG2203", listed(problems), "sps.address");
      }),
    runBeforePromotion: (_facts, nodes) =>
      planned(
        nodes && nodes.length > 1 ? `${counted(nodes.length, "node")}, each with its search role` : "all have joined",
      ),
  },
  {
    id: "sps-recording",
    title: "some node can record sessions",
    source: SOURCES.clusterRoles,
    isForRequest: true,
    run: ({ sps }) =>
      given(sps.cluster, ({ nodes }) => {
        if (nodes.length === 0) return IN_NO_CLUSTER;
        const able = nodes.filter((node) => node.roles.some((role) => RECORDING.includes(role)));
        if (able.length > 0) return pass(`${able.length} of ${counted(nodes.length, "node")} can`);
        const text = "no node has the role search-local or search-minion, so none can record";
        return fail("SG2202", text, "sps.address");
      }),
    runBeforePromotion(_facts, nodes) {
      if (!nodes) return planned("at least one node records");
      const able = nodes.filter(({ roles }) => roles.some((role) => RECORDING.includes(role)));
      return pass(`after promotion: ${able.length} of ${counted(nodes.length, "node")} can`);
    },
  },
  {
    id: "sps-synchronization",
    title: "the members are in sync",
    source: SOURCES.nodeStatus,
    isForRequest: true,
    run: ({ sps }) =>
      given(sps.cluster, (cluster) => {
        if (cluster.nodes.length === 0) return IN_NO_CLUSTER;
        const members = membersOf(cluster);
        if (members.length === 0) return pass("one node: nothing to synchronize");
        return given(sps.reports, (reports) => {
          const problems = members.flatMap(({ nodeId, address, roles }) => {
            const problem = roles.includes(MANAGED_HOST)
              ? syncProblem(reports.find((report) => report.nodeId === nodeId))
              : "is not a managed host, so it does not synchronize";
            return problem === undefined ? [] : [`${address} ${problem}`];
          });
          if (problems.length === 0) return pass(`${counted(members.length, "member")} in sync`);
          return fail("SG2204", listed(problems), "sps.address");
        });
      }),
    runBeforePromotion: () => planned("SpsCluster waits until the members are in sync"),
  },
  // The join overwrites objects with these names.
  {
    id: "sps-default-names",
    title: `no object of SPS is named ${DEFAULT_OBJECTS}`,
    source: SOURCES.join,
    isForRequest: true,
    run: (facts) =>
      given(facts.sps.defaults, ({ objects, forbidden }) => {
        if (isBlindToJoin({ forbidden })) {
          const text = `user ${facts.sps.username} may not read the policies and plugins: neither the overwritten objects nor the end of the join would be visible`;
          const remedy = "give the user the right to read Policies and the protocols' settings";
          return fail("SG1014", text, "sps.username", remedy);
        }
        const names = [...new Set(objects.map((object) => object.name))];
        const gap = forbidden.length > 0 ? `the account may not read ${listed(forbidden)}` : "";
        if (names.length === 0) return gap ? notChecked(`none is visible, but ${gap}`) : pass("none is");
        const found = `${counted(names.length, "name")}: ${listed(names)}${gap && `; ${gap}`}`;
        return given(facts.spp.modules, () => {
          if (entryOf(facts)) return pass(`${counted(names.length, "name")}, from the join with this SPP`);
          if (isJoinedElsewhere(facts))
            return notChecked(`${counted(names.length, "name")}, from the join with another SPP`);
          if (names.every((name) => facts.overwrites.includes(name))) {
            return warn(`they will be overwritten, as acknowledged: ${found}`, "keep a copy of their settings");
          }
          return fail("SG2205", `the join would overwrite ${found}`, "sps.address");
        });
      }),
  },
  // A join cannot be undone.
  {
    id: "sps-backup",
    title: "SPS has a system backup policy",
    source: SOURCES.systemBackup,
    isForRequest: true,
    run: ({ sps, backups }) =>
      given(sps.systemBackup, (policy) => {
        if (policy !== undefined) return pass("one is set");
        if (backups.sps === "skip") return pass("none is set, and the program skips it");
        const remedy = "set one at Basic Settings > Management > System backup";
        if (backups.sps === "require") return fail("SG2206", "none is set", "sps.address");
        return warn("none is set, and the join cannot be undone", remedy, "sps.address");
      }),
  },
];
