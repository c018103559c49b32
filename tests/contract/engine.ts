import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import {
  GetRootResourceResponse,
  type LogRequest,
  LogSeverity,
  SetRootResourceResponse,
} from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** A line that a provider reported to its engine. */
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

/** The part of Pulumi's engine that a provider calls: it keeps what is reported to it. */
export class CollectingEngine {
  readonly lines: ReportedLine[] = [];

  private constructor(
    private readonly server: Server,
    /** Host and port, as it stands on a provider's command line. */
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
        engine.lines.push({
          severity: SEVERITIES.get(call.request.getSeverity()) ?? "error",
          message: call.request.getMessage(),
          isEphemeral: call.request.getEphemeral(),
        });
        answer(null, new Empty());
      },
      getRootResource: (_call: unknown, answer: sendUnaryData<GetRootResourceResponse>) =>
        answer(null, new GetRootResourceResponse()),
      setRootResource: (_call: unknown, answer: sendUnaryData<SetRootResourceResponse>) =>
        answer(null, new SetRootResourceResponse()),
    });
    return engine;
  }

  stop(): void {
    this.server.forceShutdown();
  }
}
