import { type Server, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Endpoint } from "../common/address-book";

/**
 * The management path: carries each connection accepted on this machine's loopback to the router's OpenSSH server,
 * one to one. It can be made as long as a wide-area path; kernels without the netem queue can do that too.
 */
export class Gate {
  /** One-way delay in each direction; a round trip takes twice as long. */
  delayMilliseconds = 0;

  constructor(private readonly target: Endpoint) {}

  /** Takes over a listening socket. */
  serve(server: Server): void {
    server.on("connection", (near) => {
      near.on("error", () => {});
      void this.join(near);
    });
  }

  private async join(near: Socket): Promise<void> {
    near.allowHalfOpen = true;
    near.setNoDelay(true);
    // A real handshake lets the client speak one round trip after its first packet, and is over at the router half a
    // round trip later; here the loopback has answered at once, so that what the client said since waits.
    await pause(2 * this.delayMilliseconds);
    if (near.destroyed) return;
    const far = new Socket({ allowHalfOpen: true });
    far.on("error", () => {});
    far.setNoDelay(true);
    const outward = this.line();
    outward.add(() => far.connect({ host: this.target.address, port: this.target.port }));
    carry(near, far, outward);
    carry(far, near, this.line());
  }

  private line(): DelayLine {
    return new DelayLine(() => this.delayMilliseconds);
  }
}

function carry(from: Socket, to: Socket, line: DelayLine): void {
  from.on("data", (chunk) =>
    line.add(() => {
      if (to.destroyed) from.destroy();
      else to.write(chunk);
    }),
  );
  from.on("end", () => line.add(() => to.end()));
  from.on("close", (failed) => line.add(() => (failed ? to.resetAndDestroy() : to.end())));
}

/** Does things in the order they came, each after the delay that was set when it came. */
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
    // Timers may fire a little early; half a millisecond is below their resolution.
    while (this.waiting[0] !== undefined && this.waiting[0].due <= now + 0.5) this.waiting.shift()?.work();
    this.schedule();
  }
}
