import type { Appliance } from "../appliance";
import { MEMBERSHIP } from "../cluster/member";
import { malformed } from "../state/errors";
import { isObject, type JsonObject } from "../state/json";
import { endsSessions } from "../state/schema";
import { metaOf } from "./links";
import type { ApiResponse, Resource, SessionCall } from "./resource";

/** Opens, shows, commits and rolls back a transaction. */
export function transactionResources(appliance: Appliance): Resource[] {
  return [
    {
      path: "/api/transaction",
      access: "authenticated",
      methods: {
        GET: (call) => status(appliance, call),
        POST: (call) => {
          appliance.transactions.open(call.session);
          return status(appliance, call);
        },
        PUT: (call) => commit(appliance, call),
        DELETE: (call) => {
          appliance.transactions.rollBack(call.session);
          return { status: 200, body: { meta: metaOf(appliance, call) } };
        },
      },
    },
    {
      path: "/api/transaction/changes",
      access: "authenticated",
      methods: { GET: (call) => changes(appliance, call) },
    },
  ];
}

function status(appliance: Appliance, call: SessionCall): ApiResponse {
  const status = call.session.transaction ? "open" : "closed";
  const meta = metaOf(appliance, call, { changes: "/api/transaction/changes" });
  const shape: JsonObject =
    appliance.variant.transactionShape === "body"
      ? { body: { status, commit_message: null } }
      : { transaction: { status } };
  return { status: 200, body: { key: "transaction", ...shape, meta } };
}

function commit(appliance: Appliance, call: SessionCall): ApiResponse {
  if (!isObject(call.body) || call.body.status !== "commit") throw malformed('The body must be {"status": "commit"}.');
  const changed = appliance.transactions.commit(call.session);
  if (changed.includes(MEMBERSHIP)) appliance.member.start();
  const answer = status(appliance, call);
  if (changed.some(endsSessions)) restartServices(appliance);
  return answer;
}

/** Appliance seconds from a commit to a late restart of services. */
const LATE_RESTART_SECONDS = 3;

/** Restarts services after a change of cluster or network settings, which may end sessions. */
function restartServices(appliance: Appliance): void {
  const { clusterCommitSession, clusterCommitOutageSeconds } = appliance.variant;
  if (clusterCommitSession === "ended") appliance.sessions.endAll();
  if (clusterCommitSession === "ended-late")
    appliance.clock.after(LATE_RESTART_SECONDS, () => appliance.sessions.endAll());
  appliance.outageUntil = appliance.clock.now().getTime() + clusterCommitOutageSeconds * 1000;
}

function changes(appliance: Appliance, call: SessionCall): ApiResponse {
  const list = call.session.transaction?.changes() ?? [];
  const meta = metaOf(appliance, call, { transaction: "/api/transaction" });
  const isShown = list.length > 0 || appliance.variant.emptyChanges === "empty-list";
  return { status: 200, body: isShown ? { changes: list, meta } : { meta } };
}
