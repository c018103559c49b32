import { type Check, given, notChecked } from "../check";
import { SOURCES } from "../sources";

/** No node is a high-availability pair. Nobody can tell over the REST API, and the check says so. */
export const spsHighAvailability: Check = {
  id: "sps-high-availability",
  title: "no node is a high-availability pair",
  source: SOURCES.clusterBuilding,
  run: ({ sps }) => given(sps.login, () => notChecked("the REST API of SPS does not tell")),
};
