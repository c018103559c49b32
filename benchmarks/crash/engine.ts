import assert from "node:assert/strict";
import { messageOf } from "../../provider/core/errors";
import { killProvider } from "../../tests/engine/processes";
import { siteProgram } from "../../tests/engine/programs";
import { TestStack } from "../../tests/engine/test-stack";
import { CrashSite } from "./crash-site";
import type { Point, Position } from "./points";
import type { Crash } from "./sweep";

/** The points that are also tested with the real engine, by their requests. */
const ENGINE_POINTS: { appliance: string; request: RegExp; nth: number; position: Position }[] = [
  { appliance: "sps1", request: /^POST \/api\/cluster\/promote$/, nth: 0, position: "before answer" },
  { appliance: "sps2", request: /^POST \/api\/cluster\/join_request$/, nth: 0, position: "before send" },
  { appliance: "sps1", request: /^PUT \/api\/transaction$/, nth: 3, position: "after answer" },
  { appliance: "sps1", request: /^POST \/api\/cluster\/spp$/, nth: 0, position: "before send" },
  { appliance: "sps1", request: /^POST \/api\/cluster\/spp$/, nth: 0, position: "before answer" },
  { appliance: "spp", request: /^POST .*\/Token\/Logout$/, nth: -1, position: "before answer" },
];

/**
 * Kills the provider of the real engine, with its state in files, at a few points of a run, one after another.
 * @throws Error when the Pulumi CLI is missing
 */
export async function sweepEngine(
  points: readonly Point[],
  each: (crash: Crash) => void = () => undefined,
): Promise<Crash[]> {
  const crashes: Crash[] = [];
  for (const { appliance, request, nth, position } of ENGINE_POINTS) {
    const found = points.filter(
      (point) => point.appliance === appliance && request.test(`${point.method} ${point.path}`),
    );
    const point = found.at(nth);
    assert.ok(point, `a run has no ${appliance} ${request}`);
    const crash = await crashEngine(point, position);
    each(crash);
    crashes.push(crash);
  }
  return crashes;
}

async function crashEngine(point: Point, position: Position): Promise<Crash> {
  const site = await CrashSite.start("host");
  const stack = await TestStack.inline("engine-crash");
  const program = siteProgram(site.lab, { join: { preflight: "enforce" } });
  const complaints: string[] = [];
  try {
    const kill = site.arrangeKill(point, position, killProvider);
    const killed = await stack.run("up", program);
    kill.end();
    if (!kill.isMet) complaints.push(`point not reached: ${killed.failure ?? "the run succeeded"}`);
    const next = await stack.run("up", program);
    if (next.failure !== undefined) complaints.push(next.failure);
    site.verifyAppliances();
    assert.equal((await stack.find("SppJoin"))?.outputs?.health, "joined");
  } catch (error) {
    complaints.push(messageOf(error));
  } finally {
    stack.close();
    await site.stop();
  }
  const isConverged = complaints.length === 0;
  const complaint = complaints.join(" | ");
  return { point, position, isConverged, joinPosts: site.joinPosts, needsRepair: !isConverged, complaint };
}
