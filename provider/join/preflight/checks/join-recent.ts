import { type Check, fail, given, notChecked, pass, spanText, warn } from "../check";
import { attemptAgeOf, COOL_DOWN_MILLISECONDS, entryOf, isRecent, nodeIdOf } from "../entry";
import { isRead } from "../fact";
import type { Facts } from "../facts";
import { SOURCES } from "../sources";

/** No attempt at a join failed within the last five minutes; it would stand in the way of another one. */
export const joinRecent: Check = {
  id: "join-recent",
  title: "no attempt within the last five minutes",
  source: SOURCES.joinErrors,
  isForRequest: true,
  run: (facts) =>
    given(facts.spp.modules, () => {
      if (nodeIdOf(facts) === undefined) {
        return notChecked(isRead(facts.sps.cluster) ? "the node is in no cluster" : facts.sps.cluster.why);
      }
      const entry = entryOf(facts);
      if (entry?.row.isConnected && entry.row.isTrusted) return pass("none is known");
      if (!entry || !isRecent(entry.ageMilliseconds)) return noted(facts);
      const { row, ageMilliseconds: age } = entry;
      if (row.isConnected) {
        const text = `one began ${spanText(age)} ago and has not ended; it ends within ${spanText(restOf(age))}`;
        return warn(text, "the update waits for it");
      }
      // Its entry was disconnected by us, not left by a handshake that failed.
      if (facts.rejoin) return pass("none but an earlier run of the same re-join");
      return coolDown(`one was made ${spanText(age)} ago and left a disconnected entry (${row.id})`, age, facts);
    }),
};

/** What SPP does not tell of: a request that was sent from here, by a run that was killed. */
function noted(facts: Facts) {
  const age = attemptAgeOf(facts);
  if (!isRecent(age)) return pass("none is known");
  return coolDown(`a request was sent ${spanText(age)} ago from this machine, and SPP lists no join of it`, age, facts);
}

function coolDown(text: string, age: number, facts: Facts) {
  const rest = restOf(age);
  if (rest / 1000 <= facts.waitSeconds)
    return warn(text, `the update waits ${spanText(rest)} before it sends anything`);
  return fail("SG2215", text, `wait ${spanText(rest)}, then run pulumi up again`);
}

function restOf(age: number): number {
  return COOL_DOWN_MILLISECONDS - Math.max(0, age);
}
