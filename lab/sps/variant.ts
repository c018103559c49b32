/**
 * Everything in which appliances differ by version, and everything the published knowledge leaves open.
 * Version-dependent switches follow the firmware version; open ones have a default and are tested both ways.
 */
export interface SpsVariant {
  /** Whether list items carry the object's `body` (6.1 and later) or only `key` and `meta` (6.0). */
  listItems: "with-body" | "key-only";
  /** The same for `GET /api/cluster/nodes`, whose 8.0 sample still shows no body. */
  nodeItems: "with-body" | "key-only";
  /** Whether `aa_plugin_instances` items follow `listItems` or carry `name` beside `key`. */
  pluginInstanceItems: "as-list" | "with-name";
  /** Where `GET /api/transaction` puts the status: `body.status` (current) or `transaction.status` (to 6.x). */
  transactionShape: "body" | "top-level";
  /** Whether the first change opens a transaction by itself (6.1 and later). */
  transactionOpening: "implicit" | "explicit";
  /** Whether one REST transaction locks all others out (6.0). */
  writers: "parallel" | "exclusive";
  /** Status of the refusal while another administrator holds the lock. Unknown. */
  lockStatus: number;
  /** What a second `POST /api/transaction` in one session does. Unknown. */
  openTwice: "idempotent" | "refused";
  /** What happens to a commit whose objects were changed by another one meanwhile. Unknown. */
  commitConflict: "refused" | "last-writer-wins";
  /** Whether an empty changelog has a `changes` member. */
  emptyChanges: "absent" | "empty-list";
  /** Status of a successful PUT: 200 expected, but the published tables list 201. */
  putStatus: 200 | 201;
  /** Status of a successful promote and join request. */
  actionStatus: 200 | 201;
  /** What `GET /api/cluster/nodes` answers on a node that is in no cluster. Unknown. */
  nodesBeforePromotion: "empty" | "error";
  /** Status of `GET /api/cluster/status` on a node that is in no cluster. Unknown. */
  statusBeforePromotion: number;
  /** What `POST /api/cluster/nodes` does with a node id that is listed already. Unknown. */
  duplicateNode: "refused" | "replaced";
  /** What a join request does on a node that asked before and was not accepted. Unknown. */
  joinRequestTwice: "replaced" | "refused";
  /** How `sync_status` is spelled; `up-to-date` in the first case. Unknown but for `n/a` and `pending`. */
  syncStatusSpelling: "kebab" | "spaces" | "upper-snake" | "upper-kebab";
  /** Whether a commit that touches the cluster or network ends every session, at once or some seconds later. */
  clusterCommitSession: "ended" | "ended-late" | "kept";
  /** How long the appliance answers 503 after such a commit, in appliance seconds. */
  clusterCommitOutageSeconds: number;
  /** Whether browser-like clients must send `X-Token` with changing requests (7.5 and later). */
  browserToken: "required" | "ignored";
  /** Where the user information holds the value of `X-Token`. Unknown. */
  browserTokenField: "user.token" | "token" | "body.token";
  /** What `GET /api/cluster/spp` answers. Unknown. */
  sppRead: 200 | 404 | 405;
  /** HTTP status of `JoinFailed`. Unknown. */
  joinFailedStatus: number;
  /** Status of a successful `POST /api/cluster/spp`; 202 and 204 come without a body. Unknown. */
  joinAnswerStatus: 200 | 201 | 202 | 204;
  /** Whether an open transaction of the session stands in the way of `POST /api/cluster/spp`. Unknown. */
  joinWithOpenTransaction: "refused" | "accepted";
  /** Login discovery: `/api/authentication/login_methods` (7.0 and later) or `/api/authentication/types`. */
  loginDiscovery: "login_methods" | "types";
  /** Shape of the elements of `login_methods`. Unknown. */
  loginMethodItems: "objects" | "texts";
  /** What `GET /api/info` does with a cookie that is over: refuse it, or answer as to anybody. */
  staleCookieOnInfo: "refused" | "anonymous";
  /** Whether `/api/user/info`, `/api/userinfo`, `/api/tools` and the support bundle exist (7.0 and later). */
  newerEndpoints: boolean;
  /** Whether there is the protocol `mssql` (not in 6.0). */
  mssql: boolean;
  /** What a second start of a support bundle answers while the first one runs. Unknown. */
  bundleSecondStart: "refused" | "running-job";
  /** How `system_backup` shows its policy: as every reference, or as the bare key of the published sample. */
  backupPolicyReference: "object" | "key";
  /** How `listen_address` of a disabled cluster interface is shown. */
  disabledListenAddress: "null" | "absent";
}

/** The behaviour of a firmware version, for example `8.0.0`; open switches get their default. */
export function variantOf(firmwareVersion: string): SpsVariant {
  const [major = 0, minor = 0] = firmwareVersion.split(".").map(Number);
  const since = (wantedMajor: number, wantedMinor: number) =>
    major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
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
    loginDiscovery: since(7, 0) ? "login_methods" : "types",
    loginMethodItems: "objects",
    staleCookieOnInfo: "refused",
    newerEndpoints: since(7, 0),
    mssql: since(6, 1),
    bundleSecondStart: "refused",
    backupPolicyReference: "object",
    disabledListenAddress: "null",
  };
}
