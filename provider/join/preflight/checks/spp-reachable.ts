import type { Check } from "../check";
import { contact } from "../contact";
import { SOURCES } from "../sources";

/** SPP answers at its address. An appliance in maintenance answers, though it refuses logins. */
export const sppReachable: Check = {
  id: "spp-reachable",
  title: "SPP answers",
  source: SOURCES.sppStatus,
  run({ spp }) {
    const asked =
      "value" in spp.status ? [spp.status, ...[spp.login].filter((fact) => !isRefusal(fact))] : [spp.status];
    return contact(asked, spp.address, "spp.address");
  },
};

const isRefusal = (fact: object) => "code" in fact && fact.code === "SG2005";
