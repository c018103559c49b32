import { createRequire } from "node:module";
import { setTimeout as pause } from "node:timers/promises";
import type { Log } from "../core/context";
import { printable } from "../core/printable";

type Severity = "DEBUG" | "INFO" | "WARNING" | "ERROR";
type Send = (severity: Severity, message: string, isEphemeral: boolean) => Promise<void>;

/** Limit of one message, in characters. */
const MAX_MESSAGE_CHARACTERS = 50_000;

/** A log that can be waited for. */
export interface EngineLog extends Log {
  /** Resolves once the engine has all lines, after `limitMilliseconds` in any case. */
  settled(limitMilliseconds?: number): Promise<void>;
}

/**
 * Reports to the engine that started this process. Pulumi hands its address to the process of the dynamic providers
 * but offers no call for it, so the address is taken from the command line; where that is not possible, lines go to
 * standard output, which the engine shows as well.
 */
export function engineLog(): EngineLog {
  let send: Send | undefined;
  let all: Promise<unknown> = Promise.resolve();
  const write = (severity: Severity, message: string, isEphemeral = false) => {
    send ??= connect(engineAddress()) ?? toConsole;
    const sendIt = send;
    const shown = printable(message, MAX_MESSAGE_CHARACTERS);
    // One after the other: the engine takes lines that arrive together in any order.
    all = all.then(() => sendIt(severity, shown, isEphemeral));
  };
  return {
    result: (message) => write("INFO", message),
    info: (message) => write("INFO", message),
    warn: (message) => write("WARNING", message),
    debug: (message) => write("DEBUG", message),
    status: (message) => write("INFO", message, true),
    async settled(limitMilliseconds = 1000) {
      const limit = new AbortController();
      await Promise.race([all, pause(limitMilliseconds, undefined, { signal: limit.signal }).catch(() => undefined)]);
      limit.abort();
    },
  };
}

const toConsole: Send = async (severity, message, isEphemeral) => {
  if (severity === "DEBUG" || isEphemeral) return;
  console.log(severity === "INFO" ? message : `${severity.toLowerCase()}: ${message}`);
};

/** The engine puts its address last, behind options such as `-v=9` where the user asked for them. */
export function engineAddress(): string | undefined {
  const last = process.argv.slice(2).at(-1);
  return last !== undefined && /^[\w.-]+:\d+$/.test(last) ? last : undefined;
}

function connect(address: string | undefined): Send | undefined {
  if (address === undefined) return undefined;
  try {
    // Loaded here: only a process of the engine needs them, and they are not a promised interface of the SDK. From the
    // SDK's place, because a strict package manager lets only the SDK see its gRPC library.
    const load = createRequire(require.resolve("@pulumi/pulumi/proto/engine_grpc_pb"));
    const { EngineClient } = load("@pulumi/pulumi/proto/engine_grpc_pb") as EngineGrpc;
    const { LogRequest, LogSeverity } = load("@pulumi/pulumi/proto/engine_pb") as EngineMessages;
    const { credentials } = load("@grpc/grpc-js") as { credentials: { createInsecure(): unknown } };
    const client = new EngineClient(address, credentials.createInsecure());
    return (severity, message, isEphemeral) =>
      new Promise((resolve) => {
        const request = new LogRequest();
        request.setSeverity(LogSeverity[severity]);
        request.setMessage(message);
        request.setEphemeral(isEphemeral);
        client.log(request, (error) => resolve(error ? toConsole(severity, message, isEphemeral) : undefined));
      });
  } catch {
    return undefined;
  }
}

interface LogRequestMessage {
  setSeverity(severity: number): void;
  setMessage(message: string): void;
  setEphemeral(isEphemeral: boolean): void;
}
interface EngineGrpc {
  EngineClient: new (
    address: string,
    credentials: unknown,
  ) => { log(request: LogRequestMessage, done: (error: unknown) => void): void };
}
interface EngineMessages {
  LogRequest: new () => LogRequestMessage;
  LogSeverity: Record<Severity, number>;
}
