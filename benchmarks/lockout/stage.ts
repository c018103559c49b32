import type { ChildProcess } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import type { Contender } from "./contenders";
import { CUT_AWAY, CUT_MADE } from "./cuts";
import { type Fault, JUMPING_DATE, LAYERS_AWAY, type Scene } from "./faults";
import { Wire } from "./wire";

/** How one run ended. */
export interface LockoutRun {
  fault: string;
  /** True when the fault met the changes while they were made; a run without does not count. */
  isInjected: boolean;
  /** What the contender was doing then. */
  phase: string;
  /** Control was back in time: a new login works, nothing is undecided, and the layers are whole or not there. */
  isRecovered: boolean;
  /** From the begin of the changes, or from the fault, until control was seen to be back, in seconds. */
  seconds: number;
  areForeignRulesLost: boolean;
  /** Why it did not recover, or was not injected; empty otherwise. */
  reason: string;
}

/** How much longer than the window control may be away, in seconds. */
export const GRACE_SECONDS = 2;

/** How long after its time is over a router is still watched, to tell late from lost, in seconds. */
const WATCH_SECONDS = 6;

/** Rules of other programs in every layer, seeded before and compared byte by byte after each run. */
const FOREIGN = `iptables -t mangle -A PREROUTING -i rsrv -j MARK --set-xmark 0x4200/0xff00
iptables -t mangle -N OTHER; iptables -t mangle -A OTHER -s 10.9.9.0/24 -j RETURN
iptables -A FORWARD -s 10.9.9.0/24 -j DROP
iptables -t nat -A POSTROUTING -s 10.8.8.0/24 -o rsrv -j MASQUERADE
ip rule add pref 500 to 10.77.0.0/16 lookup 77; ip route add 10.77.0.0/16 via 10.0.0.5 table 77
ip route add 10.66.0.0/16 via 10.0.0.6`;

/** Another program adds this rule in the middle of each run. */
const LATE_RULE = "OTHER -s 10.9.8.7/32 -j RETURN";

const LAYERS_THERE = [/-j SPS-R-rdp/, /^:SPS-R-rdp/m, /^10302:.*fwmark/m, /^default via 172\.16\.9\.2 .*10302/m];

/** A router of its own that is hit again and again. */
export class LockoutStage {
  /** How long the changes took when no fault met them last: the faults come in this time. */
  private milliseconds = 0;

  private constructor(
    private readonly router: LabRouter,
    private readonly contender: Contender,
    private readonly windowSeconds: number,
    private readonly foreign: string,
  ) {}

  static async open(name: string, contender: Contender, windowSeconds: number): Promise<LockoutStage> {
    const router = await LabRouter.start(name);
    await router.run(FOREIGN);
    await router.runOverSsh(JUMPING_DATE);
    const stage = new LockoutStage(router, contender, windowSeconds, await router.snapshot());
    const { reason } = await stage.run({ name: "none", isMet: /./ }, () => 0);
    if (reason) {
      await stage.close();
      throw new Error(`${contender.name} fails without any fault: ${reason}`);
    }
    return stage;
  }

  async close(): Promise<void> {
    await this.router.stop();
  }

  /** Applies a redirection, strikes at a random moment, and waits until control is back or the time is over. */
  async run(fault: Fault, random: (limit: number) => number): Promise<LockoutRun> {
    const { router, contender, windowSeconds } = this;
    const wire = await Wire.to(router.network.description.router.port);
    await router.network.setDelay(random(25));
    let victim: Victim | undefined;
    const scene: Scene = {
      router,
      killProvider: () => victim?.kill(),
      jumpProvidersClock: (seconds) => victim?.tell(seconds),
      cutConnections: () => wire.cut(),
      random,
    };
    try {
      await fault.prepare?.(scene);
      const folder = mkdtempSync(join(dirname(router.network.description.router.privateKeyFile), "run-"));
      const task = { router, port: wire.port, windowSeconds, folder, ...(fault.cut && { cut: fault.cut }) };
      victim = new Victim(await contender.launch(task), contender.beginning(fault.cut));
      const isBegun = await victim.begun;
      const begun = performance.now();
      const late = pause(random(this.milliseconds)).then(() => router.run(`iptables -t mangle -A ${LATE_RULE}`));
      let isInjected = isBegun;
      let { phase } = victim;
      if (isBegun && fault.strike) {
        await pause(random(this.milliseconds));
        phase = victim.phase;
        isInjected = !victim.isDone && (await fault.strike(scene));
      }
      const from = contender.isSeenByProcess ? performance.now() : begun;
      const control = await this.awaitControl(fault, victim, from);
      // What is left of the process has the time that a user would give it.
      await Promise.race([victim.ended, pause((windowSeconds + 10) * 1000)]);
      if (!isInjected || fault.isMet) this.milliseconds = (victim.doneAt ?? performance.now()) - begun;
      if (fault.isMet && !fault.isMet.test(victim.said)) isInjected = false;
      if (fault.cut) isInjected &&= (await router.run(`ls ${CUT_MADE} 2>/dev/null; true`)) !== "";
      victim.kill();
      await late;
      const reason = control.reason || (isInjected ? "" : `not struck (${victim.said.trim().split("\n").at(-1)})`);
      return { fault: fault.name, isInjected, phase, ...control, reason, ...(await this.cleanUp(fault, control)) };
    } finally {
      victim?.kill();
      await wire.stop();
    }
  }

  /** Looks until control is back twice in a row, for what was sent may still be on its way at the first look. */
  private async awaitControl(fault: Fault, victim: Victim, from: number) {
    const limit = from + (this.windowSeconds + GRACE_SECONDS) * 1000;
    let isShut = fault.isShutting === true;
    let since: number | undefined;
    let reason = "";
    while (performance.now() < limit + WATCH_SECONDS * 1000) {
      const look = performance.now();
      const isOver = look > from + this.windowSeconds * 1000;
      if (isShut && (await this.undecided(victim, isOver)) === "") {
        // A foreign rule that shuts the path is not ours to take away: whoever made it does, and work may go on then.
        await fault.end?.({ router: this.router });
        isShut = false;
      }
      const now = isShut ? "shut, and undecided" : await this.missing(victim, isOver);
      if (now !== "") {
        reason = now;
        since = undefined;
      } else if (since === undefined) since = look;
      else {
        const seconds = (since - from) / 1000;
        const isRecovered = since <= limit;
        return { isRecovered, seconds, reason: isRecovered ? "" : `only after ${seconds.toFixed(1)} s: ${reason}` };
      }
      await pause(since === undefined ? 100 : 150);
    }
    return { isRecovered: false, seconds: (performance.now() - from) / 1000, reason };
  }

  private async undecided(victim: Victim, isOver: boolean): Promise<string> {
    if (this.contender.isSeenByProcess && !victim.isDone && !isOver) return "still at work";
    return (await this.router.run(`{ ${this.contender.pending}\n} | head -n 3; true`)).trim();
  }

  private async missing(victim: Victim, isOver: boolean): Promise<string> {
    const undecided = await this.undecided(victim, isOver);
    if (undecided !== "") return undecided;
    const working = (await this.router.run(this.contender.working)).trim();
    if (working !== "") return working;
    const login = await this.router
      .runOverSsh("ls -d /run/sps-redirect/commit.*/undo /run/sps-redirect/commit.*/undo.run 2>/dev/null; echo in")
      .catch((error: unknown) => String(error));
    if (login !== "in\n") return `no login, or undecided: ${login.trim()}`;
    const there = layersIn(await this.router.snapshot());
    return there === 0 || there === LAYERS_THERE.length ? "" : `${there} of ${LAYERS_THERE.length} layers are there`;
  }

  /** Takes everything away that may be left, and looks whether what others have put there still is. */
  private async cleanUp(
    fault: Fault,
    { isRecovered }: { isRecovered: boolean },
  ): Promise<Pick<LockoutRun, "areForeignRulesLost">> {
    await this.router.network.setDelay(0);
    await this.router.run(CUT_AWAY);
    await fault.end?.({ router: this.router });
    await this.router.run(`rm -rf /run/sps-redirect /run/root/.ansible* /run/rules.ansible\n${LAYERS_AWAY}`);
    const lost = await this.router.run(`iptables -t mangle -D ${LATE_RULE} 2>/dev/null || echo lost`);
    const snapshot = await this.router.snapshot();
    const areForeignRulesLost = lost !== "" || snapshot !== this.foreign;
    if (isRecovered || !areForeignRulesLost) return { areForeignRulesLost };
    // Later runs must not pay for this one.
    await this.router.run(`iptables -t mangle -F; iptables -t mangle -X; iptables -F; iptables -t nat -F
ip rule del pref 500 2>/dev/null; ip route flush table 77; ip route del 10.66.0.0/16 2>/dev/null; true\n${FOREIGN}`);
    return { areForeignRulesLost };
  }
}

/** The process that makes the changes. */
class Victim {
  said = "";
  /** When it said how it ended, or ended without a word, as `performance.now()`. */
  doneAt: number | undefined;
  readonly begun: Promise<boolean>;
  readonly ended: Promise<void>;

  constructor(
    private readonly child: ChildProcess,
    beginning: string,
  ) {
    const isDone = () => {
      this.doneAt ??= performance.now();
    };
    this.ended = new Promise((resolve) => child.once("close", () => resolve(isDone())));
    this.begun = new Promise((resolve) => {
      const limit = setTimeout(() => resolve(false), 60_000);
      const settle = (isBegun: boolean) => {
        clearTimeout(limit);
        resolve(isBegun);
      };
      child.stdout?.on("data", (chunk: Buffer) => {
        this.said += chunk.toString();
        if (this.said.includes(beginning)) settle(true);
        if (/^END /m.test(this.said)) isDone();
      });
      child.once("close", () => settle(false));
    });
  }

  /** True as soon as it has said how it ended, or has ended. */
  get isDone(): boolean {
    return /^END /m.test(this.said) || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The last thing it said, without what belongs to this run alone. */
  get phase(): string {
    const last = this.said.trim().split("\n").at(-1) ?? "";
    return last
      .replace(/^router \S+: /, "")
      .replace(/\d+/g, "N")
      .slice(0, 60);
  }

  tell(message: number): void {
    if (this.child.connected) this.child.send(message);
  }

  kill(): void {
    if (this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // It ended just then.
    }
  }
}

function layersIn(snapshot: string): number {
  return LAYERS_THERE.filter((part) => part.test(snapshot)).length;
}
