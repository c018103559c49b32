import type { Attribute, ObjectType } from "./attributes";
import { OBJECT_TYPES } from "./object-types";

/*
 * The Swagger 2.0 documents of the API. Documented by published clients that read them: the list with name, description and
 * link; one document a class; the paths and the sentences about them; statuses that are numbers alone; and references that are
 * text with a description such as REF(network/*). Assumed: the names of the schemas, that these have the members `_ref`
 * and `_locked` but not `_type` (generators give it the name of an attribute `type`), that the X-Restd headers are parameters, and which statuses are listed. Not emulated: the documents
 * of nodes and of the status.
 */

type Json = Record<string, unknown>;

/** `GET /api/definitions`. */
export function definitionList(): { description: string; name: string; link: string }[] {
  const classes = new Set(Object.keys(OBJECT_TYPES).map((type) => type.split("/")[0] ?? ""));
  return [...classes].sort().map((name) => ({ description: name, name, link: `/api/definitions/${name}` }));
}

/** `GET /api/definitions/<class>`; undefined for a class that does not exist. */
export function definitionOf(name: string): Json | undefined {
  const types = Object.entries(OBJECT_TYPES).filter(([type]) => type.startsWith(`${name}/`));
  if (types.length === 0) return undefined;
  return {
    swagger: "2.0",
    info: { title: "Sophos UTM RESTful API", description: `Objects of the class ${name}`, version: "1.0.0" },
    schemes: ["https"],
    basePath: "/api",
    consumes: ["application/json"],
    produces: ["application/json"],
    securityDefinitions: { auth: { type: "basic" } },
    security: [{ auth: [] }],
    paths: Object.assign({}, ...types.map(([type]) => pathsOf(type))),
    definitions: {
      ...Object.fromEntries(types.map(([type, attributes]) => [schemaName(type), schemaOf(attributes)])),
      errors: { type: "array", items: ERROR },
      usedby: { type: "object", properties: { nodes: TEXTS, objects: TEXTS } },
    },
  };
}

const TEXT = { type: "string" };
const TEXTS = { type: "array", items: TEXT };
const ERROR = {
  type: "object",
  properties: {
    attrs: TEXTS,
    class: TEXT,
    fatal: { type: "integer" },
    msgtype: TEXT,
    name: TEXT,
    ref: TEXT,
    type: TEXT,
  },
};

const schemaName = (type: string) => type.replace("/", ".");
const schemaRef = (name: string) => ({ $ref: `#/definitions/${name}` });

function pathsOf(type: string): Json {
  const kind = type.split("/")[1] ?? "";
  const object = schemaRef(schemaName(type));
  const tags = [type];
  const reference = { name: "ref", in: "path", description: "id of the object", required: true, type: "string" };
  const body = (what: string) => ({ name: "body", in: "body", description: what, required: true, schema: object });
  const change = { parameters: HEADERS, tags };
  const operation = (description: string, success: Json, parts: Json & { parameters: unknown[] }) => ({
    summary: `${type} type`,
    description,
    ...parts,
    responses: { ...success, ...FAILURES },
  });
  return {
    [`/objects/${type}/`]: {
      get: operation(
        `Returns all available ${type} objects`,
        { 200: { description: `${type} objects`, schema: { type: "array", items: object } } },
        { tags, parameters: [] },
      ),
      post: operation(
        `Create a new ${type} object`,
        { 201: { description: "Created", schema: object } },
        { ...change, parameters: [body(`${type} that will be created`), ...HEADERS, INSERT] },
      ),
    },
    [`/objects/${type}/{ref}`]: {
      get: operation(`Returns all available ${kind} types`, ok(object), { tags, parameters: [reference] }),
      put: operation(`Creates or updates the complete object ${kind}`, ok(object), {
        ...change,
        parameters: [reference, body(`${type} that will be updated`), ...HEADERS],
      }),
      patch: operation(`Changes to parts of the object ${kind} types`, ok(object), {
        ...change,
        parameters: [reference, body(`${type} that will be changed`), ...HEADERS],
      }),
      delete: operation(
        `Deletes the object ${kind}`,
        { 204: { description: "No Content" } },
        { ...change, parameters: [reference, ...HEADERS] },
      ),
    },
    [`/objects/${type}/{ref}/usedby`]: {
      get: operation(
        "Returns the objects and the nodes that use the object with the given ref",
        ok(schemaRef("usedby")),
        {
          tags,
          parameters: [reference],
        },
      ),
    },
  };
}

const ok = (schema: Json) => ({ 200: { description: "Ok", schema } });

const FAILURES = Object.fromEntries(
  Object.entries({ 400: "Bad Request", 403: "Forbidden", 404: "Not Found" }).map(([status, description]) => [
    status,
    { description, schema: schemaRef("errors") },
  ]),
);

const header = (name: string, description: string) => ({ name, in: "header", description, type: "string" });
const HEADERS = [
  header("X-Restd-Err-Ack", "none, last or all"),
  header("X-Restd-Lock-Override", "yes"),
  header("X-Restd-Session", "close"),
];
const INSERT = header("X-Restd-Insert", "node and position");

function schemaOf(attributes: ObjectType): Json {
  const own = Object.entries(attributes).map(([name, attribute]) => [name, propertyOf(attribute)]);
  const required = Object.entries(attributes).flatMap(([name, { isRequired }]) => (isRequired ? [name] : []));
  return {
    type: "object",
    properties: { _locked: TEXT, _ref: TEXT, ...Object.fromEntries(own) },
    // A change of one attribute has the same schema, so it cannot require the others.
    ...(required.length > 0 && { description: `Needs ${required.join(", ")}` }),
  };
}

const TYPES: Record<Attribute["kind"], Json> = {
  text: TEXT,
  number: { type: "integer" },
  flag: { type: "boolean" },
  list: TEXTS,
  numbers: { type: "array", items: { type: "integer" } },
  hash: { type: "object", description: "(HASH)" },
  ipv4: { type: "string", description: "(IPADDR)" },
};

function propertyOf({ kind, default: value, refs, values, range }: Attribute): Json {
  return {
    ...TYPES[kind],
    ...(value !== undefined && typeof value !== "object" && { default: value }),
    ...(refs && { description: refs.map((one) => `REF(${one})`).join(", ") }),
    ...(values && { enum: values }),
    ...(range && { minimum: range[0], maximum: range[1] }),
  };
}
