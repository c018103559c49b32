import type { ChildProcess } from "node:child_process";

/** What a program can be asked over its IPC channel: name of the order, what is given, what is answered. */
export type OrderTable = Record<string, { given: unknown; answer: unknown }>;

/** How long a program whose channel broke has for its end to be noticed, before the broken channel is the error. */
const WORDS_OF_THE_END_MILLISECONDS = 1000;

/** One function for each order of a table. */
export type OrderHandlers<T extends OrderTable> = {
  [Name in keyof T]: (given: T[Name]["given"]) => T[Name]["answer"] | Promise<T[Name]["answer"]>;
};

interface Request {
  id: number;
  name: string;
  given: unknown;
}

interface Reply {
  id: number;
  answer?: unknown;
  failure?: { message: string; code?: string };
}

/** Answers orders that arrive over this process's own IPC channel, many at a time. Messages of other kinds are ignored. */
export function answerOrders<T extends OrderTable>(handlers: OrderHandlers<T>): void {
  process.on("message", (message: Partial<Request>) => {
    const { id, name, given } = message;
    if (id === undefined || name === undefined) return;
    void answer(handlers, { id, name, given }).then((reply) => {
      if (process.connected) process.send?.(reply);
    });
  });
}

async function answer<T extends OrderTable>(handlers: OrderHandlers<T>, request: Request): Promise<Reply> {
  try {
    const handler = handlers[request.name];
    if (handler === undefined) throw new Error(`no such order: ${request.name}`);
    return { id: request.id, answer: await handler(request.given) };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { id: request.id, failure: { message, code } };
  }
}

/** Gives orders to a child process and matches its answers. */
export class Orderer<T extends OrderTable> {
  private readonly waiting = new Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>();
  private count = 0;
  private endText: string | undefined;

  /** `what` names the program in errors; `lastWords` supplies what it printed before it ended. */
  constructor(
    private readonly child: ChildProcess,
    private readonly what: string,
    lastWords: () => string = () => "",
  ) {
    child.on("message", (reply: Reply) => this.settle(reply));
    child.on("error", (error) => this.end(`${what}: ${error.message}`));
    child.on("close", (status, signal) => {
      const words = lastWords().trim();
      this.end(`${what} ended with ${signal ?? `status ${status}`}${words === "" ? "" : `: ${words}`}`);
    });
  }

  /**
   * Gives one order and waits for its answer.
   * @throws Error with the program's own message and code, or when the program ended or did not answer in time.
   */
  order<Name extends keyof T & string>(
    name: Name,
    given: T[Name]["given"],
    timeoutSeconds = 30,
  ): Promise<T[Name]["answer"]> {
    if (this.endText !== undefined) return Promise.reject(new Error(this.endText));
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error(`${this.what}: ${name}: no answer within ${timeoutSeconds} s`));
      }, timeoutSeconds * 1000);
      const settled = () => {
        clearTimeout(timer);
        this.waiting.delete(id);
      };
      this.waiting.set(id, {
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      this.child.send({ id, name, given } satisfies Request, (error) => {
        if (error === null) return;
        // A broken channel is mostly the first sign of an end, and the end itself tells more.
        setTimeout(() => this.waiting.get(id)?.reject(error), WORDS_OF_THE_END_MILLISECONDS).unref();
      });
    });
  }

  private settle(reply: Reply): void {
    const waiter = this.waiting.get(reply.id);
    if (reply.failure === undefined) waiter?.resolve(reply.answer);
    else waiter?.reject(Object.assign(new Error(reply.failure.message), { code: reply.failure.code }));
  }

  private end(text: string): void {
    this.endText ??= text;
    for (const waiter of [...this.waiting.values()]) waiter.reject(new Error(this.endText));
  }
}
