import { mkdtempSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { inSessions, provideIfupdown } from "../lab/sessions";
import { type Contender, PRODUCT } from "./contenders";
import { CUT_AWAY, CUT_MADE } from "./cuts";
import { type Fault, JUMPING_DATE, type Scene } from "./faults";
import { LAYERS, LAYERS_AWAY, layersIn } from "./layers";
import { FILES_AWAY, KeptState } from "./restart";
import { Victim } from "./victim-process";
import { Wire } from "./wire";

/** The result of one run. */
export interface LockoutRun {
  fault: string;
  /** True when the fault struck while changes were made; other runs do not count. */
  isInjected: boolean;
  /** The phase of the contender when the fault struck. */
  phase: string;
  /** True when control was back in time: a new login works, nothing is pending, and all layers or none exist. */
  isRecovered: boolean;
  /**
   * Seconds from the beginning of the changes, or from the fault, until control was back, or until the end of the watch.
   */
  seconds: number;
  areForeignRulesLost: boolean;
  /** True when no login succeeded until the end of the watch. */
  isLockedOut: boolean;
  /** True when the redirection had to persist. */
  persist: boolean;
  /** True when a restart restores the confirmed state or nothing; only the product is checked. */
  isRestartRight: boolean;
  /** Why the run did not recover or the fault missed; else empty. */
  reason: string;
  /** What the watch saw, each change with its time, and then the lines of the contender. */
  log: readonly string[];
}

/** How long after the commit window control may be lost, in seconds. */
export const GRACE_SECONDS = 2;

/** How long after its limit a router is still watched, to tell late from lost, in seconds. */
const WATCH_SECONDS = 6;

/** Limit of a login of the watch. A login that began before control was back may hang; a later one tells the truth sooner. */
const LOGIN_SECONDS = 1.5;

const NO_LOGIN = "no login, or changes pending";

/** Rules of other programs in every layer, seeded before and compared byte by byte after each run. */
const FOREIGN = `iptables -t mangle -A PREROUTING -i rsrv -j MARK --set-xmark 0x4200/0xff00
iptables -t mangle -N OTHER; iptables -t mangle -A OTHER -s 10.9.9.0/24 -j RETURN
iptables -A FORWARD -s 10.9.9.0/24 -j DROP
iptables -t nat -A POSTROUTING -s 10.8.8.0/24 -o rsrv -j MASQUERADE
ip rule add pref 500 to 10.77.0.0/16 lookup 77; ip route add 10.77.0.0/16 via 10.0.0.5 table 77
ip route add 10.66.0.0/16 via 10.0.0.6`;

/** Another program adds this rule in the middle of each run. */
const LATE_RULE = "OTHER -s 10.9.8.7/32 -j RETURN";

/** A router on which runs are repeated. */
export class LockoutStage {
  private readonly kept: KeptState;
  /** How long the changes last took without a fault: faults strike within this time. */
  private milliseconds = 0;

  private constructor(
    private readonly router: LabRouter,
    private readonly contender: Contender,
    private readonly windowSeconds: number,
    private readonly foreign: string,
  ) {
    this.kept = new KeptState(router, async () => layersIn(await router.snapshot()), LAYERS);
  }

  static async open(name: string, contender: Contender, windowSeconds: number): Promise<LockoutStage> {
    const router = await LabRouter.start(name);
    await router.run(FOREIGN);
    const stage = new LockoutStage(router, contender, windowSeconds, await router.snapshot());
    const { reason } = await stage.run({ name: "none", isMet: /./ }, () => 0, contender === PRODUCT);
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
  async run(fault: Fault, random: (limit: number) => number, persist: boolean): Promise<LockoutRun> {
    const { router, contender, windowSeconds } = this;
    const wire = await Wire.to(router.network.description.router.port);
    await router.network.setDelay(random(25));
    let victim: Victim | undefined;
    const scene: Scene = {
      router,
      killProvider: () => victim?.kill(),
      jumpProvidersClock: (seconds) => victim?.send(seconds),
      cutConnections: () => wire.cut(),
      random,
    };
    try {
      await inSessions(router, JUMPING_DATE);
      await provideIfupdown(router);
      await fault.prepare?.(scene);
      const folder = mkdtempSync(join(dirname(router.network.description.router.privateKeyFile), "run-"));
      const task = { router, port: wire.port, windowSeconds, folder, persist, ...(fault.cut && { cut: fault.cut }) };
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
      // The process gets the time that a user would give it.
      await Promise.race([victim.ended, pause((windowSeconds + 10) * 1000)]);
      if (!isInjected || fault.isMet) this.milliseconds = (victim.doneAt ?? performance.now()) - begun;
      if (fault.isMet && !fault.isMet.test(victim.output)) isInjected = false;
      if (fault.cut) isInjected &&= (await router.run(`ls ${CUT_MADE} 2>/dev/null; true`)) !== "";
      victim.kill();
      await late;
      const wrong = await this.wrongAfterRestart(fault, victim, persist);
      const missed = isInjected ? "" : `fault missed (${victim.output.trim().split("\n").at(-1)})`;
      const reason = [control.reason || missed, wrong].filter((text) => text !== "").join("; ");
      const isRestartRight = wrong === "";
      const end = await this.cleanUp(fault, control);
      const log = [...control.log, ...victim.output.trim().split("\n")];
      return { fault: fault.name, isInjected, phase, ...control, reason, persist, isRestartRight, ...end, log };
    } finally {
      victim?.kill();
      await wire.stop();
    }
  }

  /** What an emulated restart would restore wrongly; empty when nothing. */
  private async wrongAfterRestart(fault: Fault, victim: Victim, persist: boolean): Promise<string> {
    if (this.contender !== PRODUCT) return "";
    if (!this.kept.isLearned) await this.kept.learn();
    const count = layersIn(await this.router.snapshot());
    const isConfirmed = /^END confirmed/m.test(victim.output);
    return await this.kept.wrong(
      { persist, isConfirmed, isRolledBack: count === 0 && !fault.isRestart },
      async () => void (await fault.end?.({ router: this.router })),
    );
  }

  /** Waits until control is back in two checks in a row, because a packet may still be on its way at the first one. */
  private async awaitControl(fault: Fault, victim: Victim, from: number) {
    const limit = from + (this.windowSeconds + GRACE_SECONDS) * 1000;
    let isClosed = fault.isClosingPath === true;
    let since: number | undefined;
    let reason = "";
    const log: string[] = [];
    const note = (text: string) => {
      const seconds = ((performance.now() - from) / 1000).toFixed(2);
      if (!log.at(-1)?.endsWith(`s: ${text}`)) log.push(`${seconds} s: ${text}`);
    };
    while (performance.now() < limit + WATCH_SECONDS * 1000) {
      const look = performance.now();
      const isOver = look > from + this.windowSeconds * 1000;
      if (isClosed && (await this.pending(victim, isOver)) === "") {
        // The provider must not remove a foreign rule that closes the path. Its owner does, and the work goes on.
        await fault.end?.({ router: this.router });
        isClosed = false;
        note("the owner opens the path");
      }
      const now = isClosed ? "path closed, changes pending" : await this.missing(victim, isOver);
      note(now || "control is back");
      if (now !== "") {
        reason = now;
        since = undefined;
      } else if (since === undefined) since = look;
      else {
        const seconds = (since - from) / 1000;
        const isRecovered = since <= limit;
        const late = isRecovered ? "" : `only after ${seconds.toFixed(1)} s: ${reason}`;
        return { isRecovered, seconds, reason: late, isLockedOut: false, log };
      }
      await pause(since === undefined ? 100 : 150);
    }
    const isLockedOut = reason.startsWith(NO_LOGIN);
    return { isRecovered: false, seconds: (performance.now() - from) / 1000, reason, isLockedOut, log };
  }

  private async pending(victim: Victim, isOver: boolean): Promise<string> {
    if (this.contender.isSeenByProcess && !victim.isDone && !isOver) return "still at work";
    return (await this.router.run(`{ ${this.contender.pending}\n} | head -n 3; true`)).trim();
  }

  private async missing(victim: Victim, isOver: boolean): Promise<string> {
    const pending = await this.pending(victim, isOver);
    if (pending !== "") return pending;
    const working = (await this.router.run(this.contender.working)).trim();
    if (working !== "") return working;
    const login = await this.router
      .runOverSsh(
        "ls -d /run/sps-redirect/commit.*/undo /run/sps-redirect/commit.*/undo.run 2>/dev/null; echo in",
        LOGIN_SECONDS,
      )
      .catch((error: unknown) => String(error));
    if (login !== "in\n") return `${NO_LOGIN}: ${login.trim()}`;
    const count = layersIn(await this.router.snapshot());
    return count === 0 || count === LAYERS ? "" : `${count} of ${LAYERS} layers exist`;
  }

  /** Removes everything that may be left and checks that foreign rules are unchanged. */
  private async cleanUp(
    fault: Fault,
    { isRecovered }: { isRecovered: boolean },
  ): Promise<Pick<LockoutRun, "areForeignRulesLost">> {
    await this.router.network.setDelay(0);
    await this.router.run(CUT_AWAY);
    await fault.end?.({ router: this.router });
    await this.router.run(
      `rm -rf /run/sps-redirect /run/root/.ansible* /run/rules.ansible\n${FILES_AWAY}\n${LAYERS_AWAY}`,
    );
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
