import { z } from "zod";
import {
  anyRouterConnection,
  applianceConnection,
  jumpHostConnection,
  sppConnection,
} from "../../provider/core/connection";
import { listOf, someText, unknownOr } from "../../provider/core/fields";
import { type JsonSchema, jsonSchemaOf } from "../../provider/core/json-schema";
import { atLeastOne, atMostOne, withRules } from "../../provider/core/rules";
import { routerInputs, siteInputs } from "../../provider/diagnosis/site/inputs";

const PASSWORD = ["passwordEnv", "passwordFile"] as const;
const KEY = ["privateKeyEnv", "privateKeyFile"] as const;
const PASSPHRASE = ["passphraseEnv", "passphraseFile"] as const;

/** The members of a connection without the secrets themselves. */
function withoutSecrets(shape: z.ZodRawShape): z.ZodRawShape {
  const isPublic = ([, field]: [string, unknown]) => !jsonSchemaOf(field as z.ZodType).secret;
  return Object.fromEntries(Object.entries(shape).filter(isPublic));
}

/** The members of a connection with a file in place of certificates, and without secrets. */
function withCaFile<Shape extends z.ZodRawShape>({ shape }: z.ZodObject<Shape>): z.ZodRawShape {
  const { ca: _ca, ...others } = withoutSecrets(shape);
  const caFile = someText("File with PEM certificates to trust instead of the system's own.").optional();
  return { ...others, caFile };
}

function appliance<Shape extends z.ZodRawShape>(connection: z.ZodObject<Shape>) {
  return withRules(z.strictObject(withCaFile(connection)), [atLeastOne(PASSWORD, "password"), atMostOne(PASSWORD)]);
}

const LOGIN_RULES = [
  atLeastOne([...PASSWORD, ...KEY, "agent"], "password, private key or agent"),
  atMostOne(PASSWORD),
  atMostOne(KEY),
  atMostOne(PASSPHRASE),
];

const jumpHost = withRules(z.strictObject(withoutSecrets(jumpHostConnection.shape)), LOGIN_RULES);

const router = z.strictObject({
  ...routerInputs,
  router: unknownOr(
    withRules(
      z.strictObject({
        ...withCaFile(anyRouterConnection),
        jumpHost: unknownOr(jumpHost, "Host that the connection goes through.").optional(),
      }),
      LOGIN_RULES,
    ),
    "How to reach the router: over SSH, and over HTTPS on Sophos UTM.",
  ),
});

/** The content of `safeguard.yaml`. */
export const siteFileSchema = z.strictObject({
  sites: listOf(
    unknownOr(
      z.strictObject({
        ...siteInputs,
        sps: unknownOr(appliance(applianceConnection), "The Central Management node of the SPS cluster."),
        spp: unknownOr(appliance(sppConnection), "The primary of the SPP cluster."),
        routers: listOf(unknownOr(router, "One router."), "The routers of the site. Default: none.", 0).optional(),
      }),
      "One site.",
    ),
    "The sites.",
  ),
});

/** Where the published schema lies in this package. */
export const SITE_FILE_SCHEMA_PATH = "docs/schemas/safeguard.json";

/** The JSON Schema of the file, for editors. */
export function siteFileJsonSchema(): Record<string, unknown> {
  const description = "Sites for the command pulumi-safeguard. Secrets come from environment variables and files.";
  return publishedSchema("safeguard.yaml", description, siteFileSchema);
}

/** A schema as this package publishes it. */
export function publishedSchema(title: string, description: string, schema: z.ZodType): Record<string, unknown> {
  const about = { $schema: "https://json-schema.org/draft/2020-12/schema", title, description };
  return { ...about, ...(plain(jsonSchemaOf(schema)) as object) };
}

/** The schema without the marks that only this product reads. */
function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(plain);
  if (schema === null || typeof schema !== "object") return schema;
  const { allowed, access, secret, ...rest } = schema as JsonSchema;
  const marks = { allowed, access, secret };
  // A property of that name is a schema, a mark is not.
  const properties = Object.entries(marks).filter(([, value]) => value !== null && typeof value === "object");
  return Object.fromEntries([...Object.entries(rest), ...properties].map(([key, value]) => [key, plain(value)]));
}
