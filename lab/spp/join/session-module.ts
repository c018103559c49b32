/** `SessionModuleConnection` of the API: an SPS cluster that this SPP knows. */
export interface SessionModule {
  Id: number;
  NodeId: string;
  Description: string | null;
  SpsNetworkAddress: string | null;
  SpsHostName: string | null;
  CertificateUserCsr: string | null;
  SppSslPemEncodedCertificateChain: string | null;
  OneTimeToken: string | null;
  Trusted: boolean;
  CertificateUserPemEncodedCertificate: string | null;
  CertificateUserId: number;
  /** Null in a disconnected row. */
  CertificateUserThumbprint: string | null;
  CertificateUser: string | null;
  ClientCertificateThumbprint: string | null;
  UseHostNameForLaunch: boolean;
  FirmwareVersion: string | null;
  CreatedDate: string;
  CreatedByUserId: number;
  CreatedByUserDisplayName: string;
}

/** `NetworkMember` of the API: a node of the SPS cluster. */
export interface SessionMember {
  SessionMemberStatus: "Unknown" | "Available" | "Unavailable";
  SessionMemberRoles: string[];
  Id: string;
  Name: string | null;
  HostDnsSuffix: string | null;
  Ipv4Address: string | null;
  Ipv6Address: string | null;
  IsSessionMember: boolean;
  SyncStatus: string | null;
}

/** Protocols of connection policies. */
export const PROTOCOLS = ["Unknown", "Rdp", "Ssh", "Telnet", "RdpApplication"] as const;

/** `SessionModuleConnectionPolicy` of the API: a connection policy of SPS. */
export interface ConnectionPolicy {
  Id: string;
  Name: string;
  SpsNetworkAddress: string | null;
  SpsTargetAddress: string | null;
  /** A number as text. */
  SpsNetworkPort: string | null;
  SpsHostName: string | null;
  PolicyCapabilities: ("SppInitiated" | "CredentialInjection")[];
  Protocol: (typeof PROTOCOLS)[number];
  SessionModuleConnectionId: number;
  IsPolicyDisabled: boolean;
  RequiresHostKey: boolean;
}

/** The connection policies that SPP finds on SPS after a join by default. */
export function defaultConnectionPolicies(module: SessionModule): ConnectionPolicy[] {
  return (["Rdp", "Ssh"] as const).map((protocol, index) => ({
    Id: `${protocol.toLowerCase()}-${module.NodeId}`,
    Name: `safeguard_default_${protocol.toLowerCase()}`,
    SpsNetworkAddress: module.SpsNetworkAddress,
    SpsTargetAddress: module.SpsNetworkAddress,
    SpsNetworkPort: index === 0 ? "3389" : "22",
    SpsHostName: module.SpsHostName,
    PolicyCapabilities: ["SppInitiated"],
    Protocol: protocol,
    SessionModuleConnectionId: module.Id,
    IsPolicyDisabled: false,
    RequiresHostKey: false,
  }));
}

/** The members of an SPS cluster by default: one node. */
export function defaultMembers(module: SessionModule, isReachable: boolean): SessionMember[] {
  const [name, ...suffix] = (module.SpsHostName ?? "").split(".");
  return [
    {
      SessionMemberStatus: isReachable ? "Available" : "Unavailable",
      SessionMemberRoles: ["central-management", "search-local"],
      Id: module.NodeId,
      Name: name || null,
      HostDnsSuffix: suffix.join(".") || null,
      Ipv4Address: module.SpsNetworkAddress,
      Ipv6Address: null,
      IsSessionMember: true,
      SyncStatus: "up-to-date",
    },
  ];
}
