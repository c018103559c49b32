import type { Appliance } from "../appliance";
import { metaOf } from "./links";
import type { ApiResponse, Resource, SessionCall } from "./resource";

const SESSIONS = "/api/audit/sessions";

/** Sessions in a page, as the vendor's sample answer shows it. */
const DEFAULT_LIMIT = 500;

/**
 * The list of recorded sessions, from the vendor's REST API guide ("Audited sessions", 6.0 to 7.3). The search by `q`, the fields and the
 * single sessions are not there.
 */
export function auditResources(appliance: Appliance): Resource[] {
  return [{ path: SESSIONS, access: "authenticated", methods: { GET: (call) => listSessions(appliance, call) } }];
}

async function listSessions(appliance: Appliance, call: SessionCall): Promise<ApiResponse> {
  const limit = Number(call.query.get("limit") ?? DEFAULT_LIMIT);
  const offset = Number(call.query.get("offset") ?? 0);
  const keys = (await appliance.recorded.all()).map((_, index) => String(index + 1)).reverse();
  const page = (at: number | null) => (at === null ? null : `${SESSIONS}?limit=${limit}&offset=${at}&fields=`);
  return {
    status: 200,
    body: {
      items: keys.slice(offset, offset + limit).map((key) => ({ key, meta: { href: `${SESSIONS}/${key}` } })),
      meta: metaOf(appliance, call, {
        fields: [],
        limit,
        offset,
        match_count: keys.length,
        first: page(0),
        last: page(Math.floor(Math.max(keys.length - 1, 0) / limit) * limit),
        next: page(offset + limit < keys.length ? offset + limit : null),
        previous: page(offset > 0 ? Math.max(offset - limit, 0) : null),
      }),
    },
  };
}
