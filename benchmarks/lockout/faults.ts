import { setTimeout as pause } from "node:timers/promises";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { inSessions } from "../lab/sessions";
import type { Cut } from "./cuts";
import { LAYERS_AWAY } from "./layers";
import { END_SESSIONS } from "./restart";

/** What a fault can act on. */
export interface Scene {
  router: LabRouter;
  /** Kills the provider's process with SIGKILL. */
  killProvider(): void;
  /** Moves the clock of the provider's process by this many seconds. */
  jumpProvidersClock(seconds: number): void;
  /** Resets every connection between provider and router; false when there was none. */
  cutConnections(): boolean;
  /** A random number below `limit`. */
  random(limit: number): number;
}

/** A fault during an apply. */
export interface Fault {
  name: string;
  /** Prepares the router before the apply begins. */
  prepare?(scene: Scene): Promise<void>;
  /** Strikes at a random moment of the apply; false when it had no effect. */
  strike?(scene: Scene): Promise<boolean>;
  /** How the changes themselves cut the management path. */
  cut?: Cut;
  /** Matches the final line when a fault without `strike` took effect. */
  isMet?: RegExp;
  /** True when it strikes something that only the product has; rivals skip it. */
  isOfProduct?: boolean;
  /** True when it strikes what is stored for restarts, so that the run needs `persist`. */
  isOfPersistence?: boolean;
  /** True when it restarts the router, which removes the layers and may restore them. */
  isRestart?: boolean;
  /** True when the fault itself closes the management path; `end` opens it. */
  isClosingPath?: boolean;
  /** Removes everything that the fault has added. May be called again. */
  end?(scene: Pick<Scene, "router">): Promise<void>;
}

const OF_MANAGEMENT = { new: "-i rmgt -p tcp --dport 22 -m conntrack --ctstate NEW -j DROP", all: "-i rmgt -j DROP" };

/** A foreign rule that closes the management path, for new connections or for all packets. */
function closePath(
  packets: keyof typeof OF_MANAGEMENT,
  isKilling: boolean,
): Pick<Fault, "strike" | "end" | "isClosingPath"> {
  return {
    isClosingPath: true,
    strike: async ({ router, killProvider }) => {
      await router.run(`iptables -I INPUT 1 ${OF_MANAGEMENT[packets]}`);
      if (isKilling) killProvider();
      return true;
    },
    end: async ({ router }) => void (await router.run(`iptables -D INPUT ${OF_MANAGEMENT[packets]} 2>/dev/null; true`)),
  };
}

const MOUNT = "mkdir -p /run/sps-redirect && mount -t tmpfs";
const UNMOUNT = "umount /run/sps-redirect 2>/dev/null; rmdir /run/sps-redirect 2>/dev/null; true";

/**
 * The faults of the sweep. Network namespaces have neither their own clock nor a restart. A clock jump changes `date` on
 * the router and the clock of the provider's process, not the kernel's clocks. A restart removes what is in memory only:
 * the sessions with everything they started, the run folder and the provider's four layers.
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
  { name: "new logins dropped by a foreign rule", ...closePath("new", false) },
  { name: "new logins dropped by a foreign rule, provider killed", ...closePath("new", true) },
  { name: "all packets of management dropped by a foreign rule", ...closePath("all", false) },
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

/** Slows down each move of a file to its final place. */
const SLOW_MOVES = `mv=$(readlink -f "$(command -v mv)") && cp "$mv" /run/mv.real
cat >/run/mv.slow <<'END'
#!/bin/sh
case "$*" in */.new/*) sleep 0.2 ;; esac
exec /run/mv.real "$@"
END
chmod 755 /run/mv.slow && mount --bind /run/mv.slow "$mv"`;
const QUICK_MOVES = `umount "$(readlink -f "$(command -v mv)")" 2>/dev/null; true`;

/** Makes `date` jump in SSH sessions of a router once /run/clock-jump exists. May be run again. */
export const JUMPING_DATE = `grep -q ' /usr/bin/date ' /proc/mounts && exit 0
cp /usr/bin/date /run/date.real
cat >/run/date.jumping <<'END'
#!/bin/sh
[ -s /run/clock-jump ] || exec /run/date.real "$@"
exec /run/date.real -d "@$(( $(/run/date.real +%s) + $(cat /run/clock-jump) ))" "$@"
END
chmod 755 /run/date.jumping && mount --bind /run/date.jumping /usr/bin/date`;
