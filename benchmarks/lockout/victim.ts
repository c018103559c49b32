import { readFileSync } from "node:fs";
import { operationContext } from "../../provider/core/context";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";

/*
 * One create in a process of its own, so that it can be killed. Reads the inputs from the file that is its argument and
 * prints one line for each phase; the last line tells how it ended.
 */
const say = (line: string) => void process.stdout.write(`${line}\n`);
const log = { info: say, warn: say, debug: say, status: say };

routerRedirection
  .create(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")), operationContext({ log }))
  .then(() => say("END confirmed"))
  .catch((error: unknown) => say(`END ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`));
