import { setTimeout as pause } from "node:timers/promises";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { inSessions } from "../lab/sessions";
import type { Cut } from "./cuts";
import { LAYERS_AWAY } from "./layers";
import { END_SESSIONS } from "./restart";

/** What a fault can reach. */
export interface Scene {
  router: LabRouter;
  /** Kills the provider's process without a warning. */
  killProvider(): void;
  /** Lets the clock of the provider's process jump by so many seconds. */
  jumpProvidersClock(seconds: number): void;
  /** Resets every connection between provider and router; false when there was none. */
  cutConnections(): boolean;
  /** A number below `limit`. */
  random(limit: number): number;
}

/** Something that goes wrong in the middle of an apply. */
export interface Fault {
  name: string;
  /** Set up before the apply begins. */
  prepare?(scene: Scene): Promise<void>;
  /** Strikes at a random moment of the apply; false when there was nothing to strike. */
  strike?(scene: Scene): Promise<boolean>;
  /** What the changes themselves do to the management path. */
  cut?: Cut;
  /** Words of the end that tell that the fault was met, where it is not struck. */
  isMet?: RegExp;
  /** True when it strikes what only this product has; rivals are spared it. */
  isOfProduct?: boolean;
  /** True when it strikes what outlives restarts, so that there has to be such. */
  isOfPersistence?: boolean;
  /** True when it restarts the router, which loses the layers and may bring them back. */
  isRestart?: boolean;
  /** True when the fault shuts the management path by itself; `end` opens it. */
  isShutting?: boolean;
  /** Takes away what the fault itself has put there. May be called again. */
  end?(scene: Pick<Scene, "router">): Promise<void>;
}

const OF_MANAGEMENT = { new: "-i rmgt -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP", all: "-i rmgt -j DROP" };

/** A rule of somebody else's hand that shuts the management path, for new connections or for all packets. */
function shut(what: keyof typeof OF_MANAGEMENT, isKilling: boolean): Pick<Fault, "strike" | "end" | "isShutting"> {
  return {
    isShutting: true,
    strike: async ({ router, killProvider }) => {
      await router.run(`iptables -I INPUT 1 ${OF_MANAGEMENT[what]}`);
      if (isKilling) killProvider();
      return true;
    },
    end: async ({ router }) => void (await router.run(`iptables -D INPUT ${OF_MANAGEMENT[what]} 2>/dev/null; true`)),
  };
}

const MOUNT = "mkdir -p /run/sps-redirect && mount -t tmpfs";
const UNMOUNT = "umount /run/sps-redirect 2>/dev/null; rmdir /run/sps-redirect 2>/dev/null; true";

/**
 * The faults of the sweep. Network namespaces have neither a clock of their own nor a restart. The jump of the clock is
 * what `date` says on the router and what the provider's process sees; the kernel's own clocks go on. A restart is
 * the loss of what is in memory only: the sessions with all they have started, the run's folder and our four layers.
 */
export const FAULTS: readonly Fault[] = [
  {
    name: "provider killed",
    strike: async ({ killProvider }) => {
      killProvider();
      return true;
    },
  },
  { name: "connection cut", strike: async ({ cutConnections }) => cutConnections() },
  {
    name: "connection cut, provider killed",
    strike: async ({ cutConnections, killProvider }) => {
      killProvider();
      return cutConnections();
    },
  },
  { name: "new logins dropped by a foreign rule", ...shut("new", false) },
  { name: "new logins dropped by a foreign rule, provider killed", ...shut("new", true) },
  { name: "all packets of management dropped by a foreign rule", ...shut("all", false) },
  { name: "the changes drop new logins", cut: "new" },
  { name: "the changes drop all packets of management", cut: "all" },
  {
    name: "the changes drop all packets of management, provider killed",
    cut: "all",
    strike: async ({ killProvider }) => {
      killProvider();
      return true;
    },
  },
  {
    name: "sshd killed with its sessions, and started",
    strike: async ({ router, killProvider, random }) => {
      await router.network.stopSshd();
      await router.run(
        `for one in /proc/[0-9]*; do [ "$(cat "$one/comm" 2>/dev/null)" = sshd ] && kill -9 "\${one#/proc/}"; done; true`,
      );
      if (random(2) === 1) killProvider();
      await pause(random(600));
      await router.network.startSshd();
      return true;
    },
  },
  {
    name: "shells of the run killed, the timer's parent with them",
    isOfProduct: true,
    strike: async ({ router, killProvider, random }) => {
      const killed = await router.run(`looks=0
until [ -n "$(cat /run/sps-redirect/commit.*/worker 2>/dev/null)" ] || [ $looks -ge 25 ]; do looks=$((looks + 1)); sleep 0.02; done
for file in /run/sps-redirect/commit.*/worker; do
  [ -s "$file" ] || continue
  worker=$(cat "$file")
  parent=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$worker/status" 2>/dev/null)
  case "$(cat "/proc/$parent/comm" 2>/dev/null)" in *sh) kill -9 "$parent" && echo parent ;; esac
  kill -9 "$worker" 2>/dev/null && echo worker
done
true`);
      if (random(2) === 1) killProvider();
      return killed.includes("worker");
    },
  },
  {
    name: "restart of the router, emulated",
    isRestart: true,
    strike: async ({ router, killProvider }) => {
      killProvider();
      await router.run(`${END_SESSIONS}\n${LAYERS_AWAY}`);
      return true;
    },
  },
  {
    name: "clock jump, emulated",
    strike: async ({ router, jumpProvidersClock, killProvider, random }) => {
      const seconds = (random(2) === 1 ? 1 : -1) * (60 + random(100_000));
      await router.run(`echo ${seconds} >/run/clock-jump`);
      jumpProvidersClock(seconds);
      if (random(2) === 1) killProvider();
      return true;
    },
    end: async ({ router }) => void (await router.run("rm -f /run/clock-jump")),
  },
  {
    name: "/run full from the beginning",
    isOfProduct: true,
    prepare: async ({ router }) =>
      void (await inSessions(
        router,
        `${MOUNT} -o size=4k,nr_inodes=3 tmpfs /run/sps-redirect && echo full >/run/sps-redirect/a`,
      )),
    isMet: /\[SG3305\]/,
    end: async ({ router }) => void (await inSessions(router, UNMOUNT)),
  },
  {
    name: "/run full in the middle",
    isOfProduct: true,
    prepare: async ({ router }) => void (await inSessions(router, `${MOUNT} -o size=256k tmpfs /run/sps-redirect`)),
    strike: async ({ router, killProvider, random }) => {
      const filled = await inSessions(
        router,
        "head -c 300000 /dev/zero >/run/sps-redirect/filling 2>/dev/null || echo full",
      );
      if (random(2) === 1) killProvider();
      return filled === "full\n";
    },
    end: async ({ router }) => void (await inSessions(router, `rm -f /run/sps-redirect/filling; ${UNMOUNT}`)),
  },
  {
    name: "restart of the router while its files are written, emulated, on a slow disk",
    isOfProduct: true,
    isOfPersistence: true,
    isRestart: true,
    prepare: async ({ router }) => void (await inSessions(router, SLOW_MOVES)),
    strike: async ({ router, killProvider, random }) => {
      const begun = await router.run(`looks=0
until [ -d /etc/sps-redirect/.new ] || [ $looks -ge 300 ]; do looks=$((looks + 1)); sleep 0.02; done
sleep 0.${100 + random(500)}`);
      killProvider();
      await router.run(`${END_SESSIONS}\n${LAYERS_AWAY}`);
      return begun === "" && (await router.run("ls -d /etc/sps-redirect/.new 2>/dev/null; true")) !== "";
    },
    end: async ({ router }) => void (await inSessions(router, QUICK_MOVES)),
  },
  {
    name: "/etc full from the beginning",
    isOfProduct: true,
    isOfPersistence: true,
    prepare: async ({ router }) =>
      void (await inSessions(
        router,
        "mkdir /etc/sps-redirect && mount -t tmpfs -o size=4k,nr_inodes=3 tmpfs /etc/sps-redirect",
      )),
    isMet: /\[SG3309\]/,
    end: async ({ router }) =>
      void (await inSessions(router, "umount /etc/sps-redirect 2>/dev/null && rmdir /etc/sps-redirect; true")),
  },
];

/** Lets each file take its time to get to its place. */
const SLOW_MOVES = `mv=$(readlink -f "$(command -v mv)") && cp "$mv" /run/mv.real
cat >/run/mv.slow <<'END'
#!/bin/sh
case "$*" in */.new/*) sleep 0.2 ;; esac
exec /run/mv.real "$@"
END
chmod 755 /run/mv.slow && mount --bind /run/mv.slow "$mv"`;
const QUICK_MOVES = `umount "$(readlink -f "$(command -v mv)")" 2>/dev/null; true`;

/** Lets `date` on a router jump as soon as /run/clock-jump is there. For sessions of its SSH server; may be run again. */
export const JUMPING_DATE = `grep -q ' /usr/bin/date ' /proc/mounts && exit 0
cp /usr/bin/date /run/date.real
cat >/run/date.jumping <<'END'
#!/bin/sh
[ -s /run/clock-jump ] || exec /run/date.real "$@"
exec /run/date.real -d "@$(( $(/run/date.real +%s) + $(cat /run/clock-jump) ))" "$@"
END
chmod 755 /run/date.jumping && mount --bind /run/date.jumping /usr/bin/date`;
