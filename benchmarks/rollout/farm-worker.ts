import { setTimeout as pause } from "node:timers/promises";
import { startWorker } from "../../rollout/engine/worker";
import type { SiteStep } from "../../rollout/engine/workflows";

/*
 * A worker for the farm: `farm-worker.ts LOCATION FARM_URL`. Its step stands in for Pulumi and the provider, and keeps their promise: it
 * reads first, and asks for the join only if none is there or in work. Without a URL the step does nothing.
 */
const [location = "{}", url = ""] = process.argv.slice(2);

const step: SiteStep = async ({ site, phase }) => {
  if (url === "") return { outcome: "done" };
  const ask = async (method: "GET" | "POST") => {
    const response = await fetch(`${url}/${site.name}/${site.spp}`, { method });
    return (await response.json()) as { isJoined: boolean; isWorking: boolean };
  };
  const found = await ask("GET");
  if (phase === "check") return { outcome: "done" };
  if (!found.isJoined && !found.isWorking) await ask("POST");
  while (!(await ask("GET")).isJoined) await pause(10);
  return { outcome: "done", message: "1 create" };
};

startWorker({ database: JSON.parse(location), step, pollMs: 50, onFenced: () => process.exit(70) }).then(
  () => {
    process.send?.("ready");
    process.on("message", () => process.send?.({ rss: process.memoryUsage.rss(), cpu: process.cpuUsage() }));
  },
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
