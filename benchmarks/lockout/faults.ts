import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";

/** What a fault can reach. */
export interface Scene {
  router: LabRouter;
  /** Kills the provider's process without a warning. */
  killProvider(): void;
  /** Resets every connection between provider and router. */
  cutConnections(): void;
  /** A number below `limit`. */
  random(limit: number): number;
}

/** Something that goes wrong in the middle of an apply. */
export interface Fault {
  name: string;
  /** True when it happens before the apply begins. */
  isEarly?: boolean;
  strike(scene: Scene): Promise<void>;
  /** Takes away what the fault itself has put there, before the router is looked at. */
  end?(scene: Scene): Promise<void>;
}

/** A rule of somebody else's hand that shuts the management path; `-C` tells whether it is there. */
const SHUT = "INPUT -i rmgt -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP";

/**
 * The faults of the sweep. Two are left out because a network namespace cannot have them: a jump of the clock (the timer
 * counts seconds with sleep and never reads a clock) and a real restart of the router, which is emulated by
 * deleting what is in memory only: the run's folder and our four layers.
 */
export const FAULTS: readonly Fault[] = [
  { name: "provider killed", strike: async (scene) => scene.killProvider() },
  { name: "connection cut", strike: async (scene) => scene.cutConnections() },
  {
    name: "provider killed, management shut by a foreign rule",
    strike: async (scene) => {
      await scene.router.run(`iptables -I ${SHUT.replace("INPUT", "INPUT 1")}`);
      scene.killProvider();
    },
    end: async ({ router }) => void (await router.run(`iptables -D ${SHUT} 2>/dev/null; true`)),
  },
  {
    name: "management shut by a foreign rule",
    strike: async ({ router }) => void (await router.run(`iptables -I ${SHUT.replace("INPUT", "INPUT 1")}`)),
    end: async ({ router }) => void (await router.run(`iptables -D ${SHUT} 2>/dev/null; true`)),
  },
  {
    name: "sshd stopped and started",
    strike: async ({ router, killProvider, random }) => {
      await router.network.stopSshd();
      if (random(2) === 1) killProvider();
      await new Promise((resolve) => setTimeout(resolve, random(600)));
      await router.network.startSshd();
    },
  },
  {
    name: "shells of the run killed",
    strike: async ({ router, killProvider, random }) => {
      await router.run(
        `for pid in $(cat /run/sps-redirect/commit.*/worker 2>/dev/null); do kill -9 $pid; done 2>/dev/null; true`,
      );
      if (random(2) === 1) killProvider();
    },
  },
  {
    name: "restart of the router, emulated",
    strike: async ({ router, killProvider }) => {
      killProvider();
      await router.run(`rm -rf /run/sps-redirect
iptables -t mangle -D PREROUTING -m comment --comment sps:rdp -j SPS-R-rdp 2>/dev/null
iptables -t mangle -F SPS-R-rdp 2>/dev/null; iptables -t mangle -X SPS-R-rdp 2>/dev/null
ip -4 rule del pref 10302 2>/dev/null; ip -4 route flush table 10302 2>/dev/null; true`);
    },
  },
  {
    name: "/run full",
    isEarly: true,
    strike: async ({ router }) =>
      void (await router.runOverSsh(
        "mkdir -p /run/sps-redirect && mount -t tmpfs -o size=4k,nr_inodes=3 tmpfs /run/sps-redirect && echo full >/run/sps-redirect/a",
      )),
    end: async ({ router }) =>
      void (await router.runOverSsh("umount /run/sps-redirect; rmdir /run/sps-redirect 2>/dev/null; true")),
  },
];
