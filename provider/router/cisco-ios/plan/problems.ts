import type { z } from "zod";
import { ifKnown, UNKNOWN, type Unknown } from "../../../core/unknown";
import type { InputFailure } from "../../../core/validate";
import { interfaceSelector } from "../../fields";
import type { PacketPlatform } from "../../planning/packet-problems";
import type { CheckedPlatformInputs } from "../../platform";
import type { ciscoIosOptionsSchema } from "../model/options";
import { delaySeconds, MOST_DELAY_SECONDS } from "../model/watch";
import { isInterfaceName } from "./interfaces";

/** The inputs that a Cisco router can have. */
export const CISCO_INPUTS: PacketPlatform = {
  isInterface: (text) => interfaceSelector(text)?.kind === "address" || isInterfaceName(text),
  interfaces:
    'the name of a Cisco interface, such as GigabitEthernet0/1, "address:10.0.0.1" for the one with that address',
};

type CheckedOptions = z.output<typeof ciscoIosOptionsSchema>;

/** A range that ends before it begins. */
export function extensionProblems(options: CheckedOptions | Unknown): InputFailure[] {
  const extend = options === UNKNOWN ? undefined : ifKnown(options.extend ?? UNKNOWN);
  if (!extend || extend.firstSequence <= extend.lastSequence) return [];
  const path = "ciscoIos.extend.lastSequence";
  const reason = `Invalid value for ${path}: ${extend.lastSequence}. Allowed values are: ${extend.firstSequence} to 65535.`;
  return [{ path, reason }];
}

/** Settings of a watch that a router cannot have. */
export function watchProblems({
  redirections,
  bypass,
  watchdog,
  options,
}: Pick<
  CheckedPlatformInputs<unknown, CheckedOptions>,
  "redirections" | "bypass" | "watchdog" | "options"
>): InputFailure[] {
  const isBypassing = bypass === "when-sps-silent";
  const isWatching = isBypassing || (options !== UNKNOWN && options.trackSps === true);
  const known = isWatching ? ifKnown(watchdog) : undefined;
  const delay = known ? delaySeconds(known) : 0;
  const path = "watchdog.missedProbes";
  const tooLong = `${path}: a Cisco router can let a change count after ${MOST_DELAY_SECONDS} s at most, and these settings need ${delay} s; lower it, or lower watchdog.intervalSeconds`;
  return [
    ...(delay > MOST_DELAY_SECONDS ? [{ path, reason: tooLong }] : []),
    ...(!isBypassing || redirections === UNKNOWN
      ? []
      : redirections.flatMap((one, index) => {
          if (one === UNKNOWN || one.failMode !== "closed") return [];
          const property = `redirections[${index}].failMode`;
          const reason = `${property}: a Cisco router cannot drop traffic while the link to SPS is down and pass it while SPS is silent; set it to open, or set bypass to never`;
          return [{ path: property, reason }];
        })),
  ];
}
