import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

/** Properties of a resource in gRPC messages. */
export type Properties = Record<string, unknown>;

/** What the engine records of a partially created resource. */
export interface Partial {
  id: string;
  properties: Properties;
  reasons: string[];
}

/** An error response of a provider. */
export class ProviderError extends Error {
  constructor(
    message: string,
    /** Undefined when the engine must record no resource. */
    readonly partial: Partial | undefined,
  ) {
    super(message);
  }
}

/** The resource of a call. */
interface Callee {
  urn: string;
  type: string;
}

const LIMIT_MILLISECONDS = 60_000;

/** A client of `pulumirpc.ResourceProvider` for resources of one type, in plain objects. */
export class Provider {
  private readonly client: ResourceProviderClient;

  constructor(
    address: string,
    private readonly resource: Callee,
  ) {
    this.client = new ResourceProviderClient(address, credentials.createInsecure());
  }

  /** Configures the provider with an empty stack configuration. */
  async configure(): Promise<void> {
    const request = new messages.ConfigureRequest().setArgs(toStruct({}));
    request.setAcceptsecrets(true);
    await this.call<messages.ConfigureResponse>((done) =>
      this.client.configure(request, new Metadata(), deadline(), done),
    );
  }

  async check(olds: Properties, news: Properties) {
    const request = new messages.CheckRequest().setUrn(this.resource.urn).setOlds(toStruct(olds));
    request.setNews(toStruct(news)).setType(this.resource.type);
    const answer = await this.call<messages.CheckResponse>((done) =>
      this.client.check(request, new Metadata(), deadline(), done),
    );
    const failures = answer
      .getFailuresList()
      .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
    return { inputs: toProperties(answer.getInputs()), failures };
  }

  async diff(id: string, olds: Properties, news: Properties) {
    const request = new messages.DiffRequest().setId(id).setUrn(this.resource.urn).setOlds(toStruct(olds));
    request.setNews(toStruct(news)).setType(this.resource.type);
    const answer = await this.call<messages.DiffResponse>((done) =>
      this.client.diff(request, new Metadata(), deadline(), done),
    );
    const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
    const changes = new Map<number, boolean>([
      [DIFF_NONE, false],
      [DIFF_SOME, true],
    ]).get(answer.getChanges());
    return { changes, replaces: answer.getReplacesList(), deleteBeforeReplace: answer.getDeletebeforereplace() };
  }

  async create(inputs: Properties): Promise<{ id: string; properties: Properties }> {
    const request = new messages.CreateRequest().setUrn(this.resource.urn).setProperties(toStruct(inputs));
    request.setType(this.resource.type);
    const answer = await this.call<messages.CreateResponse>((done) =>
      this.client.create(request, new Metadata(), deadline(), done),
    );
    return { id: answer.getId(), properties: toProperties(answer.getProperties()) };
  }

  async read(id: string, properties: Properties, inputs: Properties) {
    const request = new messages.ReadRequest().setId(id).setUrn(this.resource.urn).setProperties(toStruct(properties));
    request.setInputs(toStruct(inputs)).setType(this.resource.type);
    const answer = await this.call<messages.ReadResponse>((done) =>
      this.client.read(request, new Metadata(), deadline(), done),
    );
    return {
      id: answer.getId(),
      properties: toProperties(answer.getProperties()),
      inputs: toProperties(answer.getInputs()),
    };
  }

  async update(id: string, olds: Properties, news: Properties): Promise<Properties> {
    const request = new messages.UpdateRequest().setId(id).setUrn(this.resource.urn).setOlds(toStruct(olds));
    request.setNews(toStruct(news)).setType(this.resource.type);
    const answer = await this.call<messages.UpdateResponse>((done) =>
      this.client.update(request, new Metadata(), deadline(), done),
    );
    return toProperties(answer.getProperties());
  }

  async delete(id: string, properties: Properties): Promise<void> {
    const request = new messages.DeleteRequest().setId(id).setUrn(this.resource.urn);
    request.setProperties(toStruct(properties)).setType(this.resource.type);
    await this.call((done) => this.client.delete(request, new Metadata(), deadline(), done));
  }

  /** What the engine sends when the user presses Ctrl-C. */
  async cancel(): Promise<void> {
    await this.call((done) => this.client.cancel(new Empty(), new Metadata(), deadline(), done));
  }

  close(): void {
    this.client.close();
  }

  private call<Answer>(send: (done: (error: ServiceError | null, answer: Answer) => void) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      send((error, answer) => (error ? reject(toProviderError(error)) : resolve(answer)));
    });
  }
}

/** The sentences of the one message about a partial failure: what failed, what was done, what comes next. */
export function sentencesOf(reasons: readonly string[]): string[] {
  const [message = "", ...others] = reasons;
  if (others.length > 0) throw new Error(`more than one message: ${reasons.join(" | ")}`);
  return message.split(/\. (?=[A-Z])/);
}

const deadline = () => ({ deadline: Date.now() + LIMIT_MILLISECONDS });

function toStruct(properties: Properties): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(properties)) as Record<string, JavaScriptValue>);
}

function toProperties(struct: Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

function toProviderError(error: ServiceError): ProviderError {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  if (!(bytes instanceof Buffer)) return new ProviderError(error.details, undefined);
  const status = Status.deserializeBinary(bytes);
  const failures = status
    .getDetailsList()
    .map((detail) =>
      detail.unpack(messages.ErrorResourceInitFailed.deserializeBinary, "pulumirpc.ErrorResourceInitFailed"),
    );
  const failed = failures.find((failure) => failure !== null);
  const partial = failed && {
    id: failed.getId(),
    properties: toProperties(failed.getProperties()),
    reasons: failed.getReasonsList(),
  };
  return new ProviderError(status.getMessage(), partial);
}
