import { SITE_FILE_SCHEMA_PATH, siteFileJsonSchema } from "../../cli/site-file/schema";
import { definitionSchema } from "../../rollout/plan/validate";
import { errorPages } from "./error-pages";
import { resourcePages } from "./resource-pages";
import { sdkFiles } from "./sdk-classes";

/** Every generated file, by its path from the root. */
export function generatedFiles(): Record<string, string> {
  return {
    ...below("docs", { ...resourcePages(), ...errorPages() }),
    ...below("sdk/nodejs", sdkFiles()),
    "rollout/schema/rollout.schema.json": `${JSON.stringify(definitionSchema(), undefined, 2)}\n`,
    [SITE_FILE_SCHEMA_PATH]: `${JSON.stringify(siteFileJsonSchema(), undefined, 2)}\n`,
  };
}

function below(folder: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]));
}
