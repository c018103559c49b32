import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { FAULTS, type Fault, type Scene } from "./faults";

/** How one run ended. */
export interface LockoutRun {
  fault: string;
  isRecovered: boolean;
  /** From the begin of the apply until control was seen to be back, in seconds. */
  seconds: number;
  areForeignRulesLost: boolean;
  /** Why it did not recover; empty otherwise. */
  reason: string;
}

/** Rules of other programs in every layer, seeded before and compared byte by byte after each run. */
const FOREIGN = `iptables -t mangle -A PREROUTING -i rsrv -j MARK --set-xmark 0x4200/0xff00
iptables -t mangle -N OTHER; iptables -t mangle -A OTHER -s 10.9.9.0/24 -j RETURN
iptables -A FORWARD -s 10.9.9.0/24 -j DROP
iptables -t nat -A POSTROUTING -s 10.8.8.0/24 -o rsrv -j MASQUERADE
ip rule add pref 500 to 10.77.0.0/16 lookup 77; ip route add 10.77.0.0/16 via 10.0.0.5 table 77
ip route add 10.66.0.0/16 via 10.0.0.6`;

/** A relay on loopback whose connections can be reset. */
class Wire {
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Wire> {
    const server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        wire.sockets.add(from);
        from.on("error", () => to.destroy()).on("close", () => to.destroy());
        from.pipe(to);
      }
    });
    const wire = new Wire(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
    this.sockets.clear();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** A router of its own that is hit again and again. */
export class LockoutStage {
  private count = 0;
  private constructor(
    private readonly router: LabRouter,
    private readonly windowSeconds: number,
    private readonly foreign: string,
  ) {}

  static async open(name: string, windowSeconds: number): Promise<LockoutStage> {
    const router = await LabRouter.start(name);
    await router.run(FOREIGN);
    return new LockoutStage(router, windowSeconds, await router.snapshot());
  }

  async close(): Promise<void> {
    await this.router.stop();
  }

  /** Applies a redirection, strikes at a random moment, and waits until control is back or the time is over. */
  async run(fault: Fault, random: (limit: number) => number): Promise<LockoutRun> {
    const wire = await Wire.to(this.router.network.description.router.port);
    const inputs = await this.router.inputs({
      router: { ...(this.router.raw().router as object), port: wire.port },
    });
    const folder = dirname(this.router.network.description.router.privateKeyFile);
    const file = join(folder, `inputs-${this.count++}.json`);
    writeFileSync(file, JSON.stringify({ ...inputs, commitConfirm: { windowSeconds: this.windowSeconds } }));
    let victim: ChildProcess | undefined;
    const scene: Scene = {
      router: this.router,
      killProvider: () => void victim?.kill("SIGKILL"),
      cutConnections: () => wire.cut(),
      random,
    };
    if (fault.isEarly) await fault.strike(scene);
    victim = spawn(process.execPath, ["--require", "tsx/cjs", join(__dirname, "victim.ts"), file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise((resolve) => victim?.once("close", resolve));
    const said = await this.watch(victim, "making ", 20);
    const started = performance.now();
    if (!fault.isEarly && said) {
      await pause(random(400));
      await fault.strike(scene);
    }
    const result = await this.awaitControl(fault, started);
    // What is left of the process has the time that a user would give it.
    await Promise.race([ended, pause((this.windowSeconds + 8) * 1000)]);
    victim.kill("SIGKILL");
    await fault.end?.(scene);
    await wire.stop();
    return { ...result, ...(await this.cleanUp(result)) };
  }

  private async watch(child: ChildProcess, words: string, limitSeconds: number): Promise<boolean> {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), limitSeconds * 1000);
      const settle = (value: boolean) => {
        clearTimeout(timer);
        resolve(value);
      };
      child.stdout?.on("data", (chunk: Buffer) => chunk.toString().includes(words) && settle(true));
      child.once("close", () => settle(false));
    });
  }

  /** Control is back when a new login works and nothing of ours is left unconfirmed. */
  private async awaitControl(fault: Fault, started: number): Promise<LockoutRun> {
    const limit = started + (this.windowSeconds + 2) * 1000;
    let reason = "";
    let isShut = fault.end !== undefined && !fault.isEarly;
    while (performance.now() < limit) {
      // A foreign rule that shuts the path is not ours to take away: only whether ours are gone counts, then it opens.
      const state = await this.router.run(
        `ls -d /run/sps-redirect/commit.*/undo /run/sps-redirect/commit.*/undo.run 2>/dev/null || true`,
      );
      if (state.trim() === "") {
        if (isShut) {
          await fault.end?.({ router: this.router, killProvider() {}, cutConnections() {}, random: () => 0 });
          isShut = false;
        }
        const login = await this.router.runOverSsh("echo in").catch((error: unknown) => String(error));
        if (login === "in\n") {
          const seconds = (performance.now() - started) / 1000;
          return { fault: fault.name, isRecovered: true, seconds, areForeignRulesLost: false, reason: "" };
        }
        reason = `no login: ${login}`;
      } else reason = `unconfirmed: ${state.trim()}`;
      await pause(50);
    }
    const seconds = (performance.now() - started) / 1000;
    return { fault: fault.name, isRecovered: false, seconds, areForeignRulesLost: false, reason };
  }

  /** Our layers must be there as a whole or not at all; then they are removed, and only the foreign rules remain. */
  private async cleanUp(result: LockoutRun): Promise<Partial<LockoutRun>> {
    const snapshot = await this.router.snapshot();
    const parts = [/-j SPS-R-rdp/, /^:SPS-R-rdp/m, /10302:.*fwmark 0x2\/0xff/, /^default via 172\.16\.9\.2 .*10302/m];
    const there = parts.filter((part) => part.test(snapshot)).length;
    await this.router.run(`rm -rf /run/sps-redirect
while iptables -t mangle -D PREROUTING -m comment --comment sps:rdp -j SPS-R-rdp 2>/dev/null; do :; done
iptables -t mangle -F SPS-R-rdp 2>/dev/null; iptables -t mangle -X SPS-R-rdp 2>/dev/null
ip -4 rule del pref 10302 2>/dev/null; ip -4 route flush table 10302 2>/dev/null; true`);
    const areForeignRulesLost = (await this.router.snapshot()) !== this.foreign;
    const isWhole = there === 0 || there === parts.length;
    if (isWhole) return { areForeignRulesLost };
    return {
      areForeignRulesLost,
      isRecovered: false,
      reason: `${there} of ${parts.length} layers are there: ${result.fault}`,
    };
  }
}

/** The faults in turn, so that each comes up equally often. */
export function faultOf(run: number): Fault {
  const fault = FAULTS[run % FAULTS.length];
  if (!fault) throw new Error("there is no fault");
  return fault;
}

/** Runs `runs` faults over so many routers side by side. */
export async function sweep(
  options: { runs: number; routers: number; windowSeconds: number; seed: number },
  each: (run: LockoutRun) => void = () => undefined,
): Promise<LockoutRun[]> {
  const results: LockoutRun[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: options.routers }, async (_, index) => {
      const stage = await LockoutStage.open(`lockout-${process.pid}-${index}`, options.windowSeconds);
      try {
        for (let run = next++; run < options.runs; run = next++) {
          const result = await stage.run(faultOf(run), randomFrom(options.seed + run));
          results.push(result);
          each(result);
        }
      } finally {
        await stage.close();
      }
    }),
  );
  return results;
}

/** Numbers that look random and are the same for the same seed. */
function randomFrom(seed: number): (limit: number) => number {
  let state = (seed * 2654435761) >>> 0;
  return (limit) => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 1) >>> 0;
    return state % limit;
  };
}
