import { startWorker } from "../engine/worker";
import { recordedStep } from "./recorded-step";

/*
 * A worker with a step that only records, for tests: `worker-process.ts LOCATION RECORD MILLISECONDS FAILING…`, where FAILING is a site,
 * `apply:SITE` or `throws:SITE`, and LOCATION is a DatabaseLocation as JSON. It works until it is killed, and sends `ready` first, then each fault.
 */
const [location = "{}", record = "", milliseconds = "0", ...failing] = process.argv.slice(2);
const step = recordedStep(record, Number(milliseconds), (site, phase) => {
  if (failing.includes(`throws:${site}`)) throw new Error("it throws in this test");
  if (failing.includes(site) || failing.includes(`${phase}:${site}`))
    return { outcome: "failed", message: "it fails in this test", code: "SG1013" };
  return { outcome: "done" };
});
startWorker({
  database: JSON.parse(location),
  step,
  pollMs: 50,
  onFenced: () => process.exit(70),
  onFault: (fault) => void process.send?.(fault),
}).then(
  (worker) => {
    process.send?.("ready");
    process.once("SIGTERM", () => {
      void worker.stop().then(() => process.exit(0));
      process.send?.("stopping");
    });
  },
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
