import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import {
  GetRootResourceResponse,
  type LogRequest,
  LogSeverity,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** A log line that a provider sent to its engine. */
export interface ReportedLine {
  severity: "debug" | "info" | "warning" | "error";
  message: string;
  /** Whether the next line replaces it on the terminal. */
  isEphemeral: boolean;
}

const SEVERITIES = new Map<number, ReportedLine["severity"]>([
  [LogSeverity.DEBUG, "debug"],
  [LogSeverity.INFO, "info"],
  [LogSeverity.WARNING, "warning"],
  [LogSeverity.ERROR, "error"],
]);

/** A stand-in for the part of Pulumi's engine that a provider calls. Collects all log lines. */
export class CollectingEngine {
  readonly lines: ReportedLine[] = [];
  private readonly waiting = new Set<(line: ReportedLine) => void>();

  private constructor(
    private readonly server: Server,
    /** Host and port, as given on a provider's command line. */
    readonly address: string,
  ) {}

  static async start(): Promise<CollectingEngine> {
    const server = new Server();
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    const engine = new CollectingEngine(server, `127.0.0.1:${port}`);
    server.addService(EngineService, {
      log: (call: ServerUnaryCall<LogRequest, Empty>, answer: sendUnaryData<Empty>) => {
        const line: ReportedLine = {
          severity: SEVERITIES.get(call.request.getSeverity()) ?? "error",
          message: call.request.getMessage(),
          isEphemeral: call.request.getEphemeral(),
        };
        engine.lines.push(line);
        for (const look of engine.waiting) look(line);
        answer(null, new Empty());
      },
      getRootResource: (_call: unknown, answer: sendUnaryData<GetRootResourceResponse>) =>
        answer(null, new GetRootResourceResponse()),
      setRootResource: (_call: unknown, answer: sendUnaryData<SetRootResourceResponse>) =>
        answer(null, new SetRootResourceResponse()),
    });
    return engine;
  }

  /** Resolves with the first line from now on that meets the condition. */
  nextLine(condition: (line: ReportedLine) => boolean): Promise<ReportedLine> {
    return new Promise((resolve) => {
      const look = (line: ReportedLine) => {
        if (!condition(line)) return;
        this.waiting.delete(look);
        resolve(line);
      };
      this.waiting.add(look);
    });
  }

  stop(): void {
    this.server.forceShutdown();
  }
}
