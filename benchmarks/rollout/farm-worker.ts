import { startWorker } from "../../rollout/engine/worker";
import type { SiteStep } from "../../rollout/engine/workflows";
import { pulumiStep } from "../../rollout/step/pulumi-step";

/* A worker for benchmarks: `farm-worker.ts LOCATION pulumi|nothing`. Its step runs the Pulumi CLI on PATH, or does nothing. */
const [location = "{}", kind = "nothing"] = process.argv.slice(2);

const step: SiteStep = kind === "pulumi" ? pulumiStep() : async () => ({ outcome: "done" });

startWorker({ database: JSON.parse(location), step, onFenced: () => process.exit(70) }).then(
  () => {
    process.send?.("ready");
    // Nothing outlives a benchmark that is killed.
    process.once("disconnect", () => process.exit(1));
    process.on("message", () => process.send?.({ rss: process.memoryUsage.rss(), cpu: process.cpuUsage() }));
  },
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
