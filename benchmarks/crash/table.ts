import { isChange, POSITIONS, type Point } from "./points";
import type { Crash } from "./sweep";

/** Explains how the table counts points. */
export const LEGEND = [
  "A point is a request of a full run: an appliance, a method, a path and the number of changes before it (#).",
  "All repetitions of a poll are one point; every change is its own point. A cell is `converged in the next up / kills`.",
  "Changes are tested with Pulumi's process for dynamic providers, reads with a process that calls the same entry.",
  "The provider is killed before send: the request never arrives; before answer: the appliance has carried it out;",
  "after answer: the provider has received the answer.",
].join("\n");

/** A line for each change, and one for the reads between two changes. */
export function tableOf(crashes: readonly Crash[]): string {
  const groups = new Map<string, Crash[]>();
  for (const crash of crashes) {
    const label = labelOf(crash.point);
    groups.set(label, [...(groups.get(label) ?? []), crash]);
  }
  const rows = [...groups].map(([label, group]) => [label, ...cellsOf(group)]);
  const heading = ["request", ...POSITIONS, "join requests"];
  return [heading, ...rows, ["total", ...cellsOf(crashes)]].map(lineOf).join("\n");
}

function labelOf({ appliance, method, path, changesBefore }: Point): string {
  return isChange(method)
    ? `${appliance} #${changesBefore} ${method} ${path}`
    : `${appliance} #${changesBefore} reads before the next change`;
}

function cellsOf(crashes: readonly Crash[]): string[] {
  const cells = POSITIONS.map((position) => {
    const own = crashes.filter((crash) => crash.position === position);
    return `${own.filter(({ isConverged }) => isConverged).length}/${own.length}`;
  });
  return [...cells, `at most ${Math.max(...crashes.map(({ joinPosts }) => joinPosts))}`];
}

function lineOf(cells: string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(58) : cell.padStart(15))).join("");
}

/** The result as numbers. */
export function summaryOf(crashes: readonly Crash[]) {
  return {
    points: crashes.length,
    converged: crashes.filter(({ isConverged }) => isConverged).length,
    maxJoinPosts: Math.max(...crashes.map(({ joinPosts }) => joinPosts)),
    manualRepairs: crashes.filter(({ needsRepair }) => needsRepair).length,
  };
}
