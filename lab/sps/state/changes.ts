import { isObject, type Json, type JsonObject, sameJson } from "./json";

/** One entry of the changelog, `GET /api/transaction/changes`. */
export interface Change extends JsonObject {
  type: "create" | "delete" | "reorder" | "replace";
  path: string;
}

/** The changelog of one object: its creation, its deletion, or one entry for each changed member. */
export function changesOf(path: string, before: JsonObject | undefined, after: JsonObject | undefined): Change[] {
  if (before === undefined) return after === undefined ? [] : [{ type: "create", path, new_value: after }];
  if (after === undefined) return [{ type: "delete", path, old_value: before }];
  return memberChanges(path, before, after);
}

function memberChanges(path: string, before: JsonObject, after: JsonObject): Change[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => memberChange(path, name, before[name], after[name]));
}

function memberChange(path: string, name: string, before: Json | undefined, after: Json | undefined): Change[] {
  if (sameJson(before, after)) return [];
  if (name === "@order") return [{ type: "reorder", path, old_order: before ?? [], new_order: after ?? [] }];
  if (isObject(before) && isObject(after)) return memberChanges(`${path}/${name}`, before, after);
  return [{ type: "replace", path: `${path}/${name}`, old_value: before ?? null, new_value: after ?? null }];
}
