import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The parts of an OpenAPI schema that define names and nesting. */
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
  if (!schema) throw new Error(`schema ${name} is not in the OpenAPI subset`);
  return schema;
}

function resolve(schema: Schema): Schema {
  if (schema.$ref) return resolve(schemaNamed(schema.$ref.split("/").at(-1) ?? ""));
  return schema.type === "array" && schema.items ? resolve(schema.items) : schema;
}

/**
 * Whether an entity has a property. Dots lead into nested objects and list items, for example `Appliances.Id`. Names are
 * case-sensitive.
 * @throws Error when the entity does not exist.
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
