import type { Log } from "../core/context";

type Severity = "DEBUG" | "INFO" | "WARNING" | "ERROR";
type Send = (severity: Severity, message: string, isEphemeral: boolean) => void;

/**
 * Reports to the engine that started this process. Pulumi hands its address to the process of the dynamic providers
 * but offers no call for it, so the address is taken from the command line; where that is not possible, lines go to
 * standard output, which the engine shows as well.
 */
export function engineLog(): Log {
  let send: Send | undefined;
  const write = (severity: Severity, message: string, isEphemeral = false) => {
    send ??= connect(process.argv[2]) ?? toConsole;
    send(severity, message, isEphemeral);
  };
  return {
    info: (message) => write("INFO", message),
    warn: (message) => write("WARNING", message),
    debug: (message) => write("DEBUG", message),
    status: (message) => write("INFO", message, true),
  };
}

const toConsole: Send = (severity, message, isEphemeral) => {
  if (severity === "DEBUG" || isEphemeral) return;
  console.log(severity === "INFO" ? message : `${severity.toLowerCase()}: ${message}`);
};

function connect(address: string | undefined): Send | undefined {
  if (!address || !/^[\w.-]+:\d+$/.test(address)) return undefined;
  try {
    // Loaded here: only a process of the engine needs them, and they are not a promised interface of the SDK.
    const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb") as EngineGrpc;
    const { LogRequest, LogSeverity } = require("@pulumi/pulumi/proto/engine_pb") as EngineMessages;
    const { credentials } = require("@grpc/grpc-js") as { credentials: { createInsecure(): unknown } };
    const client = new EngineClient(address, credentials.createInsecure());
    return (severity, message, isEphemeral) => {
      const request = new LogRequest();
      request.setSeverity(LogSeverity[severity]);
      request.setMessage(message);
      request.setEphemeral(isEphemeral);
      client.log(request, (error) => {
        if (error) toConsole(severity, message, isEphemeral);
      });
    };
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
