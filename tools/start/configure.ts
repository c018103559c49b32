import { parseArgs } from "node:util";
import { requireRunning } from "../../dist/lab/cli/running";
import { sayHowToGoOn } from "./go-on";
import { say } from "./show";
import { keptPlace, openStack } from "./stack";

/*
 * `npm run configure`: makes the stack of the project in the root for a running lab, so that `pulumi up` works there. A
 * stack that stood there before is begun anew, as its lab is gone.
 */
async function configure(name: string): Promise<void> {
  const place = keptPlace();
  await openStack(requireRunning(name).description, place);
  say("the stack is configured for the lab; go on with");
  sayHowToGoOn(place.stateFolder);
}

const { values } = parseArgs({ options: { name: { type: "string", default: "lab" } } });
configure(values.name).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
