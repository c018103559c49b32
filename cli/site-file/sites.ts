import { validate } from "../../provider/core/validate";
import { type Site, siteSchema } from "../../provider/diagnosis/site/inputs";
import { UsageError } from "../usage-error";
import { readSiteFile } from "./read";

type Sites = ReturnType<typeof readSiteFile>;

/** The sites of a file with these names; all of them without names. @throws UsageError */
export function sitesNamed(names: readonly string[] | undefined, file: string): Sites {
  const sites = readSiteFile(file);
  if (names === undefined) return sites;
  const known = sites.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return sites.filter(({ name }) => names.includes(name));
  throw new UsageError(
    `Invalid value for --site: ${unknown}. Allowed values are: ${known.join(", ")}, the sites of ${file}.`,
  );
}

/** The one site of a file with this name; without a name, the only one. @throws UsageError */
export function oneSite(name: string | undefined, file: string): Site {
  const [site, other] = sitesNamed(name === undefined ? undefined : [name], file);
  if (!site || other) {
    const known = readSiteFile(file).map((one) => one.name);
    throw new UsageError(
      `The option --site is missing. Allowed values are: ${known.join(", ")}, the sites of ${file}.`,
    );
  }
  const validated = validate(siteSchema, site);
  if (validated.ok) return validated.value as Site;
  throw new UsageError(`file ${file}: ${validated.failures.map(({ reason }) => reason).join(" ")}`);
}
