/** Limits and wishes of a connection test. */
export interface ConnectOptions {
  /** Time limit of a site, in seconds. */
  limitSeconds: number;
  /** Whether SPP runs its network tools, which its audit log records. */
  asksSpp: boolean;
}
