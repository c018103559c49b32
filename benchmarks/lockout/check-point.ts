import type { Device } from "../../lab/check-point/device";
import { CheckPointLab, isChange } from "../../provider/resources/router-redirection/check-point-lab.test";
import type { EmulatedKind, EmulatedRouter } from "./emulated";

const WINDOW_SECONDS = 3;

const FOREIGN = [
  "set pbr table Theirs static-route default nexthop gateway address 172.31.255.9 on",
  "set pbr rule priority 900 match to 10.9.0.0/16 interface eth1",
  "set pbr rule priority 900 action table Theirs",
];

/** The last change of a creation, and what stands for its confirmation in expert mode. */
const LAST = /1500 action/;
const CONFIRMATION = "the confirmation";

/** An emulated Check Point gateway. */
interface CheckPointGateway extends EmulatedRouter {
  device: Device;
  before: string;
}

/** No login until the gateway is as before: what a change does that cuts the management path. */
function cutOff(gateway: CheckPointGateway): undefined {
  const { device } = gateway;
  device.isLoginPossible = false;
  const back = setInterval(() => {
    if (gateway.running() !== gateway.before) return;
    device.isLoginPossible = true;
    clearInterval(back);
  }, 10);
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
    const { router, ...raw } = lab.raw();
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
    { name: "the provider is killed", needsProcess: true, strike: (_router, kill) => void kill() },
    { name: "the session ends before a command", strike: () => "drop-before" },
    { name: "the session ends after a command", strike: () => "drop-after" },
    { name: "a command gets no answer", strike: () => "silence" },
    { name: "a command is refused", strike: () => ({ prints: "CLINFR0329  Invalid command:'set'." }) },
    {
      name: "another session takes the lock",
      strike: ({ device }) => {
        device.lockHolder = { user: "webadmin" };
        return undefined;
      },
    },
    { name: "the gateway restarts", strike: ({ device }) => void device.reboot() },
    { name: "no new login after the change", at: LAST, strike: (gateway) => cutOff(gateway) },
    {
      name: "the change cuts off all sessions and logins",
      at: LAST,
      strike: (gateway) => {
        cutOff(gateway);
        return "drop-after";
      },
    },
    { name: "the answer to the confirmation is lost", at: new RegExp(CONFIRMATION), strike: () => "drop-after" },
    {
      name: "the provider is killed while it confirms",
      needsProcess: true,
      at: new RegExp(CONFIRMATION),
      strike: (_router, kill) => void kill(),
    },
  ],
};
