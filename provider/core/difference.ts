import type { z } from "zod";
import { isMarked, markedPaths } from "./json-schema";
import { isRecord } from "./record";
import { UNKNOWN } from "./unknown";

/** A place at which two plain values differ, such as `members[0].searchRole`. */
export interface Difference {
  path: string;
  kind: "add" | "update" | "delete";
}

/** Where two plain values differ. Something unknown may differ, so it does. */
export function differences(left: unknown, right: unknown, path = ""): Difference[] {
  if (left === UNKNOWN || right === UNKNOWN) return [{ path, kind: left === undefined ? "add" : "update" }];
  if (Array.isArray(left) && Array.isArray(right)) {
    const length = Math.max(left.length, right.length);
    return Array.from({ length }, (_, index) => differences(left[index], right[index], `${path}[${index}]`)).flat();
  }
  if (isRecord(left) && isRecord(right)) {
    const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
    return keys.flatMap((key) => differences(left[key], right[key], path === "" ? key : `${path}.${key}`));
  }
  if (left === right) return [];
  return [{ path, kind: left === undefined ? "add" : right === undefined ? "delete" : "update" }];
}

/** The paths of `differences`. */
export function differingPaths(left: unknown, right: unknown): string[] {
  return differences(left, right).map(({ path }) => path);
}

/** True when only fields marked as access differ (credentials, trust, limits): such an update touches no appliance. */
export function isAccessOnly(paths: readonly string[], schema: z.ZodType): boolean {
  const marked = markedPaths(schema, "access");
  return paths.every((path) => isMarked(path, marked));
}

/** The members of `value` named in `keys`, for comparing the inputs that a state echoes with new inputs. */
export function pick(value: object, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key, inner]) => keys.includes(key) && inner !== undefined));
}
