import type { Check } from "../check";
import { contact } from "../contact";
import { SOURCES } from "../sources";

/** SPS answers at its address. */
export const spsReachable: Check = {
  id: "sps-reachable",
  title: "SPS answers",
  source: SOURCES.authenticate,
  run: ({ sps }) => contact([sps.login, sps.greeting, sps.info], sps.address, "sps.address"),
};
