/** What `lab up --json` prints: everything a program needs to use the lab. Paths are absolute, PEM files are text. */
export interface LabDescription {
  /** Name of the lab; unique on this machine while it runs. */
  name: string;
  /** Folder with the keys and certificates made at start; readable by its owner only, removed at the end. */
  directory: string;
  /** How many times faster than the wall clock the appliances' time runs. */
  speed: number;
  /** The lab's own certificate authority, which issued every appliance's certificate. */
  ca: { file: string };
  sps: SpsDescription[];
  spp: SppDescription;
  /** Absent where the kernel's network namespaces cannot be used; `networkUnavailable` then tells why. */
  network?: NetworkDescription;
  networkUnavailable?: string;
}

export interface ApplianceDescription {
  /** Address and port where the web interface and API listen. */
  address: string;
  port: number;
  hostName: string;
  username: string;
  password: string;
  /** File with the authority that issued the certificate. */
  caFile: string;
  /** SHA-256 of the certificate, 64 lower-case hexadecimal digits. */
  certificateSha256: string;
}

export interface SpsDescription extends ApplianceDescription {
  nodeId: string;
  /** The address of the network interface the cluster service shall listen on; usually equal to `address`. */
  clusterAddress: string;
  firmwareVersion: string;
}

export interface SppDescription extends ApplianceDescription {
  applianceId: string;
  version: string;
  /** The certificate chain as PEM, leaf first. */
  certificateChainFile: string;
}

/** The routed network: client — router — server, the SPS host on the side, and the management path. */
export interface NetworkDescription {
  router: {
    /** Where the router's OpenSSH server is reached from this machine. */
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
