import fc from "fast-check";
import type { Facts } from "../../provider/join/preflight/facts";
import type { SessionModule } from "../../provider/spp/session-modules";
import type { AllowedEndpoint } from "../../provider/sps/account";
import { APPLIANCE_ID, assignedOf, baseFacts, CENTRAL_ID, certificateOf, NOW, reportOf, rowOf } from "./base-facts";

/** Facts of a pair with which nothing is wrong, and the warnings that are due all the same. */
export interface HealthyVariant {
  facts: Facts;
  dueWarnings: string[];
}

const { constantFrom, integer, record, boolean, array, option, subarray, uuid } = fc;
const DAY = 86_400_000;

/** Versions that belong together, as each side writes them. */
const versions = constantFrom<[firmware: string, version: string][]>(
  ["8.0.0", "8.0.0.21662"],
  ["8.0", "8.0.0.21662"],
  ["8.2.0", "8.2.0.25000"],
  ["8.2.1", "8.2.1"],
  ["7.0.5.1 LTS", "7.0.5.17231"],
  ["7.5.1a", "7.5.1.19000"],
  ["6.0.12", "6.0.12.15330"],
  ["6.13.1", "6.13.1"],
  ["10.0.0", "10.0.0.1"],
);

/** What stands in an address field, what it leads to, and how a certificate names it. */
interface Addressing {
  address: string;
  resolved: string[];
  names: string[];
}

const addressing = constantFrom<Addressing[]>(
  { address: "10.0.0.9", resolved: ["10.0.0.9"], names: ["box.example.com", "10.0.0.9"] },
  { address: "10.0.0.9", resolved: ["10.0.0.9"], names: ["10.0.0.9"] },
  { address: "box.example.com", resolved: ["10.0.0.9"], names: ["box.example.com"] },
  { address: "box.example.com", resolved: ["2001:db8::9", "10.0.0.9"], names: ["BOX.example.com", "10.0.0.9"] },
  { address: "Box.Example.com", resolved: ["10.0.0.9"], names: ["*.example.com"] },
  { address: "box", resolved: ["10.0.0.9"], names: ["box", "box.example.com"] },
);

const endpoints = constantFrom<(AllowedEndpoint[] | undefined)[]>(
  undefined,
  [],
  [{ path: "/api/cluster", methods: ["GET", "POST", "PUT"] }],
  [
    { path: "/api/cluster", methods: ["GET"] },
    { path: "/api/cluster/spp", methods: ["POST"] },
  ],
  [
    { path: "/api/configuration/ssh", methods: ["GET"] },
    { path: "/api/cluster/promote", methods: ["POST"] },
  ],
);

const spellings = ["up-to-date", "UP-TO-DATE", "up to date", "UP_TO_DATE", "uptodate", "Up-To-Date"];

const member = record({
  nodeId: uuid(),
  report: record({ status: constantFrom(...spellings), silentSeconds: integer({ min: 0, max: 60 }) }),
});

const otherRow: fc.Arbitrary<SessionModule> = record({
  id: integer({ min: 10, max: 99 }),
  nodeId: uuid(),
  addresses: constantFrom([], ["10.9.9.9"], ["10.9.9.9", "other.example.com"]),
  isTrusted: boolean(),
  isConnected: boolean(),
  createdAt: option(integer({ min: NOW - 900 * DAY, max: NOW - 400_000 }), { nil: undefined }),
}).map(({ addresses, ...row }) => rowOf({ ...row, addresses: [...addresses] }));

const JOINED_OBJECTS = [
  { list: "/api/configuration/plugins/aa", name: "safeguard_default_aa_plugin" },
  { list: "/api/configuration/ssh/connections", name: "safeguard_default_ssh" },
];

const choices = record({
  sps: addressing,
  spp: addressing,
  trust: constantFrom("authorities" as const, "pinned" as const),
  versions,
  setupStatus: constantFrom("completed", "booting", undefined),
  central: constantFrom("search-local", "search-master"),
  members: array(member, { maxLength: 4 }),
  endpoints,
  situation: constantFrom("strangers" as const, "joined" as const, "later" as const),
  namesClusterId: boolean(),
  forbidden: subarray(["/api/configuration/vnc", "/api/configuration/policies/signing_cas"]),
  extraRoles: subarray(["PolicyAdmin", "Auditor", "UserAdmin", "GlobalAdmin"]),
  openRequests: integer({ min: 0, max: 3 }),
  otherRows: array(otherRow, { maxLength: 3 }),
  chainLength: integer({ min: 1, max: 4 }),
  backupAge: integer({ min: 0, max: 7 * DAY }),
  diagnostics: constantFrom(undefined, "Connected to 10.0.0.9:8649."),
  hasMembers: boolean(),
});

/** Pairs with which nothing is wrong, in every form the documents allow. */
export const healthyFacts: fc.Arbitrary<HealthyVariant> = choices.map((chosen) => {
  const base = baseFacts();
  const [firmwareVersion, version] = chosen.versions;
  // A lone search master could not record.
  const central = chosen.members.length === 0 ? "search-local" : chosen.central;
  const roles = ["central-management", central];
  const memberRoles = ["managed-host", central === "search-master" ? "search-minion" : "search-local"];
  const isJoined = chosen.situation === "joined";
  const unread = { why: "its connection is known only during the update" };
  const names = { names: chosen.spp.names, commonName: "box" };
  const assigned = assignedOf({ ...names, chainPem: Array<string>(chosen.chainLength).fill("pem") });
  const adminRoles = ["OperationsAdmin", "ApplianceAdmin", ...chosen.extraRoles];
  const spsOwn: Partial<Facts["sps"]> = {
    certificate: { value: lastDayOf(chosen.sps.names, "B") },
    greeting: {
      value: {
        isSps: true,
        setupStatus: chosen.setupStatus,
      },
    },
    info: { value: { hostName: "", firmwareVersion, roles } },
    endpoints: { value: chosen.endpoints },
    cluster: {
      value: {
        nodes: [
          { nodeId: CENTRAL_ID, address: "10.0.0.9", roles },
          ...chosen.members.map(({ nodeId }, index) => ({ nodeId, address: `10.0.1.${index}`, roles: memberRoles })),
        ],
        selfId: CENTRAL_ID,
      },
    },
    reports: {
      value: [
        reportOf(CENTRAL_ID, { status: "n/a", lastSeen: undefined, silentSeconds: undefined, isDown: true }),
        ...chosen.members.map(({ nodeId, report }) => reportOf(nodeId, report)),
      ],
    },
    defaults: { value: { objects: isJoined ? JOINED_OBJECTS : [], forbidden: chosen.forbidden } },
  };
  const later = {
    ...{ certificate: unread, greeting: unread, login: unread, info: unread, endpoints: unread, cluster: unread },
    ...{ reports: unread, defaults: unread, systemBackup: unread, joinedSpp: unread },
  };
  const ownRows = isJoined ? [rowOf({ addresses: ["10.0.0.9"] })] : [];
  const facts = baseFacts({
    clusterId: chosen.namesClusterId ? CENTRAL_ID.toUpperCase() : undefined,
    sps: {
      address: chosen.sps.address,
      trust: chosen.trust,
      pinned: chosen.trust === "pinned" ? "b".repeat(64) : undefined,
      resolved: { value: chosen.sps.resolved },
      ...(chosen.situation === "later" ? later : spsOwn),
    },
    spp: {
      address: chosen.spp.address,
      trust: chosen.trust,
      pinned: chosen.trust === "pinned" ? "a".repeat(64) : undefined,
      resolved: { value: chosen.spp.resolved },
      certificate: { value: lastDayOf(chosen.spp.names, "A") },
      status: { value: { ...("value" in base.spp.status ? base.spp.status.value : neverRead()), version } },
      roles: { value: adminRoles },
      members: chosen.hasMembers ? base.spp.members : { value: [] },
      modules: { value: [...chosen.otherRows, ...ownRows] },
      assigned: { value: (id) => (id === APPLIANCE_ID ? assigned : undefined) },
      openRequests: { value: chosen.openRequests },
      newestBackup: { value: NOW - chosen.backupAge },
      portTest: { value: chosen.diagnostics },
    },
  });
  const seesAll = chosen.extraRoles.some((role) => ["PolicyAdmin", "Auditor"].includes(role));
  return { facts, dueWarnings: seesAll && chosen.openRequests > 0 && !isJoined ? ["spp-access-requests"] : [] };
});

/** A certificate that is still valid, but for one more day only. */
function lastDayOf(names: string[], letter: "A" | "B") {
  return { ...certificateOf(names, letter), notAfter: NOW + DAY };
}

function neverRead(): never {
  throw new Error("the healthy facts lack the status of SPP");
}
