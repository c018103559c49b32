import type { Device } from "../../lab/check-point/device";
import { CheckPointLab, isChange } from "../../provider/resources/router-redirection/check-point-lab.test";
import { commandFaults, type EmulatedKind, type EmulatedRouter, pathFaults } from "./emulated";

const WINDOW_SECONDS = 3;

const FOREIGN = [
  "set pbr table Theirs static-route default nexthop gateway address 172.31.255.9 on",
  "set pbr rule priority 900 match to 10.9.0.0/16 interface eth1",
  "set pbr rule priority 900 action table Theirs",
];

/** Their rules are entered together: 1000 to 1002 redirect, 1500 to 1502 reject while SPS has no link. */
const SERVERS = ["10.0.0.0/26", "10.0.0.64/26", "10.0.0.128/25"];

/** The last change of a creation, and what stands for its confirmation in expert mode. */
const LAST = /1502 action/;
const CONFIRMATION = "the confirmation";

/** An emulated Check Point gateway. */
interface CheckPointGateway extends EmulatedRouter {
  device: Device;
  before: string;
}

let started = 0;

/** Emulated Check Point gateways with a password of expert mode, whose timer is the guard's on a real kernel. */
export const CHECK_POINT: EmulatedKind<CheckPointGateway> = {
  windowMilliseconds: WINDOW_SECONDS * 1000,
  foreign: FOREIGN,
  isChange: (command) => command === CONFIRMATION || isChange(command),
  // Each creation records an identity of its own.
  withoutOwner: (text) => text.replaceAll(/\bSPSrdpO[0-9a-f]*U[0-9a-f]*N/g, "SPSrdpN"),
  async start(isMeasured) {
    started += 1;
    const lab = await CheckPointLab.start(`lockout-gaia-${started}`, true, { keepsLockOfLostSession: true });
    const { device } = lab.router;
    await lab.enter(...FOREIGN);
    device.save();
    device.isShellOutputLost = (output) =>
      output.includes("verdict kept") && device.faultFor(CONFIRMATION) === "drop-after";
    const { router, ...raw } = lab.raw({ redirections: [lab.redirection({ serverCidrs: SERVERS })] });
    // Shorter than programs may set it.
    const commitConfirm = { windowSeconds: isMeasured ? WINDOW_SECONDS : 60 };
    const { expertPassword } = device;
    return {
      device,
      before: lab.running,
      running: () => lab.running,
      startup: () => lab.saved,
      async isPending() {
        const listed = await lab.network?.exec("router", [
          "sh",
          "-c",
          "ls /run/sps-redirect/commit.*/undo /run/sps-redirect/commit.*/undo.run",
        ]);
        return listed?.stdout.trim() !== "";
      },
      async inputs(persist) {
        const inputs = await lab.inputs({ ...raw, persist, router: { ...(router as object), expertPassword } });
        return { ...inputs, commitConfirm };
      },
      context: () => lab.context(),
      stop: () => lab.stop(),
    };
  },
  faults: [
    ...commandFaults<CheckPointGateway>("CLINFR0329  Invalid command:'set'."),
    {
      name: "another session takes the lock",
      strike: ({ device }) => {
        device.lockHolder = { user: "webadmin" };
        return undefined;
      },
    },
    { name: "the gateway restarts", strike: ({ device }) => void device.reboot() },
    ...pathFaults<CheckPointGateway>({
      last: LAST,
      effective: LAST,
      confirmation: new RegExp(CONFIRMATION),
      isOver: (gateway) => () => gateway.running() === gateway.before,
    }),
  ],
};
