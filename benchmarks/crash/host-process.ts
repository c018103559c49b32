import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { linkPackage, type ResourceName, ROOT } from "../../tests/contract/front";
import { type Properties, ProviderError } from "../../tests/contract/provider";

/** The engine's calls to one resource of a provider process. */
export interface Calls {
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: { reason: string }[] }>;
  diff(id: string, olds: Properties, news: Properties): Promise<{ changes?: boolean | undefined }>;
  create(inputs: Properties): Promise<{ id: string; properties: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<Properties>;
  close(): void;
}

/** A provider's process. */
export interface ProviderProcess {
  calls(resource: ResourceName): Promise<Calls>;
  kill(): Promise<unknown>;
}

/** Calls the package's entry for dynamic providers. Starts in a third of the time of Pulumi's own process. */
const PROGRAM = `
const host = require("pulumi-safeguard/dynamic-host");
process.on("message", async ({ number, resource, name, given }) => {
  try {
    process.send({ number, result: await host[resource][name](...given) });
  } catch (error) {
    const { message, id, properties, reasons } = error;
    process.send({ number, failure: { message, partial: id === undefined ? undefined : { id, properties, reasons } } });
  }
});
`;

interface Answer {
  number: number;
  result?: unknown;
  failure?: { message: string; partial?: ProviderError["partial"] };
}

/**
 * A process that calls the package's entry for dynamic providers with the engine's values, but without Pulumi's SDK and
 * without gRPC.
 */
export class HostProcess implements ProviderProcess {
  private lastNumber = 0;
  private readonly waiting = new Map<number, (answer: Answer) => void>();

  private constructor(private readonly child: ChildProcess) {
    child.on("message", (answer: Answer) => {
      this.waiting.get(answer.number)?.(answer);
      this.waiting.delete(answer.number);
    });
    child.once("exit", () => {
      for (const [number, settle] of this.waiting) settle({ number, failure: { message: "the provider is gone" } });
      this.waiting.clear();
    });
  }

  static start(): HostProcess {
    linkPackage();
    const stdio = ["ignore", "ignore", "inherit", "ipc"] as const;
    return new HostProcess(spawn(process.execPath, ["-e", PROGRAM], { cwd: ROOT, stdio: [...stdio] }));
  }

  async calls(resource: ResourceName): Promise<Calls> {
    const ask = <T>(name: string, ...given: unknown[]) => this.ask(resource, name, given) as Promise<T>;
    return {
      check: (olds, news) => ask("check", olds, news),
      diff: (id, olds, news) => ask("diff", id, olds, news),
      async create(inputs) {
        const { id, outs } = await ask<{ id: string; outs: Properties }>("create", inputs);
        return { id, properties: outs };
      },
      update: async (id, olds, news) => (await ask<{ outs: Properties }>("update", id, olds, news)).outs,
      close: () => undefined,
    };
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }

  private async ask(resource: ResourceName, name: string, given: unknown[]): Promise<unknown> {
    this.lastNumber += 1;
    const number = this.lastNumber;
    const { result, failure } = await new Promise<Answer>((resolve) => {
      this.waiting.set(number, resolve);
      const gone = { number, failure: { message: "the provider is gone" } };
      this.child.send({ number, resource, name, given }, (error) => error && resolve(gone));
    });
    if (failure) throw new ProviderError(failure.message, failure.partial);
    return result;
  }
}
