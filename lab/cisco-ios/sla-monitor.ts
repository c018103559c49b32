import { detached } from "../common/detached";
import { operationLines, type SlaOperation, type TrackObject } from "./sla-configuration";

/** What a monitor works with. */
export interface MonitorOptions {
  /** Whether an address answers a ping, or accepts connections to a port. */
  probe(address: string, port?: number): Promise<boolean>;
  /** An object has come up or gone down. */
  changed(): void;
  /** Length of a second of operations, in milliseconds. */
  secondMilliseconds: number;
}

/** The results of an operation. */
export interface OperationResult {
  successes: number;
  failures: number;
  returnCode: "OK" | "Timeout" | "Unknown";
}

interface RunningOperation extends OperationResult {
  text: string;
  stop(): void;
}

interface FollowedObject {
  isUp: boolean;
  changes: number;
  /** A change that has to last before it counts. */
  pending?: NodeJS.Timeout;
}

/** Runs the scheduled operations of a configuration, and keeps the states of the objects that follow them. */
export class SlaMonitor {
  private readonly operations = new Map<number, RunningOperation>();
  private readonly objects = new Map<number, FollowedObject>();
  private tracks: readonly TrackObject[] = [];

  constructor(private readonly options: MonitorOptions) {}

  /** Starts what is new and stops what is gone. */
  follow(operations: readonly SlaOperation[], tracks: readonly TrackObject[]): void {
    const scheduled = operations.filter((one) => one.isScheduled);
    for (const [number, running] of this.operations) {
      if (scheduled.some((one) => one.number === number && operationLines(one).join() === running.text)) continue;
      running.stop();
      this.operations.delete(number);
    }
    for (const one of scheduled) if (!this.operations.has(one.number)) this.start(one);
    for (const [number, { pending }] of this.objects) {
      if (tracks.some((one) => one.number === number)) continue;
      clearTimeout(pending);
      this.objects.delete(number);
    }
    for (const { number } of tracks)
      if (!this.objects.has(number)) this.objects.set(number, { isUp: false, changes: 0 });
    this.tracks = tracks;
    this.evaluate();
  }

  isUp(track: number): boolean {
    return this.objects.get(track)?.isUp ?? false;
  }

  changesOf(track: number): number {
    return this.objects.get(track)?.changes ?? 0;
  }

  resultOf(operation: number): OperationResult {
    return this.operations.get(operation) ?? { successes: 0, failures: 0, returnCode: "Unknown" };
  }

  stop(): void {
    this.follow([], []);
  }

  private start(operation: SlaOperation): void {
    let isStopped = false;
    let timer: NodeJS.Timeout | undefined;
    const running: RunningOperation = {
      text: operationLines(operation).join(),
      successes: 0,
      failures: 0,
      returnCode: "Unknown",
      stop: () => {
        isStopped = true;
        clearTimeout(timer);
      },
    };
    const probe = () => detached(`ip sla ${operation.number}`, run);
    const run = async () => {
      const isAnswered = await this.options.probe(operation.address, operation.port).catch(() => false);
      if (isStopped) return;
      running[isAnswered ? "successes" : "failures"] += 1;
      running.returnCode = isAnswered ? "OK" : "Timeout";
      this.evaluate();
      timer = setTimeout(probe, operation.frequency * this.options.secondMilliseconds).unref();
    };
    this.operations.set(operation.number, running);
    probe();
  }

  /** Compares each object with the last result of its operation; a change counts when it lasts for its delay. */
  private evaluate(): void {
    for (const track of this.tracks) {
      const object = this.objects.get(track.number);
      if (!object) continue;
      const isUp = this.resultOf(track.operation).returnCode === "OK";
      if (isUp === object.isUp) {
        clearTimeout(object.pending);
        delete object.pending;
        continue;
      }
      if (object.pending) continue;
      const delay = (isUp ? track.delay.up : track.delay.down) ?? 0;
      const change = () => {
        delete object.pending;
        object.isUp = isUp;
        object.changes += 1;
        this.options.changed();
      };
      if (delay === 0) change();
      else object.pending = setTimeout(change, delay * this.options.secondMilliseconds).unref();
    }
  }
}
