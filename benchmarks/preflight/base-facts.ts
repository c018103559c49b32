import { UNKNOWN_CHAIN } from "../../provider/https/trust-problem";
import type { Facts } from "../../provider/join/preflight/facts";
import type { AssignedCertificate } from "../../provider/spp/certificates";
import type { SessionModule } from "../../provider/spp/session-modules";
import type { MemberReport } from "../../provider/sps/member-reports";

/** The moment at which the facts of tests were gathered. */
export const NOW = Date.parse("2026-05-20T08:00:00Z");
export const CENTRAL_ID = "6d5c9a10-0a4e-4c36-9d0e-0f6e4bd2a111";
export const MEMBER_ID = "0b1f4c1e-77a0-4a58-8a5f-1d5a2f0f9222";
export const APPLIANCE_ID = "00155D26E342";
const DAY = 86_400_000;

/** Facts of a healthy pair: two SPS nodes and an SPP that do not know each other; parts can be replaced. */
export function baseFacts(
  changes: { sps?: Partial<Facts["sps"]>; spp?: Partial<Facts["spp"]> } & Partial<Omit<Facts, "sps" | "spp">> = {},
): Facts {
  const { sps, spp, ...others } = changes;
  return {
    sps: { ...healthySps(), ...sps },
    spp: { ...healthySpp(), ...spp },
    clusterId: undefined,
    recordedSppId: undefined,
    promotion: undefined,
    rejoin: undefined,
    waitSeconds: 0,
    attempts: [],
    overwrites: [],
    backups: { sps: "report", spp: "report" },
    gatheredAt: NOW,
    ...others,
  };
}

/** An entry of SPP for the Central Management node of the healthy pair. */
export function rowOf(changes: Partial<SessionModule> & { createdAt?: number | undefined } = {}): SessionModule {
  const { createdAt, ...others } = { createdAt: NOW - DAY, ...changes };
  return {
    id: 3,
    nodeId: CENTRAL_ID,
    addresses: ["10.0.0.1", "sps1.example.com"],
    isTrusted: true,
    isConnected: true,
    certificateUserThumbprint: "C".repeat(40),
    createdDate: createdAt === undefined ? "" : new Date(createdAt).toISOString(),
    ...others,
  };
}

/** The certificate of the healthy SPP. */
export function assignedOf(changes: Partial<AssignedCertificate> = {}): AssignedCertificate {
  return {
    thumbprint: "A".repeat(40),
    names: ["spp.example.com", "10.0.0.5"],
    commonName: "spp.example.com",
    notAfter: NOW + 300 * DAY,
    expiresAt: new Date(NOW + 300 * DAY).toISOString(),
    chainPem: ["leaf", "issuer"],
    missingIssuer: undefined,
    ...changes,
  };
}

/** A valid certificate; `letter` makes its fingerprints. */
export function certificateOf(names: string[], letter: "A" | "B", commonName = "box") {
  return {
    names,
    commonName,
    thumbprint: letter.repeat(40),
    sha256: letter.toLowerCase().repeat(64),
    notAfter: NOW + 300 * DAY,
    chainProblem: undefined,
    chain: UNKNOWN_CHAIN,
  };
}

function healthySps(): Facts["sps"] {
  return {
    address: "10.0.0.1",
    username: "admin",
    trust: "authorities",
    pinned: undefined,
    resolved: { value: ["10.0.0.1"] },
    certificate: { value: certificateOf(["sps1.example.com", "10.0.0.1"], "B", "sps1.example.com") },
    greeting: { value: { isSps: true, setupStatus: "completed" } },
    login: { value: true },
    info: {
      value: {
        hostName: "sps1.example.com",
        firmwareVersion: "8.0.0",
        roles: ["central-management", "search-local"],
      },
    },
    endpoints: { value: [{ path: "/api/cluster", methods: ["GET", "POST", "PUT"] }] },
    cluster: {
      value: {
        nodes: [
          { nodeId: CENTRAL_ID, address: "10.0.0.1", roles: ["central-management", "search-local"] },
          { nodeId: MEMBER_ID, address: "10.0.0.2", roles: ["managed-host", "search-local"] },
        ],
        selfId: CENTRAL_ID,
      },
    },
    reports: {
      value: [
        reportOf(CENTRAL_ID, { status: "n/a", lastSeen: undefined, silentSeconds: undefined, isDown: true }),
        reportOf(MEMBER_ID),
      ],
    },
    defaults: { value: { objects: [], forbidden: [] } },
    systemBackup: { value: "-100" },
    joinedSpp: { value: undefined },
    sessions: { value: { ssh: 1 } },
  };
}

/** What the Central Management node reports of a member that is in sync. */
export function reportOf(nodeId: string, changes: Partial<MemberReport> = {}): MemberReport {
  return {
    nodeId,
    hostName: `${nodeId.slice(0, 4)}.example.com`,
    status: "up-to-date",
    lastSeen: new Date(NOW - 8_000).toISOString(),
    silentSeconds: 8,
    isDown: false,
    errors: 0,
    ...changes,
  };
}

function healthySpp(): Facts["spp"] {
  return {
    address: "10.0.0.5",
    username: "safeguard-join",
    trust: "authorities",
    pinned: undefined,
    resolved: { value: ["10.0.0.5"] },
    certificate: { value: certificateOf(["spp.example.com", "10.0.0.5"], "A", "spp.example.com") },
    status: {
      value: {
        applianceId: APPLIANCE_ID,
        version: "8.0.0.21662",
        state: "Online",
        isPrimary: true,
        isMaintenance: false,
        isReadOnly: false,
        now: NOW,
      },
    },
    login: { value: true },
    roles: { value: ["ApplianceAdmin", "OperationsAdmin"] },
    members: {
      value: [{ applianceId: APPLIANCE_ID, isLeader: true, ipv4Address: "10.0.0.5", ipv6Address: undefined }],
    },
    operation: { value: undefined },
    modules: { value: [] },
    assigned: { value: (id) => (id === APPLIANCE_ID ? assignedOf() : undefined) },
    openRequests: { value: 0 },
    newestBackup: { value: NOW - DAY },
    portTest: { value: undefined },
  };
}
