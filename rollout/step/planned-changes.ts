import { isDeepStrictEqual } from "node:util";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { PlannedChange } from "../machine/changes";

type Metadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];

/** Operations that change nothing, and the halves of a replacement, which is reported as a whole. */
const LEFT_OUT = new Set(["same", "read", "refresh", "create-replacement", "delete-replaced", "discard"]);
/** The property in which Pulumi stores the program of a dynamic resource. */
const INTERNAL = /^__provider\b/;

/** The change that an event of a preview or an update announces; undefined when it announces none. */
export function plannedChange({ resourcePreEvent }: EngineEvent): PlannedChange | undefined {
  return resourcePreEvent && changeOf(resourcePreEvent.metadata, "inputs");
}

/** The drift that an event of a refresh reports; undefined when the resource is as it was recorded. */
export function foundDrift({ resOutputsEvent }: EngineEvent): PlannedChange | undefined {
  return resOutputsEvent && changeOf(resOutputsEvent.metadata, "outputs");
}

function changeOf(metadata: Metadata, compared: "inputs" | "outputs"): PlannedChange | undefined {
  const { op: operation, urn, type } = metadata;
  if (LEFT_OUT.has(operation) || type === "pulumi:pulumi:Stack" || type.startsWith("pulumi:providers:")) return;
  const resource = `${type.split(":").at(-1)} ${urn.split("::").slice(3).join("::")}`;
  const properties = operation === "create" || operation === "delete" ? [] : propertiesOf(metadata, compared);
  return { operation, resource, ...(properties.length > 0 ? { properties } : {}) };
}

/** The properties that change. Resources of dynamic providers name none, so their recorded values are compared. */
function propertiesOf({ detailedDiff, diffs, old, new: now }: Metadata, compared: "inputs" | "outputs"): string[] {
  const named = Object.keys(detailedDiff ?? {});
  const found = named.length > 0 ? named : (diffs?.length ?? 0) > 0 ? (diffs ?? []) : undefined;
  const [before, after] = [old?.[compared] ?? {}, now?.[compared] ?? {}];
  const keys = found ?? [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys
    .filter((key) => !INTERNAL.test(key) && (found !== undefined || !isDeepStrictEqual(before[key], after[key])))
    .sort();
}
