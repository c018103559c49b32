import type { Appliance } from "../appliance";
import type { JsonObject } from "../state/json";
import type { ApiResponse, Call } from "./resource";

/** The `meta` of a response: link, parent, remaining session time and further links. */
export function metaOf(appliance: Appliance, call: Call, extra: JsonObject = {}): JsonObject {
  const meta: JsonObject = { href: call.path, parent: parentOf(call.path), ...extra };
  if (call.session) meta.remaining_seconds = appliance.sessions.remainingSeconds(call.session);
  return meta;
}

/** The parent path. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** Links to the other objects of a list. */
export function siblingsOf(path: string, keys: string[]): JsonObject {
  const list = parentOf(path);
  const index = keys.indexOf(path.slice(list.length + 1));
  const link = (key: string | undefined) => (key === undefined ? null : `${list}/${key}`);
  return {
    first: link(keys[0]),
    last: link(keys.at(-1)),
    next: link(keys[index + 1]),
    previous: link(index > 0 ? keys[index - 1] : undefined),
  };
}

/** A list of links to the children of a folder. */
export function folderResponse(
  appliance: Appliance,
  call: Call,
  children: string[],
  extra: JsonObject = {},
): ApiResponse {
  const items = children.map((key) => ({ key, meta: { href: `${call.path}/${key}` } }));
  return { status: 200, body: { items, meta: metaOf(appliance, call, extra) } };
}
