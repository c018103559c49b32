import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { CREDENTIAL_NAMES } from "./credential-names";
import { messageOf, SafeguardError } from "./errors";
import { field } from "./fields";
import { UNKNOWN, type Unknown } from "./unknown";

/** A secret given as such (a Pulumi secret in a program), or a reference that is resolved at run time and never stored. */
export type Credential = string | { env: string } | { file: string };

/** Schema of one credential: text, `{env: "NAME"}` or `{file: "path"}`. */
export function credential(meaning: string): z.ZodType<Credential | Unknown, Credential> {
  return field<Credential>(
    (value) => {
      if (typeof value === "string" && value !== "") return value;
      if (value === null || typeof value !== "object") return undefined;
      const entries = Object.entries(value);
      const [kind, target] = entries[0] ?? [];
      const isReference = entries.length === 1 && (kind === "env" || kind === "file");
      if (isReference && target === UNKNOWN) return UNKNOWN;
      return isReference && typeof target === "string" && target !== "" ? (value as Credential) : undefined;
    },
    'a secret text, {env: "NAME"} or {file: "path"}',
    meaning,
  );
}

/**
 * The secret itself. Reads the environment or the file of a reference; a trailing line break of a file is dropped
 * unless the file holds PEM text, and so is the mark that some editors begin UTF-8 with.
 * @throws SafeguardError SG1001 when the reference leads nowhere, or to nothing.
 */
export async function resolveCredential(object: string, given: Credential): Promise<string> {
  if (typeof given === "string") return given;
  if ("env" in given) {
    const value = process.env[given.env];
    if (value) return value;
    throw unresolved(object, `environment variable ${given.env} is not set`, "set it where the Pulumi program runs");
  }
  const content = (await textOf(object, given.file)).replace(/^\uFEFF/, "");
  const secret = content.includes("-----BEGIN") ? content : content.replace(/\r?\n$/, "");
  // Tried as a login, it would count as a wrong password.
  if (secret === "") throw unresolved(object, `file ${given.file} is empty`, "write the secret into it");
  return secret;
}

async function textOf(object: string, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw unresolved(object, `file ${file} cannot be read (${messageOf(error)})`, "correct the path or its rights");
  }
}

function unresolved(object: string, cause: string, remedy: string): SafeguardError {
  return new SafeguardError({ code: "SG1001", object, step: "resolve credential", cause, remedy });
}

/** The same value with the credentials of its connections blanked, so that all the rest can be used while they are unknown. */
export function withoutCredentials<T>(value: T): T {
  const blank = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(blank);
    if (inner === null || typeof inner !== "object") return inner;
    return Object.fromEntries(
      Object.entries(inner).map(([key, member]) => [key, CREDENTIAL_NAMES.includes(key) ? "" : blank(member)]),
    );
  };
  return blank(value) as T;
}
