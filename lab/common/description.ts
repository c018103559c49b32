/** Output of `lab up --json`: everything that a program needs to use the lab. Paths are absolute. */
export interface LabDescription {
  /** Name of the lab; unique on this machine while it runs. */
  name: string;
  /** Folder with the keys and certificates of this lab. Only its owner can read it; the lab removes it when it stops. */
  directory: string;
  /** Speed of the appliances' clock relative to real time. */
  speed: number;
  /** The authority that issued the certificates of all appliances. */
  ca: { file: string };
  sps: SpsDescription[];
  spp: SppDescription;
  /** Absent when the lab has no routed network; `networkUnavailable` is then the reason. */
  network?: NetworkDescription;
  networkUnavailable?: string;
  /** The emulated command line of a Cisco router; absent unless the lab was started with it. */
  ciscoIos?: CiscoIosDescription;
  /** The emulated API of a Sophos UTM; absent unless the lab was started with it. */
  sophosUtm?: SophosUtmDescription;
  /** The emulated command line of a Check Point gateway; absent unless the lab was started with it. */
  checkPoint?: CheckPointDescription;
}

/** A Check Point gateway in place of the Linux router: the kernel of the routed network follows its PBR tables and rules. */
export interface CheckPointDescription {
  /** Address and port of the SSH server, a user with Clish as login shell, and the password of expert mode. */
  address: string;
  port: number;
  username: string;
  password: string;
  expertPassword: string;
  /** One line, `ssh-ed25519 AAAA…`. */
  hostKey: string;
  clientInterface: string;
  serverInterface: string;
  spsInterface: string;
  managementInterface: string;
}

/** A Sophos UTM in place of the Linux router: the kernel of the routed network follows its policy routes. */
export interface SophosUtmDescription {
  /** Address and port of the API; a user with its password, and a token of that user. */
  address: string;
  port: number;
  username: string;
  password: string;
  token: string;
  /** PEM file of the authority that issued the certificate. */
  caFile: string;
  /** SHA-256 of the certificate, 64 lower-case hexadecimal digits. */
  certificateSha256: string;
  clientInterface: string;
  serverInterface: string;
  spsInterface: string;
  managementInterface: string;
}

/** A Cisco router in place of the Linux router: the kernel of the routed network follows its configuration. */
export interface CiscoIosDescription {
  /** Address and port of the SSH server, and the user with privilege level 15. */
  address: string;
  port: number;
  username: string;
  password: string;
  /** One line, `ssh-ed25519 AAAA…`. */
  hostKey: string;
  clientInterface: string;
  serverInterface: string;
  spsInterface: string;
  managementInterface: string;
}

export interface ApplianceDescription {
  /** Address and port of the web interface and the REST API. */
  address: string;
  port: number;
  hostName: string;
  username: string;
  password: string;
  /** PEM file of the authority that issued the certificate. */
  caFile: string;
  /** SHA-256 of the certificate, 64 lower-case hexadecimal digits. */
  certificateSha256: string;
}

export interface SpsDescription extends ApplianceDescription {
  nodeId: string;
  /** Address for the cluster interface; usually equal to `address`. */
  clusterAddress: string;
  firmwareVersion: string;
}

export interface SppDescription extends ApplianceDescription {
  applianceId: string;
  version: string;
  /** PEM file of the certificate chain, leaf first. */
  certificateChainFile: string;
}

/** The routed network: client, router, server, the SPS host beside the router, and the management path. */
export interface NetworkDescription {
  router: {
    /** Address and port on this machine that lead to the router's OpenSSH server. */
    address: string;
    port: number;
    username: string;
    privateKeyFile: string;
    /** One line, `ssh-ed25519 AAAA…`. */
    hostKey: string;
    clientInterface: string;
    serverInterface: string;
    spsInterface: string;
    managementInterface: string;
  };
  client: { address: string; network: string };
  server: { address: string; network: string; ports: number[] };
  sps: { address: string; interfaceAddress: string; auditFile: string };
}
