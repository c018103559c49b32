import { CONNECT_SCHEMA_PATH, connectJsonSchema } from "../../cli/connect/schema";
import { SITE_FILE_SCHEMA_PATH, siteFileJsonSchema } from "../../cli/site-file/schema";
import { checkPage } from "./check-page";
import { errorPages } from "./error-pages";
import { resourcePages } from "./resource-pages";
import { rolloutFiles } from "./rollout-files";
import { sdkFiles } from "./sdk-classes";

/** Every generated file, by its path from the root. */
export function generatedFiles(): Record<string, string> {
  return {
    ...below("docs", { ...resourcePages(), ...errorPages(), ...checkPage() }),
    ...below("sdk/nodejs", sdkFiles()),
    ...below("rollout", rolloutFiles()),
    [CONNECT_SCHEMA_PATH]: `${JSON.stringify(connectJsonSchema(), undefined, 2)}\n`,
    [SITE_FILE_SCHEMA_PATH]: `${JSON.stringify(siteFileJsonSchema(), undefined, 2)}\n`,
  };
}

function below(folder: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([file, text]) => [`${folder}/${file}`, text]));
}
