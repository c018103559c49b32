import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument } from "yaml";
import { messageOf } from "../../provider/core/errors";
import { filePath } from "../../provider/core/file-path";
import { certificatesProblem, holdsCertificates } from "../../provider/core/pem";
import { validate } from "../../provider/core/validate";
import type { DiagnoseOptions } from "../../sdk/nodejs/diagnose";
import { UsageError } from "../usage-error";
import { siteFileSchema } from "./schema";

type Sites = DiagnoseOptions["sites"];

/**
 * The sites in a file. Files that it names are relative to its folder.
 * @throws UsageError that names the file and each mistake
 */
export function readSiteFile(file: string): Sites {
  return withFiles(readSiteFileAsWritten(file), dirname(resolve(filePath(file))), file) as Sites;
}

/** The same, with the paths of files as they are written, also those of certificates. @throws UsageError */
export function readSiteFileAsWritten(file: string): Sites {
  const given = parsed(file, textOf(file, resolve(filePath(file))));
  const validated = validate(siteFileSchema, given);
  if (validated.ok) return (given as { sites: Sites }).sites;
  throw new UsageError(`file ${file}: ${validated.failures.map(({ reason }) => reason).join(" ")}`);
}

function textOf(file: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new UsageError(`file ${file} ${reason}; name one with --file, or write it as docs/doctor.md shows`);
  }
}

/** Duplicate keys and unknown tags are mistakes, too. */
function parsed(file: string, text: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (!problem) return document.toJS({ maxAliasCount: 100 });
  const { line, col } = lines.linePos(problem.pos[0]);
  throw new UsageError(`file ${file}: line ${line}, column ${col}: ${problem.message}`);
}

/** The same values with whole paths, and certificates in place of their file. */
function withFiles(value: unknown, folder: string, file: string): unknown {
  if (Array.isArray(value)) return value.map((element) => withFiles(element, folder, file));
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).map(([key, inner]) => {
    if (typeof inner !== "string" || !key.endsWith("File")) return [key, withFiles(inner, folder, file)];
    const path = resolve(folder, filePath(inner));
    return key === "caFile" ? ["ca", certificatesIn(path, file)] : [key, path];
  });
  return Object.fromEntries(members);
}

function certificatesIn(path: string, file: string): string {
  const refused = (reason: string) => new UsageError(`file ${file}: caFile ${path}: ${reason}`);
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    throw refused(messageOf(error));
  }
  if (holdsCertificates(content)) return content;
  throw refused(certificatesProblem(content) ?? "it holds no PEM certificates");
}
