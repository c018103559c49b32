import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

/**
 * The deviations of correct responses from the vendor's OpenAPI documents. The first eight are the list
 * `x-known-deviations` of the documents.
 */
export const DEVIATIONS = [
  { where: "ApiError.InnerError", published: "not nullable", wire: "null" },
  { where: "ApiError.ModelState", published: "absent", wire: "map of property to messages, with code 70000" },
  { where: "/RSTS", published: "absent", wire: "not validated; covered by the login tests" },
  { where: "format", published: "string and date-span", wire: "any text" },
  { where: "201, 202, 204", published: "no schema", wire: "201 has the object of 200, the others have no body" },
  { where: "count=true", published: "a list", wire: "a whole number" },
  { where: "fields", published: "required properties", wire: "properties that are not requested are absent" },
  { where: "SslCertificate.Base64CertificateData", published: "write-only", wire: "returned" },
  { where: "404 of DELETE SessionModules, 503", published: "absent", wire: "no body" },
  {
    where: "401",
    published: "absent or without schema",
    wire: "ApiError with 60094, on all resources that need a token",
  },
  { where: "400", published: "not on every list", wire: "ApiError with 70000 to 70009 for bad query parameters" },
] as const;

interface Schema {
  $ref?: string;
  required?: string[];
  properties?: Record<string, Schema>;
  nullable?: boolean;
  type?: string;
  allOf?: Schema[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  format?: string;
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
  "x-known-deviations": string[];
}

/** A response to validate. */
export interface CheckedReply {
  method: string;
  /** Path with query. */
  path: string;
  status: number;
  contentType: string | undefined;
  text: string;
}

/** Validates responses against the vendor's OpenAPI documents. */
export class OpenApi {
  readonly document: Document;
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly compiled = new Map<string, ValidateFunction>();
  private readonly paths: { template: string; pattern: RegExp }[];

  constructor() {
    const file = join(__dirname, "..", "openapi", "spp-openapi-subset.json");
    this.document = JSON.parse(readFileSync(file, "utf8")) as Document;
    const { schemas } = this.document.components;
    const apiError = schemas.ApiError?.properties;
    if (!apiError) throw new Error("the OpenAPI subset has no schema ApiError");
    apiError.InnerError = { nullable: true, type: "object" };
    apiError.ModelState = { type: "object", additionalProperties: { type: "array", items: { type: "string" } } };
    addFormats(this.ajv);
    for (const format of ["string", "date-span", "float", "double", "int32", "int64"]) this.ajv.addFormat(format, true);
    this.ajv.addSchema({ $id: "spp", components: this.document.components });
    // Paths with fewer parameters take precedence, as on the appliance.
    this.paths = Object.keys(this.document.paths)
      .sort((left, right) => left.split("{").length - right.split("{").length)
      .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`, "i") }));
  }

  /** The violations in a response; unpublished paths and statuses count. */
  violations(reply: CheckedReply): string[] {
    const [path = "", query = ""] = reply.path.split("?");
    const template = this.paths.find((candidate) => candidate.pattern.test(decodeURIComponent(path)))?.template ?? "";
    const operation = this.document.paths[template]?.[reply.method.toLowerCase()];
    if (!operation) return [`${reply.method} ${path} is not published`];
    if (reply.status === 204 || reply.status === 404) return reply.text === "" ? [] : ["a body where none belongs"];
    const published = operation.responses[reply.status];
    const isApiError = reply.status === 401 || (reply.status === 400 && !published?.content);
    if (isApiError) return this.check("ApiError", { $ref: "#/components/schemas/ApiError" }, reply.text);
    if (!published) return [`status ${reply.status} of ${reply.method} ${template} is not published`];
    const type = reply.contentType?.split(";")[0] ?? "";
    const isBinary = type === "application/octet-stream" && published.content?.[type]?.schema.format === "byte";
    if (isBinary || (type === "text/csv" && published.content?.[type])) return [];
    if (type !== "application/json") return [`content type ${reply.contentType}`];
    const source = published.content ?? operation.responses[reply.status === 201 ? 200 : reply.status]?.content;
    const schema = source?.["application/json"]?.schema;
    if (!schema) return [`${reply.method} ${template} ${reply.status} has no schema`];
    if (reply.status < 300 && /(^|&)count=true/i.test(query)) return /^\d+$/.test(reply.text) ? [] : ["no count"];
    const isPartial = reply.status < 300 && /(^|&)fields=/i.test(query);
    return this.check(`${reply.method} ${template} ${reply.status} ${isPartial}`, schema, reply.text, isPartial);
  }

  private check(key: string, schema: Schema, text: string, isPartial = false): string[] {
    const validate = this.compiled.get(key) ?? this.ajv.compile(withAbsoluteReference(schema));
    this.compiled.set(key, validate);
    validate(JSON.parse(text));
    const errors = (validate.errors ?? []).filter((error) => !(isPartial && error.keyword === "required"));
    return errors.map((error) => `${key}: ${error.instancePath} ${error.message}`);
  }
}

function withAbsoluteReference(schema: Schema): Schema {
  if (schema.$ref) return { ...schema, $ref: `spp${schema.$ref}` };
  return schema.items ? { ...schema, items: withAbsoluteReference(schema.items) } : schema;
}
