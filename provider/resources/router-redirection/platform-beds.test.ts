import assert from "node:assert/strict";
import type { LabDescription } from "../../../lab/common/description";
import { type RouterByHand, routerByHand } from "../../../tools/start/router-by-hand";
import { checkPoint } from "../../router/check-point/platform";
import { ciscoIos } from "../../router/cisco-ios/platform";
import { linux } from "../../router/linux/platform";
import type { RouterPlatform } from "../../router/platform";
import { sophosUtm } from "../../router/sophos-utm/platform";
import { CheckPointLab } from "./check-point-lab.test";
import { CiscoLab } from "./cisco-lab.test";
import { LabRouter } from "./lab-router.test";
import type { PlatformLab } from "./platform-lab.test";
import { SophosLab } from "./sophos-lab.test";

/** A router in a lab network for the tests that are the same on all platforms. */
export interface PlatformBed {
  lab: PlatformLab;
  /** Redirections that the lab's router can have on any platform. */
  redirection: Record<string, unknown>;
  /** Inputs with which the router gives a root shell, where it does not always. */
  rootShell?: Record<string, unknown>;
  /** An interface that the router does not have. */
  missingInterface: string;
  /** The interface towards the servers. */
  serverInterface: string;
  /** Everything that redirections could touch, as the router has it, and what it keeps for a restart. */
  configuration(): Promise<string>;
  /** What was changed on the router while work was done, one entry for each change. */
  changesDuring(work: () => Promise<unknown>): Promise<readonly string[]>;
  /** Breaks the redirection as an administrator would. */
  damage(): Promise<unknown>;
  /** Restarts the router with what it keeps. */
  restart(): Promise<unknown>;
  stop(): Promise<void>;
}

/** A platform, and how to start a bed for it. */
export interface BedKind {
  platform: RouterPlatform;
  /** What it has to refuse in previews: the paths of inputs, with the word that is refused. Everything else has to work. */
  refuses: readonly string[];
  start(name: string): Promise<PlatformBed>;
}

const NO_CONNECTIONS = ["redirections[0].existingConnections", "removal.connections", "probe.traffic"];

export const BED_KINDS: readonly BedKind[] = [
  { platform: linux as unknown as RouterPlatform, refuses: [], start: linuxBed },
  {
    platform: ciscoIos as unknown as RouterPlatform,
    refuses: NO_CONNECTIONS,
    start: ciscoBed,
  },
  {
    platform: checkPoint as unknown as RouterPlatform,
    refuses: [...NO_CONNECTIONS, "redirections[0].addressMode client", "bypass"],
    start: checkPointBed,
  },
  {
    platform: sophosUtm as unknown as RouterPlatform,
    refuses: [
      ...NO_CONNECTIONS,
      "redirections[0].failMode closed",
      "bypass",
      "probe.path",
      "probe.hosts",
      "probe.hosts[0].port",
    ],
    start: sophosBed,
  },
];

/** Writes each change of rules and routes to files, in the kernel's order. */
const WATCH_KERNEL = `rm -rf /run/watched && mkdir /run/watched && cd /run/watched
nft monitor >nft 2>&1 </dev/null & echo $! >pids
ip -4 monitor route rule >ip 2>&1 </dev/null & echo $! >>pids
sleep 0.3`;

const KERNEL_CHANGES = `cd /run/watched && sleep 0.3 && kill $(cat pids) && cat nft ip && rm -r /run/watched`;

async function linuxBed(name: string): Promise<PlatformBed> {
  const lab = await LabRouter.start(name);
  await lab.runOverSsh("mkdir -p /run/systemd/system /etc/systemd/system");
  return {
    lab,
    redirection: { clientCidrs: ["192.168.50.0/24"] },
    missingInterface: "eth9",
    serverInterface: "rsrv",
    configuration: () => lab.snapshot(),
    changesDuring: async (work) => {
      await lab.run(WATCH_KERNEL);
      await work();
      return (await lab.run(KERNEL_CHANGES)).split("\n").filter((line) => line !== "");
    },
    damage: () => lab.run("iptables -t mangle -D SPS-R-rdp 1"),
    restart: () => lab.restart(),
    stop: () => lab.stop(),
  };
}

async function ciscoBed(name: string): Promise<PlatformBed> {
  const lab = await CiscoLab.start(name, true);
  return {
    lab,
    redirection: {},
    missingInterface: "GigabitEthernet9",
    serverInterface: "GigabitEthernet2",
    configuration: async () => `${lab.running}\n${lab.startup}`,
    changesDuring: (work) => lab.commandsDuring(work),
    damage: () => byHand(lab, { ciscoIos: lab.router.describe() }).breakRedirection(),
    restart: () => lab.router.device.reload(),
    stop: () => lab.stop(),
  };
}

async function checkPointBed(name: string): Promise<PlatformBed> {
  const lab = await CheckPointLab.start(name, true);
  return {
    lab,
    redirection: {},
    rootShell: lab.withExpertPassword(),
    missingInterface: "eth9",
    serverInterface: "eth2",
    configuration: async () => `${lab.running}\n${lab.saved}`,
    changesDuring: (work) => lab.commandsDuring(work),
    damage: () => byHand(lab, { checkPoint: lab.router.describe() }).breakRedirection(),
    restart: () => lab.router.device.reboot(),
    stop: () => lab.stop(),
  };
}

async function sophosBed(name: string): Promise<PlatformBed> {
  const lab = await SophosLab.start(name, true);
  const caFile = lab.caFile;
  return {
    lab,
    redirection: { failMode: "open" },
    missingInterface: "Guest",
    serverInterface: "ServerFarm",
    configuration: async () => JSON.stringify(lab.configuration),
    changesDuring: (work) => lab.changesDuring(work),
    damage: () => byHand(lab, { sophosUtm: lab.router.describe(caFile) }).breakRedirection(),
    restart: () => lab.router.restart(),
    stop: () => lab.stop(),
  };
}

function byHand({ network }: PlatformLab, router: Partial<LabDescription>): RouterByHand {
  const found = routerByHand({ network: network?.description, ...router } as LabDescription);
  assert.ok(found);
  return found;
}
