import { readFileSync } from "node:fs";
import { operationContext } from "../../provider/core/context";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";
import { ShellSession } from "../../provider/router/guard/session/shell-session";
import { type Cut, cutStep } from "./cuts";

/*
 * Runs one create in its own process, so that it can be killed. The first argument is a file with the inputs; the second
 * may say how the changes cut the management path. Prints one line per phase and a last line with the result. Its clock
 * jumps by the seconds received over IPC.
 */
const [, , file = "", cut] = process.argv;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const log = { result: () => undefined, info: say, warn: say, debug: say, status: say };

if (cut !== undefined) {
  const { apply } = ShellSession.prototype;
  ShellSession.prototype.apply = function (transaction) {
    return apply.call(this, { ...transaction, steps: [...transaction.steps, cutStep(cut as Cut)] });
  };
}

process.on("message", (seconds: number) => {
  const { now } = Date;
  Date.now = () => now() + seconds * 1000;
});
process.channel?.unref();

routerRedirection
  .create(JSON.parse(readFileSync(file, "utf8")), operationContext({ log }))
  .then(() => say("END confirmed"))
  .catch((error: unknown) => say(`END ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`));
