import type { ChildProcess } from "node:child_process";

/** The methods that a program serves over its IPC channel, by name. */
export type MethodTable = Record<string, { params: unknown; result: unknown }>;

/** When the channel breaks, the program's end is awaited this long, because its exit status says more. */
const END_GRACE_MILLISECONDS = 1000;

/** One function for each method of a table. */
export type MethodHandlers<T extends MethodTable> = {
  [Name in keyof T]: (params: T[Name]["params"]) => T[Name]["result"] | Promise<T[Name]["result"]>;
};

interface Request {
  id: number;
  name: string;
  params: unknown;
}

interface Reply {
  id: number;
  result?: unknown;
  failure?: { message: string; code?: string };
}

/** Serves methods over this process's own IPC channel, in parallel. Other messages are ignored. */
export function serveMethods<T extends MethodTable>(handlers: MethodHandlers<T>): void {
  process.on("message", (message: Partial<Request>) => {
    const { id, name, params } = message;
    if (id === undefined || name === undefined) return;
    void handle(handlers, { id, name, params }).then((reply) => {
      if (process.connected) process.send?.(reply);
    });
  });
}

async function handle<T extends MethodTable>(handlers: MethodHandlers<T>, request: Request): Promise<Reply> {
  try {
    const handler = handlers[request.name];
    if (handler === undefined) throw new Error(`unknown method: ${request.name}`);
    return { id: request.id, result: await handler(request.params) };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { id: request.id, failure: { message, code } };
  }
}

/** Calls the methods of a child process. */
export class IpcClient<T extends MethodTable> {
  private readonly pending = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  private count = 0;
  private endReason: string | undefined;

  /** `programName` appears in errors; `lastMessages` returns what the program printed before it ended. */
  constructor(
    private readonly child: ChildProcess,
    private readonly programName: string,
    lastMessages: () => string = () => "",
  ) {
    child.on("message", (reply: Reply) => this.settle(reply));
    child.on("error", (error) => this.end(`${programName}: ${error.message}`));
    child.on("close", (status, signal) => {
      const messages = lastMessages().trim();
      this.end(`${programName} ended with ${signal ?? `status ${status}`}${messages === "" ? "" : `: ${messages}`}`);
    });
  }

  /**
   * Calls one method and waits for its result.
   * @throws Error with the program's own message and code, or when the program ends or does not respond in time.
   */
  call<Name extends keyof T & string>(
    name: Name,
    params: T[Name]["params"],
    timeoutSeconds = 30,
  ): Promise<T[Name]["result"]> {
    if (this.endReason !== undefined) return Promise.reject(new Error(this.endReason));
    const id = ++this.count;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.pending.delete(id);
        reject(new Error(`${this.programName}: ${name}: no response within ${timeoutSeconds} s`));
      }, timeoutSeconds * 1000);
      const settled = () => {
        clearTimeout(timer);
        this.pending.delete(id);
      };
      this.pending.set(id, {
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      this.child.send({ id, name, params } satisfies Request, (error) => {
        if (error === null) return;
        setTimeout(() => this.pending.get(id)?.reject(error), END_GRACE_MILLISECONDS).unref();
      });
    });
  }

  private settle(reply: Reply): void {
    const caller = this.pending.get(reply.id);
    if (reply.failure === undefined) caller?.resolve(reply.result);
    else caller?.reject(Object.assign(new Error(reply.failure.message), { code: reply.failure.code }));
  }

  private end(reason: string): void {
    this.endReason ??= reason;
    for (const caller of [...this.pending.values()]) caller.reject(new Error(this.endReason));
  }
}
