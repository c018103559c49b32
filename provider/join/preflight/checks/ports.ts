import { type Check, notChecked } from "../check";
import { SOURCES } from "../sources";
import { SPS_PORT } from "../spp-facts";

/** The ports between the two appliances, as far as anybody can say from here. */
export const ports: Check = {
  id: "ports",
  title: `tcp 443 and ${SPS_PORT} between the two`,
  source: SOURCES.join,
  run({ sps, spp }) {
    const fromSps = "tcp 443 from SPS to SPP can only be tried by SPS, at Basic Settings > Troubleshooting";
    const test = spp.portTest;
    if ("why" in test) return notChecked(`${fromSps}; tcp ${SPS_PORT} was not tried: ${test.why}`);
    if (test.value === undefined) {
      return notChecked(
        `only the appliances can try them; ${fromSps}; SPP tries tcp ${SPS_PORT} when diagnostics are asked for`,
      );
    }
    return notChecked(
      `SPP tried ${sps.address}:${SPS_PORT} and says "${test.value}" (free text, to be read by a person); ${fromSps}`,
    );
  },
};
