/** What a run does to one resource. It names properties and holds none of their values, because it is stored. */
export interface PlannedChange {
  /** Pulumi's name of the operation, such as `create`, `update`, `replace` and `delete`. */
  operation: string;
  /** Type and name, such as `SppJoin berlin-join`. */
  resource: string;
  /** Paths of the properties that change, when the operation is an update or a replacement. */
  properties?: string[];
}

/**
 * The changes that would be made now and were not announced by an earlier preview. A run that was interrupted leaves less to do, and an
 * update where a creation was announced; neither counts.
 */
export function unannounced(announced: readonly PlannedChange[], now: readonly PlannedChange[]): PlannedChange[] {
  const known = new Map(announced.map((change) => [change.resource, change]));
  return now.filter((change) => {
    const before = known.get(change.resource);
    if (before === undefined) return true;
    if (before.operation === "create") return change.operation !== "create" && change.operation !== "update";
    if (before.operation !== change.operation) return true;
    const properties = new Set(before.properties);
    return (change.properties ?? []).some((path) => !properties.has(path));
  });
}

/** Whether changes contain one that cannot be undone: a join, or the promotion that it needs. */
export const isIrreversible = (changes: readonly PlannedChange[]) =>
  changes.some(
    ({ operation, resource }) =>
      (operation === "create" || operation === "replace") && /^(SppJoin|SpsCluster) /.test(resource),
  );

/** For example `3 create, 1 update`; `no changes` when everything stays. */
export function countsText(changes: readonly PlannedChange[]): string {
  const counts = new Map<string, number>();
  for (const { operation } of changes) counts.set(operation, (counts.get(operation) ?? 0) + 1);
  return [...counts].map(([operation, count]) => `${count} ${operation}`).join(", ") || "no changes";
}

/** For example `update RouterRedirection edge (redirections, probe)`. */
export function changeText({ operation, resource, properties = [] }: PlannedChange): string {
  return `${operation} ${resource}${properties.length > 0 ? ` (${properties.join(", ")})` : ""}`;
}
