import { readFile } from "node:fs/promises";
import type { z } from "zod";
import { messageOf, SafeguardError } from "./errors";
import { access, secret, someText, text } from "./fields";
import { filePath } from "./file-path";
import { withLineBreaks } from "./pem";
import type { Unknown } from "./unknown";

/** The credentials that a connection may hold. */
export type CredentialName = "password" | "privateKey" | "passphrase" | "enablePassword" | "expertPassword";

/** The members of a connection that give one credential. */
type Members<Name extends CredentialName, T> = { [Key in Name | `${Name}Env` | `${Name}File`]: T };

/** A holder of a credential; at most one of its members is set. */
export type CredentialHolder<Name extends CredentialName> = Partial<Members<Name, string>>;

/** The names under which a credential can be given: itself, an environment variable, a file. */
export function credentialNames<Name extends CredentialName>(name: Name) {
  return [name, `${name}Env`, `${name}File`] as const;
}

/** Whether a connection says how to log in with a credential: in a preview, that may not be known yet. */
export function hasCredential<Name extends CredentialName>(holder: CredentialHolder<Name>, name: Name): boolean {
  return credentialNames(name).some((key) => (holder as Record<string, unknown>)[key] !== undefined);
}

/** The fields of one credential: the secret itself, or a reference that is resolved at run time and never stored. */
export function credentialFields<Name extends CredentialName>(name: Name, meaning: string) {
  const [value, env, file] = credentialNames(name);
  const allowed = `text that is not empty; or set ${env} or ${file} instead`;
  const fields = {
    [value]: secret(access(text(/[\s\S]/, allowed, meaning))).optional(),
    [env]: access(someText(`Environment variable to read instead of ${value}, where the program runs.`)),
    [file]: access(someText(`File to read instead of ${value}, where the program runs.`)),
  };
  fields[env] = fields[env]?.optional() as never;
  fields[file] = fields[file]?.optional() as never;
  return fields as unknown as Members<Name, z.ZodOptional<z.ZodType<string | Unknown, string>>>;
}

/**
 * The secret itself; undefined when the holder has none. Reads the environment variable or the file of a reference. Of both, a byte
 * order mark and one trailing line break are dropped; PEM text has real line breaks, however it is given.
 * @throws SafeguardError SG1001 when the variable is not set, or the file cannot be read or is empty.
 */
export async function resolveCredential<Name extends CredentialName>(
  object: string,
  holder: CredentialHolder<Name>,
  name: Name,
): Promise<string | undefined> {
  const given = holder as Record<string, string | undefined>;
  const [value, env, file] = credentialNames(name).map((key) => given[key]);
  if (value !== undefined) return withLineBreaks(value);
  if (env !== undefined) return fromEnvironment(object, env);
  return file === undefined ? undefined : await fromFile(object, file);
}

/**
 * The password of a connection to an appliance, which always has one.
 * @throws SafeguardError SG1001 as `resolveCredential`, and when there is none
 */
export async function resolvePassword(object: string, holder: CredentialHolder<"password">): Promise<string> {
  const password = await resolveCredential(object, holder, "password");
  if (password !== undefined) return password;
  throw unresolved(object, "no password is set", "set password, passwordEnv or passwordFile");
}

function fromEnvironment(object: string, name: string): string {
  const secret = plainSecret(process.env[name] ?? "");
  if (secret !== "") return secret;
  throw unresolved(
    object,
    `environment variable ${name} is not set`,
    "export it in the shell that runs pulumi; what the program itself sets is not seen",
  );
}

async function fromFile(object: string, file: string): Promise<string> {
  const secret = plainSecret(await textOf(object, file));
  // Tried as a login, it would count as a wrong password.
  if (secret === "") throw unresolved(object, `file ${file} is empty`, "write the secret into it");
  return secret;
}

/** The line break at the end comes from editors and from `echo`; no appliance accepts one in a password. */
function plainSecret(text: string): string {
  const secret = withLineBreaks(text.replace(/^\uFEFF/, ""));
  return secret.includes("-----BEGIN") ? secret : secret.replace(/\r?\n$/, "");
}

async function textOf(object: string, file: string): Promise<string> {
  try {
    return await readFile(filePath(file), "utf8");
  } catch (error) {
    throw unresolved(object, `file ${file} cannot be read (${messageOf(error)})`, "correct the path or its rights");
  }
}

function unresolved(object: string, cause: string, remedy: string): SafeguardError {
  return new SafeguardError({ code: "SG1001", object, step: "resolve credential", cause, remedy });
}
