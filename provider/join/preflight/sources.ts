/** Where the vendor says what each check looks at; titles of guides and of the interface description. */
export const SOURCES = {
  join: "SPS Administration Guide: Joining SPS to SPP",
  joinErrors: "SPS Administration Guide: SPP join error resolutions",
  clusterRoles: "SPS Administration Guide: Cluster roles",
  nodeStatus: "SPS Administration Guide: Monitoring the status of nodes",
  wizard: "SPS REST API Reference Guide: Welcome Wizard",
  authenticate: "SPS REST API Reference Guide: Authenticate",
  manageClusters: "SPS REST API Reference Guide: Manage clusters",
  systemBackup: "SPS REST API Reference Guide: System backup",
  link: "SPP Administration Guide: SPP and SPS join guidance",
  sppCertificates: "SPP OpenAPI v4: SslCertificates",
  sppClusterStatus: "SPP OpenAPI v4: Cluster/Status",
  sppSessionModules: "SPP OpenAPI v4: Cluster/SessionModules",
  sppStatus: "SPP OpenAPI v4: notification Status",
  sppLogin: "Safeguard API Tutorial: authentication",
  sppBackups: "SPP Administration Guide: Backup and restore",
} as const;
