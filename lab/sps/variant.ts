/**
 * Behaviour that depends on the firmware version, or that the vendor does not document. A switch marked "Undocumented" has
 * a default, and the tests cover all its values.
 */
export interface SpsVariant {
  /** Whether list items have a `body` (6.1 and later), or only `key` and `meta` (6.0). */
  listItems: "with-body" | "key-only";
  /** The same for `GET /api/cluster/nodes`; the 8.0 sample has no body. */
  nodeItems: "with-body" | "key-only";
  /** Whether `aa_plugin_instances` items follow `listItems`, or have `name` beside `key`. */
  pluginInstanceItems: "as-list" | "with-name";
  /** Status in `GET /api/transaction`: `body.status` (7.0 and later) or `transaction.status` (6.x). */
  transactionShape: "body" | "top-level";
  /** Whether the first change opens a transaction implicitly (6.1 and later). */
  transactionOpening: "implicit" | "explicit";
  /** Whether several sessions may have a transaction (6.1 and later), or only one (6.0). */
  writers: "parallel" | "exclusive";
  /** Status while another administrator holds the configuration lock. Undocumented. */
  lockStatus: number;
  /** Effect of a second `POST /api/transaction` in one session. Undocumented. */
  openTwice: "idempotent" | "refused";
  /** Effect of a commit whose objects another commit has changed. Undocumented. */
  commitConflict: "refused" | "last-writer-wins";
  /** Whether an empty changelog has a member `changes`. */
  emptyChanges: "absent" | "empty-list";
  /** Status of a successful PUT: 200, or 201 as in the published tables. */
  putStatus: 200 | 201;
  /** Status of a successful promote and join request. */
  actionStatus: 200 | 201;
  /** Response of `GET /api/cluster/nodes` without a cluster. Undocumented. */
  nodesBeforePromotion: "empty" | "error";
  /** Status of `GET /api/cluster/status` without a cluster. Undocumented. */
  statusBeforePromotion: number;
  /** Effect of `POST /api/cluster/nodes` with a node id that is already listed. Undocumented. */
  duplicateNode: "refused" | "replaced";
  /** Effect of a second join request before the first one is accepted. Undocumented. */
  joinRequestTwice: "replaced" | "refused";
  /** Spelling of `sync_status`: `up-to-date`, `up to date`, `UP_TO_DATE` or `UP-TO-DATE`. Undocumented. */
  syncStatusSpelling: "kebab" | "spaces" | "upper-snake" | "upper-kebab";
  /** Whether a commit of cluster or network settings ends all sessions, at once or some seconds later. */
  clusterCommitSession: "ended" | "ended-late" | "kept";
  /** Appliance seconds of 503 responses after such a commit. */
  clusterCommitOutageSeconds: number;
  /** Whether browsers must send `X-Token` with changes (7.5 and later). */
  browserToken: "required" | "ignored";
  /** Member of the user information with the value of `X-Token`. Undocumented. */
  browserTokenField: "user.token" | "token" | "body.token";
  /** Status of `GET /api/cluster/spp`. Undocumented. */
  sppRead: 200 | 404 | 405;
  /** HTTP status of `JoinFailed`. Undocumented. */
  joinFailedStatus: number;
  /** Status of a successful `POST /api/cluster/spp`; 202 and 204 have no body. Undocumented. */
  joinAnswerStatus: 200 | 201 | 202 | 204;
  /** Whether `POST /api/cluster/spp` is possible in a session with an open transaction. Undocumented. */
  joinWithOpenTransaction: "refused" | "accepted";
  /** Whether every 401 has a `WWW-Authenticate` header, or only that of the login, as a Java client needs. Undocumented. */
  loginChallenge: "every-401" | "login-only";
  /** Path of the login methods below `/api/authentication`: `login_methods` since 7.0. */
  loginDiscovery: "login_methods" | "types";
  /** Type of the elements of `login_methods`. Undocumented. */
  loginMethodItems: "objects" | "texts";
  /** Response of `GET /api/info` to an expired cookie: 401, or the anonymous information. */
  staleCookieOnInfo: "refused" | "anonymous";
  /** Whether `/api/user/info`, `/api/userinfo`, `/api/tools`, `/api/firmware` and support bundles exist (7.0 and later). */
  newerEndpoints: boolean;
  /** Whether the protocol `mssql` exists (6.1 and later). */
  mssql: boolean;
  /** Whether the options of a protocol have `audit` (6.x), or not (7.1 and later, where a disabled service has no level). */
  protocolOptions: "with-audit" | "without-audit";
  /** Response to a second support bundle while the first one is in progress. Undocumented. */
  bundleSecondStart: "refused" | "running-job";
  /** Backup policy in `system_backup`: a reference object, or a key as in the published sample. */
  backupPolicyReference: "object" | "key";
  /** `listen_address` of a disabled cluster interface. */
  disabledListenAddress: "null" | "absent";
}

/** The behaviour of a firmware version, for example `8.0.0`. Undocumented switches get their default. */
export function variantOf(firmwareVersion: string): SpsVariant {
  const [major = 0, minor = 0] = firmwareVersion.split(".").map(Number);
  const since = (firstMajor: number, firstMinor: number) =>
    major > firstMajor || (major === firstMajor && minor >= firstMinor);
  return {
    listItems: since(6, 1) ? "with-body" : "key-only",
    nodeItems: "key-only",
    pluginInstanceItems: "as-list",
    transactionShape: since(7, 0) ? "body" : "top-level",
    transactionOpening: since(6, 1) ? "implicit" : "explicit",
    writers: since(6, 1) ? "parallel" : "exclusive",
    lockStatus: 409,
    openTwice: "idempotent",
    commitConflict: "refused",
    emptyChanges: "absent",
    putStatus: 200,
    actionStatus: 200,
    nodesBeforePromotion: "empty",
    statusBeforePromotion: 400,
    duplicateNode: "refused",
    joinRequestTwice: "replaced",
    syncStatusSpelling: "kebab",
    clusterCommitSession: "ended",
    clusterCommitOutageSeconds: 0,
    browserToken: since(7, 5) ? "required" : "ignored",
    browserTokenField: "user.token",
    sppRead: 404,
    joinFailedStatus: 400,
    joinAnswerStatus: 200,
    joinWithOpenTransaction: "refused",
    loginChallenge: "every-401",
    loginDiscovery: since(7, 0) ? "login_methods" : "types",
    loginMethodItems: "objects",
    staleCookieOnInfo: "refused",
    newerEndpoints: since(7, 0),
    mssql: since(6, 1),
    protocolOptions: since(7, 1) ? "without-audit" : "with-audit",
    bundleSecondStart: "refused",
    backupPolicyReference: "object",
    disabledListenAddress: "null",
  };
}
