import { type Check, given, notChecked, pass } from "../check";
import { valueIfRead } from "../fact";
import { SOURCES } from "../sources";

/** All nodes run the same firmware. */
export const spsFirmware: Check = {
  id: "sps-firmware",
  title: "the SPS nodes run one version",
  source: SOURCES.manageClusters,
  run: ({ sps }) =>
    given(sps.cluster, ({ nodes }) => {
      const version = valueIfRead(sps.info)?.firmwareVersion ?? "an unknown version";
      if (nodes.length <= 1) return pass(`one node, running ${version}`);
      return notChecked(
        `the Central Management node runs ${version}; the others tell theirs only to who logs in there (SpsCluster compares them)`,
      );
    }),
};
