import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Device } from "../../lab/cisco-ios/device";
import { loadText } from "../../lab/cisco-ios/load-text";
import type { Fault } from "../../lab/command-line/fault";
import { CiscoLab, isChange } from "../../provider/resources/router-redirection/cisco-lab.test";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";

/** A minute of the emulated router's timers, in milliseconds: its shortest window. */
const WINDOW_MILLISECONDS = 3000;
const GRACE_MILLISECONDS = 2000;
/** How often a run is tried until its fault strikes. */
const ATTEMPTS = 4;
/** How long after its limit a router is still watched, to tell late from lost. */
const WATCH_MILLISECONDS = 10_000;

const FOREIGN = `ip access-list extended THEIRS
 10 permit tcp any 10.9.0.0 0.0.255.255 eq www
route-map THEIRS permit 10
 match ip address THEIRS
 set ip next-hop 172.31.255.9
interface GigabitEthernet4
 ip policy route-map THEIRS
`;

/** What strikes at one of the commands of a change. */
interface CiscoFault {
  name: string;
  /** Strikes instead of the command, or while it is executed. */
  strike(device: Device, kill: () => void): Fault | undefined;
  /** The only command at which it strikes; by default, any of them. */
  at?: RegExp;
  /** True runs the change in a process of its own. */
  needsProcess?: true;
}

/** No login until the router is as before: what a change does that cuts the management path. */
function cutOff(device: Device): undefined {
  const before = device.pendingRollback;
  device.isLoginPossible = false;
  const back = setInterval(() => {
    if (before && device.pendingRollback) return;
    device.isLoginPossible = true;
    clearInterval(back);
  }, 10);
}

const FAULTS: readonly CiscoFault[] = [
  { name: "the provider is killed", needsProcess: true, strike: (_device, kill) => void kill() },
  { name: "the session ends before a command", strike: () => "drop-before" },
  { name: "the session ends after a command", strike: () => "drop-after" },
  { name: "a command gets no answer", strike: () => "silence" },
  { name: "a command is refused", strike: () => ({ prints: "% Error: no resources" }) },
  { name: "the router restarts", strike: (device) => void device.reload() },
  { name: "no new login after the change", at: /^end$/, strike: (device) => cutOff(device) },
  {
    name: "the change cuts off all sessions and logins",
    at: /^ip policy/,
    strike: (device) => {
      cutOff(device);
      return "drop-after";
    },
  },
  { name: "the answer to the confirmation is lost", at: /^configure confirm$/, strike: () => "drop-after" },
  {
    name: "the provider is killed while it confirms",
    needsProcess: true,
    at: /^configure confirm$/,
    strike: (_, kill) => void kill(),
  },
];

/** One run of the sweep. */
export interface CiscoRun {
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

interface Undisturbed {
  /** The running configuration after the change, without the identity of its resource. */
  complete: string;
  commands: number;
}

/** The result of a sweep. */
export interface CiscoSummary {
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

/** Applies a redirection to emulated Cisco routers while faults strike, one after the other on each router. */
export async function ciscoSweep(
  runs: number,
  routers: number,
  seed: number,
  each: (run: CiscoRun) => void,
): Promise<CiscoSummary> {
  const results: CiscoRun[] = [];
  const wholes = [await undisturbed(false), await undisturbed(true)] as const;
  let next = 0;
  const work = async () => {
    for (let index = next++; index < runs; index = next++) {
      const fault = FAULTS[index % FAULTS.length];
      if (!fault) continue;
      const persist = Math.floor(index / FAULTS.length) % 2 === 1;
      let run = await runOnce(fault, seed + index, persist, wholes[persist ? 1 : 0]);
      // Without an effect there is nothing to recover from.
      for (let again = 1; again < ATTEMPTS && run.command === undefined; again += 1)
        run = await runOnce(fault, seed + index + again, persist, wholes[persist ? 1 : 0]);
      results.push(run);
      each(run);
    }
  };
  await Promise.all(Array.from({ length: routers }, work));
  const limit = WINDOW_MILLISECONDS + GRACE_MILLISECONDS;
  const counted = results.filter(({ command }) => command !== undefined);
  return {
    runs: counted.length,
    notInjected: results.length - counted.length,
    recovered: counted.filter(({ milliseconds }) => milliseconds !== undefined && milliseconds <= limit).length,
    windowSeconds: WINDOW_MILLISECONDS / 1000,
    worstSeconds: Math.max(0, ...results.map(({ milliseconds = limit + WATCH_MILLISECONDS }) => milliseconds)) / 1000,
    lockedOut: results.filter(({ milliseconds }) => milliseconds === undefined).length,
    foreignRulesLost: results.filter(({ isForeignLost }) => isForeignLost).length,
    wrongAfterRestart: results.filter(({ isRestartRight }) => !isRestartRight).length,
  };
}

async function runOnce(
  fault: CiscoFault,
  seed: number,
  persist: boolean,
  { complete, commands }: Undisturbed,
): Promise<CiscoRun> {
  const lab = await CiscoLab.start("lockout-cisco", false, { minuteMilliseconds: WINDOW_MILLISECONDS });
  const folder = mkdtempSync(join(tmpdir(), "lockout-cisco-"));
  const { device } = lab.router;
  try {
    await device.replaceRunning(loadText(device.running, FOREIGN).configuration);
    device.save();
    const before = lab.running;
    const isWhole = (text: string) => text === before || withoutOwner(text) === complete;
    let struck: { command: string; at: number } | undefined;
    let kill: () => void = () => undefined;
    let left = seed % commands;
    device.faultFor = (command) => {
      if (struck || !isChange(command)) return undefined;
      if (fault.at ? !fault.at.test(command) : left-- > 0) return undefined;
      struck = { command, at: performance.now() };
      return fault.strike(device, kill);
    };
    const inputs = await inputsOf(lab, persist);
    const ending = fault.needsProcess
      ? inProcess(folder, inputs, (end) => {
          kill = end;
        })
      : routerRedirection.create(inputs, lab.context()).then(
          () => undefined,
          () => undefined,
        );
    const isBack = () => device.isLoginPossible && !device.pendingRollback && isWhole(lab.running);
    const milliseconds = await untilBack(() => struck, isBack, ending);
    await ending;
    // What the provider did after control was back must have left the router whole, too.
    const isStillBack = isBack();
    return {
      fault: fault.name,
      seed,
      command: struck?.command,
      persist,
      milliseconds: isStillBack ? milliseconds : undefined,
      isForeignLost: FOREIGN.split("\n").some((line) => !lab.running.includes(line.trim())),
      isRestartRight: isWhole(lab.startup) && (persist || lab.startup === before),
    };
  } finally {
    await lab.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is applied; SPS is also watched where the configuration is saved. */
async function inputsOf(lab: CiscoLab, persist: boolean): ReturnType<CiscoLab["inputs"]> {
  const watched = persist && { bypass: "when-sps-silent" };
  const failMode = persist ? "open" : "closed";
  return await lab.inputsWith({ failMode }, { persist, ...watched, commitConfirm: { windowSeconds: 60 } });
}

/** The result of a change that nothing disturbs, and how many commands it enters, on a router with whole minutes. */
async function undisturbed(persist: boolean): Promise<Undisturbed> {
  const lab = await CiscoLab.start("lockout-cisco", false);
  const { device } = lab.router;
  try {
    await device.replaceRunning(loadText(device.running, FOREIGN).configuration);
    await routerRedirection.create(await inputsOf(lab, persist), lab.context());
    const commands = device.commands.filter(isChange).length;
    return { complete: withoutOwner(lab.running), commands };
  } finally {
    await lab.stop();
  }
}

/** Each creation records an identity of its own. */
function withoutOwner(text: string): string {
  return text.replaceAll(/^.* remark safeguard .*\n/gm, "");
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
  isBack: () => boolean,
  ending: Promise<unknown>,
): Promise<number | undefined> {
  let isEnded = false;
  void ending.then(() => {
    isEnded = true;
  });
  while (!struck() && !isEnded) await pause(5);
  const start = struck()?.at;
  if (start === undefined) return isBack() ? 0 : undefined;
  const limit = start + WINDOW_MILLISECONDS + GRACE_MILLISECONDS + WATCH_MILLISECONDS;
  while (performance.now() < limit) {
    if (isBack()) return performance.now() - start;
    await pause(10);
  }
  return undefined;
}
