import type { Appliance } from "../appliance";
import { MEMBERSHIP } from "../cluster/member";
import { malformed } from "../state/errors";
import { isObject, type JsonObject } from "../state/json";
import { endsSessions } from "../state/schema";
import { metaOf } from "./links";
import type { Answer, Resource, SessionCall } from "./resource";

/** Opening, reviewing, committing and rolling back. */
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

function status(appliance: Appliance, call: SessionCall): Answer {
  const status = call.session.transaction ? "open" : "closed";
  const meta = metaOf(appliance, call, { changes: "/api/transaction/changes" });
  const shape: JsonObject =
    appliance.variant.transactionShape === "body"
      ? { body: { status, commit_message: null } }
      : { transaction: { status } };
  return { status: 200, body: { key: "transaction", ...shape, meta } };
}

function commit(appliance: Appliance, call: SessionCall): Answer {
  if (!isObject(call.body) || call.body.status !== "commit") throw malformed('The body must be {"status": "commit"}.');
  const touched = appliance.transactions.commit(call.session);
  if (touched.includes(MEMBERSHIP)) appliance.member.start();
  const answer = status(appliance, call);
  if (touched.some(endsSessions)) settle(appliance);
  return answer;
}

/** When services restart that do not restart at once, in appliance seconds after the commit. */
const LATE_SECONDS = 3;

/** What a change of cluster or network settings does to those who are logged in. */
function settle(appliance: Appliance): void {
  const { clusterCommitSession, clusterCommitOutageSeconds } = appliance.variant;
  if (clusterCommitSession === "ended") appliance.sessions.endAll();
  if (clusterCommitSession === "ended-late") appliance.clock.after(LATE_SECONDS, () => appliance.sessions.endAll());
  appliance.outageUntil = appliance.clock.now().getTime() + clusterCommitOutageSeconds * 1000;
}

function changes(appliance: Appliance, call: SessionCall): Answer {
  const list = call.session.transaction?.changes() ?? [];
  const meta = metaOf(appliance, call, { transaction: "/api/transaction" });
  const isShown = list.length > 0 || appliance.variant.emptyChanges === "empty-list";
  return { status: 200, body: isShown ? { changes: list, meta } : { meta } };
}
