import { connectResult } from "../../provider/diagnosis/connect/report-schema";
import { publishedSchema } from "../site-file/schema";

/** Where the published schema lies in this package. */
export const CONNECT_SCHEMA_PATH = "docs/schemas/connect.json";

/** The JSON Schema of what `connect --json` prints. */
export function connectJsonSchema(): Record<string, unknown> {
  return publishedSchema("connect --json", "The network between the parts of sites. Holds no secret.", connectResult);
}
