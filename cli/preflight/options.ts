import { readFileSync } from "node:fs";
import { filePath } from "../../provider/core/file-path";
import { certificatesProblem, holdsCertificates } from "../../provider/core/pem";
import type { PreflightOptions } from "../../sdk/nodejs/preflight";
import type { Session } from "../session";
import { oneSite, type SiteSource } from "../site-file/sites";
import { UsageError } from "../usage-error";
import { wholeNumber } from "../whole-number";

type Side = "sps" | "spp";

/** The options of `preflight` as written. */
export type PreflightValues = {
  [Option in
    | Side
    | `${Side}${"User" | "PasswordEnv" | "PasswordFile" | "Ca" | "Sha256" | "Backup"}`
    | "sppIdentityProvider"
    | "ca"
    | "clusterId"
    | "seconds"]?: string;
} & SiteSource & { site?: string } & { [Option in "insecureSkipVerify" | "diagnostics" | "strict" | "json"]?: boolean };

/** The options of the function for the options of the command. @throws UsageError */
export async function preflightOptions(values: PreflightValues, session: Session): Promise<PreflightOptions> {
  return {
    ...(await appliancesOf(values, session)),
    backups: defined({ sps: values.spsBackup, spp: values.sppBackup }) as PreflightOptions["backups"],
    ...defined({ diagnostics: values.diagnostics }),
    ...(values.seconds !== undefined && { limitSeconds: wholeNumber(values.seconds, "--seconds", 1, 600) }),
  };
}

/** The options by the names of the properties that messages of the function contain. */
const OPTION_OF: Record<string, string> = {
  "(sps|spp)\\.(address|port)": "--$1",
  "(sps|spp)\\.username": "--$1-user",
  "(sps|spp)\\.certificateSha256": "--$1-sha256",
  "spp\\.identityProvider": "--spp-identity-provider",
  "(sps|spp)\\.passwordEnv": "--$1-password-env",
  "(sps|spp)\\.passwordFile": "--$1-password-file",
  "backups\\.(sps|spp)": "--$1-backup",
  clusterId: "--cluster-id",
  limitSeconds: "--seconds",
};

/** A message of the function, with the names of options in place of those of properties. */
export function withOptionNames(message: string): string {
  return Object.entries(OPTION_OF).reduce(
    (text, [property, option]) => text.replace(new RegExp(`(?<=Invalid value for )${property}\\b`, "g"), option),
    message,
  );
}

/** The appliances of a site, or those that the options describe. */
async function appliancesOf(
  values: PreflightValues,
  session: Session,
): Promise<Pick<PreflightOptions, "sps" | "spp" | "clusterId">> {
  const { file, stack, site: name, clusterId } = values;
  if ([file, stack, name].every((value) => value === undefined)) {
    return { sps: connectionOf("sps", values), spp: connectionOf("spp", values), ...defined({ clusterId }) };
  }
  const own = Object.keys(values).find((key) => CONNECTING.test(key));
  if (own !== undefined) {
    const option = `--${own.replaceAll(/[A-Z]/g, (part) => `-${part.toLowerCase()}`)}`;
    throw new UsageError(`Option ${option}: the site has its own connections; leave out ${option}, or name no site.`);
  }
  const site = await oneSite(name, defined({ file, stack }), session);
  return { sps: site.sps, spp: site.spp, ...defined({ clusterId: clusterId ?? site.clusterId }) };
}

/** The options that describe a connection. */
const CONNECTING = /^(?:sp[sp](?!Backup)|ca$|insecureSkipVerify$)/;

function connectionOf(side: Side, values: PreflightValues): PreflightOptions["sps"] {
  const given = values[side];
  if (given === undefined) throw new UsageError(`The option --${side} is missing.`);
  const [, address = given, port] = /^([^:]*):(\d+)$/.exec(given) ?? [];
  const ownCa = values[`${side}Ca`];
  const file = values[`${side}PasswordFile`];
  const variable = values[`${side}PasswordEnv`] ?? `SAFEGUARD_${side.toUpperCase()}_PASSWORD`;
  return {
    address,
    ...(file ? { passwordFile: file } : { passwordEnv: variable }),
    ...defined({
      port: port === undefined ? undefined : Number(port),
      username: values[`${side}User`],
      ca: ownCa === undefined ? certificatesIn(values.ca, "--ca") : certificatesIn(ownCa, `--${side}-ca`),
      certificateSha256: values[`${side}Sha256`],
      insecureSkipVerify: values.insecureSkipVerify,
      identityProvider: side === "spp" ? values.sppIdentityProvider : undefined,
    }),
  };
}

/** The PEM certificates in the file of an option. @throws UsageError when it has none */
function certificatesIn(file: string | undefined, option: string): string | undefined {
  if (file === undefined) return undefined;
  const content = contentOf(file, option);
  if (holdsCertificates(content)) return content;
  const problem = certificatesProblem(content);
  if (problem) throw new UsageError(`Invalid value for ${option}: file ${file}: ${problem}.`);
  throw new UsageError(`Invalid value for ${option}: ${file}. Allowed values are: a file with PEM certificates.`);
}

function contentOf(file: string, option: string): string {
  try {
    return readFileSync(filePath(file), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new UsageError(`Invalid value for ${option}: file ${file} ${reason}. Correct the path or its rights.`);
  }
}

/** The members that have a value. */
function defined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as never;
}
