import { readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

/**
 * Every place where a right answer differs from the vendor's published documents, with the reason. The first list is
 * what `x-known-deviations` of the documents says; each line tells how the validation honours it.
 */
export const DEVIATIONS = [
  { where: "ApiError.InnerError", published: "not nullable", wire: "null" },
  { where: "ApiError.ModelState", published: "absent", wire: "map of property to messages, with code 70000" },
  { where: "/RSTS", published: "absent", wire: "not validated here; the login tests state its answers" },
  { where: "format", published: "string and date-span", wire: "taken as any text" },
  { where: "201, 202, 204", published: "no schema", wire: "201 carries the object of 200, the others nothing" },
  { where: "count=true", published: "a list", wire: "a whole number" },
  { where: "fields", published: "required properties", wire: "unwanted properties are absent" },
  { where: "SslCertificate.Base64CertificateData", published: "write-only", wire: "returned" },
  { where: "404 of DELETE SessionModules, 503", published: "absent", wire: "no body" },
  {
    where: "401",
    published: "absent or without schema",
    wire: "ApiError with 60094, on everything that needs a token",
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
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
  "x-known-deviations": string[];
}

/** An answer of the appliance, as far as it can be checked. */
export interface CheckedAnswer {
  method: string;
  /** Path with query. */
  path: string;
  status: number;
  contentType: string | undefined;
  text: string;
}

/** The vendor's published documents, ready to validate answers against. */
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
    if (!apiError) throw new Error("the published documents have no ApiError");
    apiError.InnerError = { nullable: true, type: "object" };
    apiError.ModelState = { type: "object", additionalProperties: { type: "array", items: { type: "string" } } };
    addFormats(this.ajv);
    for (const format of ["string", "date-span", "float", "double", "int32", "int64"]) this.ajv.addFormat(format, true);
    this.ajv.addSchema({ $id: "spp", components: this.document.components });
    // Literals before parameters, as the appliance routes.
    this.paths = Object.keys(this.document.paths)
      .sort((left, right) => left.split("{").length - right.split("{").length)
      .map((template) => ({ template, pattern: new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`, "i") }));
  }

  /** What is wrong with an answer; empty when nothing is. Paths that are not published are an error too. */
  complaints(answer: CheckedAnswer): string[] {
    const [path = "", query = ""] = answer.path.split("?");
    const template = this.paths.find((candidate) => candidate.pattern.test(decodeURIComponent(path)))?.template ?? "";
    const operation = this.document.paths[template]?.[answer.method.toLowerCase()];
    if (!operation) return [`${answer.method} ${path} is not published`];
    if (answer.status === 204 || answer.status === 404) return answer.text === "" ? [] : ["a body where none belongs"];
    const published = operation.responses[answer.status];
    const refusal = answer.status === 401 || (answer.status === 400 && !published?.content);
    if (refusal) return this.check("ApiError", { $ref: "#/components/schemas/ApiError" }, answer.text);
    if (!published) return [`status ${answer.status} of ${answer.method} ${template} is not published`];
    if (!answer.contentType?.startsWith("application/json")) return [`content type ${answer.contentType}`];
    const source = published.content ?? operation.responses[answer.status === 201 ? 200 : answer.status]?.content;
    const schema = source?.["application/json"]?.schema;
    if (!schema) return [`${answer.method} ${template} ${answer.status} has no schema`];
    if (answer.status < 300 && /(^|&)count=true/i.test(query)) return /^\d+$/.test(answer.text) ? [] : ["no count"];
    const partial = answer.status < 300 && /(^|&)fields=/i.test(query);
    return this.check(`${answer.method} ${template} ${answer.status} ${partial}`, schema, answer.text, partial);
  }

  private check(key: string, schema: Schema, text: string, partial = false): string[] {
    const validate = this.compiled.get(key) ?? this.ajv.compile(absolute(schema));
    this.compiled.set(key, validate);
    validate(JSON.parse(text));
    const errors = (validate.errors ?? []).filter((error) => !(partial && error.keyword === "required"));
    return errors.map((error) => `${key}: ${error.instancePath} ${error.message}`);
  }
}

function absolute(schema: Schema): Schema {
  if (schema.$ref) return { ...schema, $ref: `spp${schema.$ref}` };
  return schema.items ? { ...schema, items: absolute(schema.items) } : schema;
}
