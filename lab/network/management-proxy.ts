import { type Server, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Endpoint } from "../common/address-book";

/**
 * The management path: forwards each connection from this machine's loopback to the router's OpenSSH server. It can add
 * the delay of a wide-area network, also on kernels without netem.
 */
export class ManagementProxy {
  /** One-way delay; a round trip takes twice as long. */
  delayMilliseconds = 0;

  constructor(private readonly target: Endpoint) {}

  /** Accepts connections on a listening socket. */
  serve(server: Server): void {
    server.on("connection", (near) => {
      near.on("error", ignore);
      void this.connect(near);
    });
  }

  private async connect(near: Socket): Promise<void> {
    near.allowHalfOpen = true;
    near.setNoDelay(true);
    // The loopback completes the handshake at once. A wide-area path would take one round trip until the client may send,
    // so its first data waits here.
    await pause(2 * this.delayMilliseconds);
    if (near.destroyed) return;
    const far = new Socket({ allowHalfOpen: true });
    far.on("error", ignore);
    far.setNoDelay(true);
    const toRouter = this.line();
    toRouter.add(() => far.connect({ host: this.target.address, port: this.target.port }));
    forward(near, far, toRouter);
    forward(far, near, this.line());
  }

  private line(): DelayLine {
    return new DelayLine(() => this.delayMilliseconds);
  }
}

function ignore(): void {
  // Errors also close the socket, and the close is forwarded.
}

function forward(from: Socket, to: Socket, line: DelayLine): void {
  from.on("data", (chunk) =>
    line.add(() => {
      if (to.destroyed) from.destroy();
      else to.write(chunk);
    }),
  );
  from.on("end", () => line.add(() => to.end()));
  from.on("close", (failed) => line.add(() => (failed ? to.resetAndDestroy() : to.end())));
}

/** Runs functions in the order in which they were added, each after the delay that was set at that time. */
class DelayLine {
  private readonly waiting: { due: number; work: () => void }[] = [];
  private lastDue = 0;

  constructor(private readonly delayMilliseconds: () => number) {}

  add(work: () => void): void {
    const now = performance.now();
    this.lastDue = Math.max(this.lastDue, now + this.delayMilliseconds());
    if (this.waiting.length === 0 && this.lastDue <= now) {
      work();
      return;
    }
    this.waiting.push({ due: this.lastDue, work });
    if (this.waiting.length === 1) this.schedule();
  }

  private schedule(): void {
    const first = this.waiting[0];
    if (first === undefined) return;
    setTimeout(() => this.release(), Math.max(0, first.due - performance.now()));
  }

  private release(): void {
    const now = performance.now();
    // Timers may fire up to half a millisecond early.
    while (this.waiting[0] !== undefined && this.waiting[0].due <= now + 0.5) this.waiting.shift()?.work();
    this.schedule();
  }
}
