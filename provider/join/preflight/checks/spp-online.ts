import { type Check, given, pass, sppRefusal } from "../check";
import { SOURCES } from "../sources";

/** SPP is online: not in maintenance, not read-only, not without quorum. */
export const sppOnline: Check = {
  id: "spp-online",
  title: "SPP is online",
  source: SOURCES.sppStatus,
  run: ({ spp }) =>
    given(spp.status, ({ state, isMaintenance, isReadOnly, isPrimary }) => {
      // What a replica calls its state is the business of the check for the primary.
      const isOnline = state.toLowerCase() === "online" || (!isPrimary && state === "ReplicaWithQuorum");
      if (!isOnline || isMaintenance) return sppRefusal("unavailable", "spp.address", `that it is ${state}`);
      if (isReadOnly) return sppRefusal("unavailable", "spp.address", "that it is read-only");
      return pass(`its state is ${state}`);
    }),
};
