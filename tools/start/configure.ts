import { requireRunning } from "../../dist/lab/cli/running";
import { printNextSteps } from "./next-steps";
import { parseOptions } from "./options";
import { say } from "./show";
import { keptPlace, openStack } from "./stack";

/*
 * `npm run configure`: creates the stack of the project in the root for a running lab, so that `pulumi up` works there. An
 * earlier stack is replaced, because its lab has ended.
 */
async function configure(name: string): Promise<void> {
  const place = keptPlace();
  await openStack(requireRunning(name).description, place);
  say("The stack is configured for the lab. Next steps:");
  printNextSteps(place.stateFolder, name);
}

const values = parseOptions({ name: { type: "string", default: "lab" } });
configure(values.name).catch((error: unknown) => {
  process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
