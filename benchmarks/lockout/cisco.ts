import type { Device } from "../../lab/cisco-ios/device";
import { loadText } from "../../lab/cisco-ios/load-text";
import { CiscoLab, isChange } from "../../provider/resources/router-redirection/cisco-lab.test";
import { commandFaults, type EmulatedKind, type EmulatedRouter, pathFaults } from "./emulated";

/** A minute of the emulated router's timers, in milliseconds: its shortest window. */
const WINDOW_MILLISECONDS = 3000;

const FOREIGN = `ip access-list extended THEIRS
 10 permit tcp any 10.9.0.0 0.0.255.255 eq www
route-map THEIRS permit 10
 match ip address THEIRS
 set ip next-hop 172.31.255.9
interface GigabitEthernet4
 ip policy route-map THEIRS
`;

/** An emulated Cisco router. */
interface CiscoRouter extends EmulatedRouter {
  device: Device;
}

/** Emulated Cisco routers, whose revert timer rolls back. */
export const CISCO: EmulatedKind<CiscoRouter> = {
  windowMilliseconds: WINDOW_MILLISECONDS,
  foreign: FOREIGN.split("\n").map((line) => line.trim()),
  isChange,
  // Each creation records an identity of its own.
  withoutOwner: (text) => text.replaceAll(/^.* remark safeguard .*\n/gm, "").replaceAll(/^ tag SPS-\w+$/gm, " tag SPS"),
  async start(isMeasured) {
    const lab = await CiscoLab.start(
      "lockout-cisco",
      false,
      isMeasured ? { minuteMilliseconds: WINDOW_MILLISECONDS } : {},
    );
    const { device } = lab.router;
    await device.replaceRunning(loadText(device.running, FOREIGN).configuration);
    device.save();
    return {
      device,
      running: () => lab.running,
      startup: () => lab.startup,
      isPending: () => device.pendingRollback !== undefined,
      // SPS is also watched where the configuration is saved.
      inputs(persist) {
        const watched = persist && { bypass: "when-sps-silent" };
        const failMode = persist ? "open" : "closed";
        return lab.inputsWith({ failMode }, { persist, ...watched, commitConfirm: { windowSeconds: 60 } });
      },
      context: () => lab.context(),
      stop: () => lab.stop(),
    };
  },
  faults: [
    ...commandFaults<CiscoRouter>("% Error: no resources"),
    { name: "the router restarts", strike: ({ device }) => void device.reload() },
    ...pathFaults<CiscoRouter>({
      last: /^end$/,
      effective: /^ip policy/,
      confirmation: /^configure confirm$/,
      isOver: ({ device }) => {
        const before = device.pendingRollback;
        return () => !(before && device.pendingRollback);
      },
    }),
  ],
};
