import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The part of an OpenAPI schema that tells names and nesting. */
interface Schema {
  $ref?: string;
  type?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
}

let schemas: Record<string, Schema> | undefined;

function schemaNamed(name: string): Schema {
  if (!schemas) {
    const file = join(__dirname, "..", "openapi", "spp-openapi-subset.json");
    const document = JSON.parse(readFileSync(file, "utf8")) as { components: { schemas: Record<string, Schema> } };
    schemas = document.components.schemas;
  }
  const schema = schemas[name];
  if (!schema) throw new Error(`the OpenAPI subset has no schema ${name}`);
  return schema;
}

function resolve(schema: Schema): Schema {
  if (schema.$ref) return resolve(schemaNamed(schema.$ref.split("/").at(-1) ?? ""));
  return schema.type === "array" && schema.items ? resolve(schema.items) : schema;
}

/**
 * Tells whether an entity has a property; dots lead into parent objects and into the items of lists, such as
 * `Appliances.Id`. Names are compared with their case.
 * @throws Error when there is no such entity.
 */
export function hasProperty(entity: string, path: string): boolean {
  let schema: Schema | undefined = schemaNamed(entity);
  for (const name of path.split(".")) {
    const properties: Record<string, Schema> = resolve(schema).properties ?? {};
    if (!Object.hasOwn(properties, name)) return false;
    schema = properties[name];
    if (!schema) return false;
  }
  return true;
}
