import { type Check, fail, given, pass, warn } from "../check";
import { SOURCES } from "../sources";

/** No cluster operation runs on SPP: there is one at a time, and a join is one. */
export const sppOperation: Check = {
  id: "spp-operation",
  title: "no cluster operation runs on SPP",
  source: SOURCES.sppClusterStatus,
  isForRequest: true,
  run: ({ spp }) =>
    given(spp.operation, ({ name, startedAt }) => {
      if (name === "None") return pass("none does");
      const text = `${name} runs${startedAt ? ` since ${startedAt}` : ""}`;
      // Joins to one SPP are made one after the other, so the join waits for the end of another one.
      if (name === "JoinSessionsModule")
        return warn(text, "nothing has to be done: the join waits for its end", "spp.address");
      return fail(
        "SG2113",
        text,
        "let it end (Appliance Management > Cluster), then run pulumi up again",
        "spp.address",
      );
    }),
};
