import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { html as xml } from "../generated/markup";

interface StoredObject {
  body: Buffer;
  etag: string;
  changedAt: Date;
}

interface S3Request {
  method: string;
  key: string;
  query: URLSearchParams;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

interface S3Answer {
  status: number;
  headers?: Record<string, string>;
  body?: Buffer | string;
}

/**
 * An S3 server with one bucket in memory, on a loopback port, for tests: the six operations that Pulumi's backend uses, by the Amazon S3 API
 * Reference (2006-03-01). Whatever else is asked is refused. It asks for its access key, and does not verify signatures.
 */
export class S3Server {
  readonly accessKey = `AKIA${randomBytes(8).toString("hex").toUpperCase()}`;
  readonly secretKey = randomBytes(20).toString("hex");
  /** Method and key of every request. */
  readonly requests: { method: string; key: string }[] = [];
  private readonly objects = new Map<string, StoredObject>();
  private readonly server: Server;

  private constructor(private readonly bucket: string) {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  static async start(bucket: string): Promise<S3Server> {
    const one = new S3Server(bucket);
    await new Promise<void>((resolve) => one.server.listen(0, "127.0.0.1", resolve));
    return one;
  }

  /** The backend of Pulumi in its bucket. */
  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `s3://${this.bucket}?endpoint=127.0.0.1:${port}&disableSSL=true&s3ForcePathStyle=true&region=us-east-1`;
  }

  /** The objects whose key begins so. */
  keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname, searchParams: query } = new URL(request.url ?? "/", "http://s3");
    const [, bucket, ...key] = pathname.split("/").map(decodeURIComponent);
    const { method = "", headers } = request;
    const asked = { method, key: key.join("/"), query, headers, body: Buffer.concat(chunks) };
    this.requests.push({ method, key: asked.key });
    const { status, headers: own = {}, body = "" } = this.answer(bucket, asked);
    response.writeHead(status, { "content-length": Buffer.byteLength(body), ...own });
    response.end(method === "HEAD" ? undefined : body);
  }

  private answer(bucket: string | undefined, request: S3Request): S3Answer {
    if (!request.headers.authorization?.includes(`Credential=${this.accessKey}/`)) return failure(403, "AccessDenied");
    if (bucket !== this.bucket) return failure(404, "NoSuchBucket");
    const { method, key, query, headers, body } = request;
    if (headers["content-encoding"]?.includes("aws-chunked") || headers.range || headers["if-none-match"])
      return failure(501, "NotImplemented");
    if (key === "")
      return method === "GET" && query.get("list-type") === "2" ? this.list(query) : failure(501, "NotImplemented");
    const source = headers["x-amz-copy-source"];
    if (method === "PUT" && typeof source === "string") return this.copy(source, key);
    if (method === "PUT") return { status: 200, headers: { etag: this.put(key, body).etag } };
    const found = this.objects.get(key);
    if (method === "DELETE") {
      this.objects.delete(key);
      return { status: 204 };
    }
    if (method !== "GET" && method !== "HEAD") return failure(501, "NotImplemented");
    if (!found) return failure(404, "NoSuchKey");
    return {
      status: 200,
      headers: {
        etag: found.etag,
        "last-modified": found.changedAt.toUTCString(),
        "content-length": `${found.body.length}`,
      },
      body: found.body,
    };
  }

  private put(key: string, body: Buffer): StoredObject {
    const stored = { body, etag: `"${createHash("md5").update(body).digest("hex")}"`, changedAt: new Date() };
    this.objects.set(key, stored);
    return stored;
  }

  private copy(source: string, key: string): S3Answer {
    const [bucket, ...from] = decodeURIComponent(source).replace(/^\//, "").split("/");
    const found = bucket === this.bucket ? this.objects.get(from.join("/")) : undefined;
    if (!found) return failure(404, "NoSuchKey");
    const { etag, changedAt } = this.put(key, found.body);
    const result = xml`<CopyObjectResult><ETag>${etag}</ETag><LastModified>${changedAt.toISOString()}</LastModified></CopyObjectResult>`;
    return { status: 200, body: result.text };
  }

  /** ListObjectsV2. Common prefixes count as keys, and are sorted among them. */
  private list(query: URLSearchParams): S3Answer {
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter") ?? "";
    const after = query.get("continuation-token") ?? query.get("start-after") ?? "";
    const entryOf = (key: string) => {
      const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return end < 0 ? key : key.slice(0, end + delimiter.length);
    };
    const entries = [...new Set(this.keys(prefix).map(entryOf))].filter((entry) => entry > after);
    const shown = entries.slice(0, Number(query.get("max-keys") ?? 1000));
    const next = shown.length < entries.length ? shown.at(-1) : undefined;
    const lines = shown.map((entry) => {
      const found = this.objects.get(entry);
      if (!found) return xml`<CommonPrefixes><Prefix>${entry}</Prefix></CommonPrefixes>`;
      const { etag, changedAt, body } = found;
      return xml`<Contents><Key>${entry}</Key><LastModified>${changedAt.toISOString()}</LastModified><ETag>${etag}</ETag><Size>${body.length}</Size></Contents>`;
    });
    const token = next === undefined ? undefined : xml`<NextContinuationToken>${next}</NextContinuationToken>`;
    const result = xml`<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${this.bucket}</Name><Prefix>${prefix}</Prefix><KeyCount>${shown.length}</KeyCount><IsTruncated>${String(next !== undefined)}</IsTruncated>${token}${lines}</ListBucketResult>`;
    return { status: 200, body: result.text };
  }
}

const failure = (status: number, code: string): S3Answer => ({
  status,
  body: xml`<Error><Code>${code}</Code><Message>${code}</Message></Error>`.text,
});
