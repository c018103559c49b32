import type { Appliance } from "../appliance";
import { malformed } from "../state/errors";
import { metaOf } from "./links";
import type { ApiResponse, Resource, SessionCall } from "./resource";

const SESSIONS = "/api/audit/sessions";

/** Sessions in a page, as the vendor's sample answer shows it. */
const DEFAULT_LIMIT = 500;

/**
 * The list of recorded sessions, from the vendor's REST API guide ("Audited sessions", 6.0 to 7.3). The search by `q`, the fields and the
 * single sessions are not there. The guide asks for the right to search; that 403 answers without it, and 400 a page that is no number, is
 * not documented.
 */
export function auditResources(appliance: Appliance): Resource[] {
  return [{ path: SESSIONS, access: "authenticated", methods: { GET: (call) => listSessions(appliance, call) } }];
}

async function listSessions(appliance: Appliance, call: SessionCall): Promise<ApiResponse> {
  const limit = numberIn(call, "limit", 1, DEFAULT_LIMIT);
  const offset = numberIn(call, "offset", 0, 0);
  const keys = (await appliance.recorded.all()).map(({ key }) => key).reverse();
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

/** @throws SpsRefusal for anything but a number in range */
function numberIn({ query }: SessionCall, name: string, least: number, given: number): number {
  const text = query.get(name);
  if (text === null) return given;
  if (!/^\d{1,6}$/.test(text) || Number(text) < least) throw malformed(`${name} is not a number`);
  return Number(text);
}
