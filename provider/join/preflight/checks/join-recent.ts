import { type Check, fail, given, notChecked, pass, spanText, warn } from "../check";
import { COOL_DOWN_MILLISECONDS, entryOf, isRecent, nodeIdOf } from "../entry";
import { isRead } from "../fact";
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
      if (!entry || (entry.row.isConnected && entry.row.isTrusted)) return pass("none is known");
      const { row, ageMilliseconds: age } = entry;
      if (!isRecent(age)) return pass("none is known");
      const restMilliseconds = COOL_DOWN_MILLISECONDS - Math.max(0, age);
      const rest = spanText(restMilliseconds);
      if (row.isConnected) {
        return warn(
          `one began ${spanText(age)} ago and has not ended; it ends within ${rest}`,
          "the update waits for it",
        );
      }
      // Its entry was disconnected by us, not left by a handshake that failed.
      if (facts.rejoin) return pass("none but an earlier run of the same re-join");
      const text = `one was made ${spanText(age)} ago and left a disconnected entry (${row.id})`;
      if (restMilliseconds / 1000 <= facts.waitSeconds)
        return warn(text, `the update waits ${rest} before it sends anything`);
      return fail("SG2215", text, `wait ${rest}, then run pulumi up again`);
    }),
};
