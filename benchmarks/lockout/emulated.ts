import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Fault } from "../../lab/command-line/fault";
import type { OperationContext } from "../../provider/core/context";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";
import type { RouterRedirectionKnown } from "../../provider/resources/router-redirection/schema";

const GRACE_MILLISECONDS = 2000;
/** How often a run is tried until its fault strikes. */
const ATTEMPTS = 4;
/** How long after its limit a router is still watched, to tell late from lost. */
const WATCH_MILLISECONDS = 10_000;

/** An emulated router under test. */
export interface EmulatedRouter {
  device: { faultFor(command: string): Fault | undefined; isLoginPossible: boolean };
  running(): string;
  /** What a restart loads. */
  startup(): string;
  /** Whether the router holds changes that it may still roll back. */
  isPending(): boolean | Promise<boolean>;
  inputs(persist: boolean): Promise<RouterRedirectionKnown>;
  context(): OperationContext;
  stop(): Promise<void>;
}

/** What strikes at one of the commands of a change. */
export interface EmulatedFault<Router> {
  name: string;
  /** Strikes instead of the command, or while it is executed. */
  strike(router: Router, kill: () => void): Fault | undefined;
  /** The only command at which it strikes; by default, any of them. */
  at?: RegExp;
  /** True runs the change in a process of its own. */
  needsProcess?: true;
}

/** One kind of emulated router, and what may happen to it. */
export interface EmulatedKind<Router extends EmulatedRouter> {
  windowMilliseconds: number;
  faults: readonly EmulatedFault<Router>[];
  /** Starts a router that has foreign lines; `isMeasured` with the shortest window. */
  start(isMeasured: boolean): Promise<Router>;
  /** Lines of others that must stay. */
  foreign: readonly string[];
  /** Whether a command changes the router. */
  isChange(command: string): boolean;
  /** A configuration without what each creation records anew. */
  withoutOwner(text: string): string;
}

/** The faults that strike at any command of any kind of router; `refusal` is how it refuses one. */
export function commandFaults<Router>(refusal: string): EmulatedFault<Router>[] {
  return [
    { name: "the provider is killed", needsProcess: true, strike: (_router, kill) => void kill() },
    { name: "the session ends before a command", strike: () => "drop-before" },
    { name: "the session ends after a command", strike: () => "drop-after" },
    { name: "a command gets no answer", strike: () => "silence" },
    { name: "a command is refused", strike: () => ({ prints: refusal }) },
  ];
}

/** Where a change may cut the management path, and at which command it confirms. */
export interface Moments<Router> {
  /** The command after which no new login works. */
  last: RegExp;
  /** The command after which all sessions end, too. */
  effective: RegExp;
  confirmation: RegExp;
  /** From the strike on: whether logins are possible again, because the router is as before. */
  isOver(router: Router): () => boolean;
}

/** The faults of the management path and of the confirmation. */
export function pathFaults<Router extends EmulatedRouter>({
  last,
  effective,
  confirmation,
  isOver,
}: Moments<Router>): EmulatedFault<Router>[] {
  const cutOff = (router: Router): undefined => {
    const isLoginPossibleAgain = isOver(router);
    router.device.isLoginPossible = false;
    const back = setInterval(() => {
      if (!isLoginPossibleAgain()) return;
      router.device.isLoginPossible = true;
      clearInterval(back);
    }, 10);
  };
  return [
    { name: "no new login after the change", at: last, strike: cutOff },
    {
      name: "the change cuts off all sessions and logins",
      at: effective,
      strike: (router) => {
        cutOff(router);
        return "drop-after";
      },
    },
    { name: "the answer to the confirmation is lost", at: confirmation, strike: () => "drop-after" },
    {
      name: "the provider is killed while it confirms",
      needsProcess: true,
      at: confirmation,
      strike: (_router, kill) => void kill(),
    },
  ];
}

/** One run of a sweep. */
export interface EmulatedRun {
  fault: string;
  seed: number;
  /** The command at which it struck; undefined when it missed. */
  command: string | undefined;
  persist: boolean;
  /** Milliseconds from the strike until control was back; undefined when it never was. */
  milliseconds: number | undefined;
  isForeignLost: boolean;
  isRestartRight: boolean;
}

/** The result of a sweep. */
export interface EmulatedSummary {
  /** Runs whose fault struck. */
  runs: number;
  /** Runs whose fault missed in every attempt; they prove nothing. */
  notInjected: number;
  recovered: number;
  windowSeconds: number;
  worstSeconds: number;
  lockedOut: number;
  foreignRulesLost: number;
  wrongAfterRestart: number;
}

interface Undisturbed {
  /** The running configuration after the change, without the identity of its resource. */
  complete: string;
  commands: number;
}

/** Applies a redirection to emulated routers while faults strike, one after the other on each router. */
export async function emulatedSweep<Router extends EmulatedRouter>(
  kind: EmulatedKind<Router>,
  { runs, routers, seed }: { runs: number; routers: number; seed: number },
  each: (run: EmulatedRun) => void,
): Promise<EmulatedSummary> {
  const results: EmulatedRun[] = [];
  const wholes = [await undisturbedTwice(kind, false), await undisturbedTwice(kind, true)] as const;
  let next = 0;
  const work = async () => {
    for (let index = next++; index < runs; index = next++) {
      const fault = kind.faults[index % kind.faults.length];
      if (!fault) continue;
      const persist = Math.floor(index / kind.faults.length) % 2 === 1;
      let run = await runOnce(kind, fault, seed + index, persist, wholes[persist ? 1 : 0]);
      // Without an effect there is nothing to recover from.
      for (let again = 1; again < ATTEMPTS && run.command === undefined; again += 1)
        run = await runOnce(kind, fault, seed + index + again, persist, wholes[persist ? 1 : 0]);
      results.push(run);
      each(run);
    }
  };
  await Promise.all(Array.from({ length: routers }, work));
  const limit = kind.windowMilliseconds + GRACE_MILLISECONDS;
  const counted = results.filter(({ command }) => command !== undefined);
  return {
    runs: counted.length,
    notInjected: results.length - counted.length,
    recovered: counted.filter(({ milliseconds }) => milliseconds !== undefined && milliseconds <= limit).length,
    windowSeconds: kind.windowMilliseconds / 1000,
    worstSeconds: Math.max(0, ...results.map(({ milliseconds = limit + WATCH_MILLISECONDS }) => milliseconds)) / 1000,
    lockedOut: results.filter(({ milliseconds }) => milliseconds === undefined).length,
    foreignRulesLost: results.filter(({ isForeignLost }) => isForeignLost).length,
    wrongAfterRestart: results.filter(({ isRestartRight }) => !isRestartRight).length,
  };
}

async function runOnce<Router extends EmulatedRouter>(
  kind: EmulatedKind<Router>,
  fault: EmulatedFault<Router>,
  seed: number,
  persist: boolean,
  { complete, commands }: Undisturbed,
): Promise<EmulatedRun> {
  const router = await kind.start(true);
  const folder = mkdtempSync(join(tmpdir(), "lockout-"));
  const { device } = router;
  try {
    const before = router.running();
    const isWhole = (text: string) => text === before || kind.withoutOwner(text) === complete;
    let struck: { command: string; at: number } | undefined;
    let kill: () => void = () => undefined;
    let left = seed % commands;
    device.faultFor = (command) => {
      if (struck || !kind.isChange(command)) return undefined;
      if (fault.at ? !fault.at.test(command) : left-- > 0) return undefined;
      struck = { command, at: performance.now() };
      return fault.strike(router, kill);
    };
    const inputs = await router.inputs(persist);
    const ending = fault.needsProcess
      ? inProcess(folder, inputs, (end) => {
          kill = end;
        })
      : routerRedirection.create(inputs, router.context()).then(
          () => undefined,
          () => undefined,
        );
    const isBack = async () => device.isLoginPossible && isWhole(router.running()) && !(await router.isPending());
    const limit = kind.windowMilliseconds + GRACE_MILLISECONDS + WATCH_MILLISECONDS;
    const milliseconds = await untilBack(() => struck, isBack, ending, limit);
    await ending;
    // What the provider did after control was back must have left the router whole, too.
    const isStillBack = await isBack();
    return {
      fault: fault.name,
      seed,
      command: struck?.command,
      persist,
      milliseconds: isStillBack ? milliseconds : undefined,
      isForeignLost: kind.foreign.some((line) => !router.running().includes(line)),
      isRestartRight: isWhole(router.startup()) && (persist || router.startup() === before),
    };
  } finally {
    await router.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws when two changes that nothing disturbs seem to differ, because then no result could be judged */
async function undisturbedTwice<Router extends EmulatedRouter>(
  kind: EmulatedKind<Router>,
  persist: boolean,
): Promise<Undisturbed> {
  const [one, other] = [await undisturbed(kind, persist), await undisturbed(kind, persist)];
  assert.deepEqual(other, one, "two creations differ in more than the identity of their resource");
  return one;
}

/** The result of a change that nothing disturbs, and how many commands it enters, on a router with a long window. */
async function undisturbed<Router extends EmulatedRouter>(
  kind: EmulatedKind<Router>,
  persist: boolean,
): Promise<Undisturbed> {
  const router = await kind.start(false);
  let commands = 0;
  router.device.faultFor = (command) => {
    if (kind.isChange(command)) commands += 1;
    return undefined;
  };
  try {
    await routerRedirection.create(await router.inputs(persist), router.context());
    return { complete: kind.withoutOwner(router.running()), commands };
  } finally {
    await router.stop();
  }
}

/** Runs the change in a process that can be killed; hands its end over. */
async function inProcess(folder: string, inputs: object, onStart: (kill: () => void) => void): Promise<void> {
  const file = join(folder, "inputs.json");
  writeFileSync(file, JSON.stringify(inputs), { mode: 0o600 });
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "victim.ts"), file], { stdio: "ignore" });
  onStart(() => child.kill("SIGKILL"));
  await new Promise((resolve) => child.once("close", resolve));
}

/** Milliseconds from the strike until control is back; without a strike, 0 at the end of the change. */
async function untilBack(
  struck: () => { at: number } | undefined,
  isBack: () => Promise<boolean>,
  ending: Promise<unknown>,
  limit: number,
): Promise<number | undefined> {
  let isEnded = false;
  void ending.then(() => {
    isEnded = true;
  });
  while (!struck() && !isEnded) await pause(5);
  const start = struck()?.at;
  if (start === undefined) return (await isBack()) ? 0 : undefined;
  while (performance.now() < start + limit) {
    if (await isBack()) return performance.now() - start;
    await pause(10);
  }
  return undefined;
}
