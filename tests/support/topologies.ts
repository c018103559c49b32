import fc from "fast-check";
import type { Topology, TopologyNode } from "../../provider/diagnosis/topology/schema";

const node = (number: number, changes: Partial<TopologyNode> = {}): TopologyNode => {
  const roles = [number === 1 ? "central-management" : "managed-host", "search-local"];
  const state = number === 1 ? "n/a" : "up-to-date";
  const name = { nodeId: `node-${number}`, address: `10.0.0.${number}`, hostName: `sps${number}.example.com` };
  return { ...name, roles, isCentral: number === 1, state, ...changes };
};

/** A site in which everything works. */
export const WORKING: Topology = {
  site: "vienna",
  sps: { address: "10.0.0.1", version: "8.0.0", nodes: [node(1), node(2)], isCentral: true },
  spp: {
    ...{ address: "10.0.0.5", version: "8.2.0.21662", isPrimary: true },
    members: [
      { applianceId: "a", address: "10.0.0.5", isPrimary: true },
      { applianceId: "b", address: "10.0.0.6", isPrimary: false },
      { applianceId: "appliance-c", address: "", isPrimary: false },
    ],
  },
  join: { state: "joined", reason: "", connectionId: 1 },
  otherClusters: [{ nodeId: "node-9", addresses: ["10.9.0.1"], state: "trusted" }],
  routers: [
    { name: "edge", object: "router 10.0.0.254", redirections: ["rdp"], state: "in force", isRead: true },
    { name: "core", object: "router 10.0.0.253", redirections: ["ssh", "vnc"], state: "in force", isRead: true },
  ],
};

/** A site with one fault of every kind that a picture shows. */
export const FAULTY: Topology = {
  ...WORKING,
  site: "graz",
  sps: { ...WORKING.sps, nodes: [node(1), node(2, { state: "pending" }), node(3, { state: "unknown", hostName: "" })] },
  join: { state: "one-sided", reason: "SPP lists it as disconnected", connectionId: 7 },
  otherClusters: [
    { nodeId: "node-9", addresses: ["10.9.0.1", "10.9.0.2"], state: "trusted" },
    { nodeId: "node-8", addresses: [], state: "disconnected" },
  ],
  routers: [
    ...WORKING.routers,
    {
      ...{ name: "old", object: "router 10.0.0.252", redirections: ["rdp"], isRead: true },
      state: "other than wanted (1 of 3 rules missing, 0 more)",
    },
    {
      ...{ name: "lost", object: "router 10.0.0.251", redirections: ["rdp"], isRead: false },
      state: "not read: it refused the connection",
    },
  ],
};

/** Names that could break markup, a terminal, or a layout. */
export const HOSTILE_NAME = `</text></svg><script>alert("x")</script>&amp;'\u0000\u001b[2J\u202e\ufffe\ud800 漢字${"W".repeat(60)}`;

const HOSTILE_MEMBERS = [true, false].map((isPrimary) => ({
  ...{ applianceId: HOSTILE_NAME, address: HOSTILE_NAME, isPrimary },
}));

/** A site in which every text is hostile, and nothing could be read. */
export const HOSTILE: Topology = {
  site: HOSTILE_NAME,
  sps: {
    ...{ address: HOSTILE_NAME, version: HOSTILE_NAME, isCentral: false, notRead: HOSTILE_NAME },
    nodes: [node(1, { address: HOSTILE_NAME, hostName: HOSTILE_NAME, roles: [HOSTILE_NAME], state: HOSTILE_NAME })],
  },
  spp: { address: HOSTILE_NAME, version: HOSTILE_NAME, notRead: HOSTILE_NAME, members: HOSTILE_MEMBERS },
  join: { state: "not known", reason: HOSTILE_NAME },
  otherClusters: [{ nodeId: "9", addresses: [HOSTILE_NAME], state: "untrusted" }],
  routers: [
    { name: HOSTILE_NAME, object: HOSTILE_NAME, redirections: [HOSTILE_NAME], state: HOSTILE_NAME, isRead: true },
  ],
};

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.string(), fc.constant(HOSTILE_NAME));

/** Sites of any size with any texts. */
export const anyTopology: fc.Arbitrary<Topology> = fc.record({
  site: text,
  sps: fc.record(
    {
      address: text,
      version: text,
      nodes: fc.array(
        fc.record({
          ...{ nodeId: text, address: text, hostName: text, state: text },
          ...{ roles: fc.array(text, { maxLength: 3 }), isCentral: fc.boolean() },
        }),
        { maxLength: 6 },
      ),
      isCentral: fc.boolean(),
      notRead: text,
    },
    { requiredKeys: ["address", "version", "nodes", "isCentral"] },
  ),
  spp: fc.record(
    {
      ...{ address: text, version: text, isPrimary: fc.boolean(), notRead: text },
      members: fc.array(fc.record({ applianceId: text, address: text, isPrimary: fc.boolean() }), { maxLength: 4 }),
    },
    { requiredKeys: ["address", "version", "members"] },
  ),
  join: fc.record(
    {
      state: fc.constantFrom("joined", "one-sided", "not joined", "not known"),
      reason: text,
      connectionId: fc.nat(),
    },
    { requiredKeys: ["state", "reason"] },
  ),
  otherClusters: fc.array(
    fc.record({
      nodeId: text,
      addresses: fc.array(text, { maxLength: 2 }),
      state: fc.constantFrom("disconnected", "untrusted", "trusted"),
    }),
    { maxLength: 12 },
  ),
  routers: fc.array(
    fc.record({
      ...{ name: text, object: text, state: text },
      ...{ redirections: fc.array(text, { minLength: 1, maxLength: 3 }), isRead: fc.boolean() },
    }),
    { maxLength: 8 },
  ),
});
