import { readFileSync } from "node:fs";
import { operationContext, silentLog } from "../../provider/core/context";
import { messageOf } from "../../provider/core/errors";
import { sppJoin } from "../../provider/resources/spp-join/operations";

/*
 * Makes the join described by a file of checked inputs, in a process of its own: the locks of this process are not those of a test. Prints
 * progress lines, then the health of the join or the failure.
 */
const [, , file = ""] = process.argv;
const log = { ...silentLog, info: console.log, status: console.log };
sppJoin.create(JSON.parse(readFileSync(file, "utf8")), operationContext({ log })).then(
  ({ state }) => console.log(`health: ${state.health}`),
  (error: unknown) => console.log(`failure: ${messageOf(error)}`),
);
