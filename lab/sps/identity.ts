/** Names, address and version of an appliance. */
export interface Identity {
  /** UUID of the node. */
  nodeId: string;
  /** Fully qualified host name. */
  hostName: string;
  /** IPv4 address of the web interface. */
  address: string;
  /** For example `8.0.0`. */
  firmwareVersion: string;
}
