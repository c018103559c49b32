#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { messageOf } from "../../provider/core/errors";
import { filePath } from "../../provider/core/file-path";
import { nearest } from "../../provider/core/nearest";
import { certificatesProblem, holdsCertificates } from "../../provider/core/pem";
import { printable } from "../../provider/core/printable";
import { showsLinks, withErrorLinks } from "./error-links";
import { type PreflightOptions, type PreflightReport, preflight, preflightLines } from "./preflight";

/*
 * The command line tool of the package: `npx pulumi-safeguard preflight …`. It takes passwords from the environment or
 * from files only, because everybody on the machine can read a command line.
 */

const USAGE = `Usage: pulumi-safeguard preflight --sps ADDRESS[:PORT] --spp ADDRESS[:PORT] [options]

Checks whether an SPS cluster can be joined to SPP. Changes nothing.

  --sps ADDRESS[:PORT]       the Central Management node of the SPS cluster
  --spp ADDRESS[:PORT]       the primary of the SPP cluster
  --sps-user NAME            default admin
  --spp-user NAME            default admin
  --spp-identity-provider NAME
                             identity provider of the user of SPP; default: the local users
  --sps-password-env NAME    environment variable with the password; default SAFEGUARD_SPS_PASSWORD
  --spp-password-env NAME    default SAFEGUARD_SPP_PASSWORD
  --sps-password-file FILE   file with the password, instead of the variable
  --spp-password-file FILE   file with the password, instead of the variable
  --ca FILE                  PEM certificates to trust instead of the system's own, for both
  --sps-ca FILE              PEM certificates to trust for SPS
  --spp-ca FILE              PEM certificates to trust for SPP
  --sps-sha256 FINGERPRINT   pins the certificate of SPS
  --spp-sha256 FINGERPRINT   pins the certificate of SPP
  --insecure-skip-verify     accepts any certificate
  --cluster-id ID            node id the Central Management node must have
  --sps-backup MODE          require (default), report or skip: whether SPS must have a system backup policy
  --spp-backup MODE          take (default), require, report or skip: whether SPP must have a recent backup
  --seconds N                limit of the whole preflight, 1 to 600; default 15
  --diagnostics              lets SPP test port 8649 of SPS; leaves an entry in SPP's audit log
  --strict                   fails also for warnings and for checks that could not be made
  --json                     prints the whole report as JSON
  --version                  prints the version of this package
  --help                     prints this

Exit codes:
  0  no check failed
  1  a check failed, or the time limit ended before everything was read; with --strict also any warning or check not made
  2  the command is invalid
`;

const OPTIONS = {
  sps: { type: "string" },
  spp: { type: "string" },
  "sps-user": { type: "string" },
  "spp-user": { type: "string" },
  "spp-identity-provider": { type: "string" },
  "sps-password-env": { type: "string" },
  "spp-password-env": { type: "string" },
  "sps-password-file": { type: "string" },
  "spp-password-file": { type: "string" },
  ca: { type: "string" },
  "sps-ca": { type: "string" },
  "spp-ca": { type: "string" },
  "sps-sha256": { type: "string" },
  "spp-sha256": { type: "string" },
  "insecure-skip-verify": { type: "boolean" },
  "cluster-id": { type: "string" },
  "sps-backup": { type: "string" },
  "spp-backup": { type: "string" },
  seconds: { type: "string" },
  diagnostics: { type: "boolean" },
  strict: { type: "boolean" },
  json: { type: "boolean" },
  version: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

type Values = ReturnType<typeof parse>["values"];

/** Where the tool writes to. */
export interface Output {
  out(text: string): void;
  error(text: string): void;
  /** Whether codes of errors may be links to their pages. Default false. */
  hasLinks?: boolean;
}

/** Runs the tool with its arguments, and gives its exit code. Never throws. */
export async function main(args: readonly string[], output: Output, signal?: AbortSignal): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    if (values.version) output.out(`${packageVersion()}\n`);
    else if (values.help || args.length === 0) output.out(USAGE);
    if (values.version || values.help) return 0;
    if (args.length === 0) return 2;
    if (positionals[0] !== "preflight" || positionals.length > 1) {
      const given = positionals.join(" ") || "none";
      throw new TypeError(`Invalid value for the command: ${given}. Allowed values are: preflight.`);
    }
    const report = await preflight(optionsOf(values), { signal });
    const whole = values.json ? JSON.stringify(report, undefined, 2) : preflightLines(report).join("\n");
    const text = printable(whole, Number.POSITIVE_INFINITY);
    output.out(`${output.hasLinks && !values.json ? withErrorLinks(text) : text}\n`);
    return verdict(report, values, output);
  } catch (error) {
    output.error(`error: ${withOptionNames(messageOf(error))}\n`);
    return 2;
  }
}

/** The exit code for a report. Prints the reason when no failed check shows it. */
function verdict(report: PreflightReport, { strict, seconds }: Values, { error }: Output): number {
  if (!report.ok) return 1;
  if (!report.isComplete) {
    error(`error: the limit of ${seconds ?? 15} s ended before everything was read; raise it with --seconds\n`);
    return 1;
  }
  const count = (status: string) => report.checks.filter((check) => check.status === status).length;
  const [warnings, unmade] = [count("warn"), count("not checked")];
  if (!strict || warnings + unmade === 0) return 0;
  const counted = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  error(`error: --strict: ${counted(warnings, "warning")}, ${counted(unmade, "check")} not made\n`);
  return 1;
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

function withOptionNames(message: string): string {
  return Object.entries(OPTION_OF).reduce(
    (text, [property, option]) => text.replace(new RegExp(`(?<=Invalid value for )${property}\\b`, "g"), option),
    message,
  );
}

function parse(args: readonly string[]) {
  const { tokens } = parseArgs({ args: [...args], options: OPTIONS, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== "option" || Object.hasOwn(OPTIONS, token.name)) continue;
    const meant = nearest(token.name, Object.keys(OPTIONS));
    const remedy = meant === undefined ? "Run it with --help for its options." : `Did you mean --${meant}?`;
    throw new TypeError(`Unknown option ${token.rawName}. ${remedy}`);
  }
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    // Node explains the syntax of arguments in further sentences.
    throw new TypeError(
      messageOf(error).replace(
        /^Option '(--[\w-]+).*?' (argument missing|does not take an argument).*/s,
        "Option $1: $2.",
      ),
    );
  }
}

/** The version in package.json, which is above the compiled file or above its source. */
function packageVersion(): string {
  const file = ["../../../package.json", "../../package.json"]
    .map((path) => join(__dirname, path))
    .find((path) => existsSync(path));
  return JSON.parse(readFileSync(file ?? "", "utf8")).version;
}

function optionsOf(values: Values): PreflightOptions {
  return {
    sps: connectionOf("sps", values),
    spp: connectionOf("spp", values),
    backups: defined({ sps: values["sps-backup"], spp: values["spp-backup"] }) as PreflightOptions["backups"],
    ...defined({ clusterId: values["cluster-id"], diagnostics: values.diagnostics }),
    ...defined({ limitSeconds: secondsOf(values.seconds) }),
  };
}

function secondsOf(given: string | undefined): number | undefined {
  if (given === undefined || /^([1-9]|[1-9]\d|[1-5]\d\d|600)$/.test(given)) return given ? Number(given) : undefined;
  throw new TypeError(`Invalid value for --seconds: ${given}. Allowed values are: 1 to 600.`);
}

function connectionOf(side: "sps" | "spp", values: Values): PreflightOptions["sps"] {
  const given = values[side];
  if (given === undefined) throw new TypeError(`The option --${side} is missing.`);
  const [, address = given, port] = /^([^:]*):(\d+)$/.exec(given) ?? [];
  const ca = certificatesOf(values[`${side}-ca`] === undefined ? "ca" : `${side}-ca`, values);
  const file = values[`${side}-password-file`];
  const variable = values[`${side}-password-env`] ?? `SAFEGUARD_${side.toUpperCase()}_PASSWORD`;
  return {
    address,
    ...(file ? { passwordFile: file } : { passwordEnv: variable }),
    ...defined({
      port: port === undefined ? undefined : Number(port),
      username: values[`${side}-user`],
      ca,
      certificateSha256: values[`${side}-sha256`],
      insecureSkipVerify: values["insecure-skip-verify"],
      identityProvider: side === "spp" ? values["spp-identity-provider"] : undefined,
    }),
  };
}

/** The PEM certificates in the file of an option. @throws TypeError when it has none */
function certificatesOf(option: "ca" | "sps-ca" | "spp-ca", values: Values): string | undefined {
  const file = values[option];
  if (file === undefined) return undefined;
  const content = contentOf(file, option);
  if (holdsCertificates(content)) return content;
  const problem = certificatesProblem(content);
  if (problem) throw new TypeError(`Invalid value for --${option}: file ${file}: ${problem}.`);
  throw new TypeError(`Invalid value for --${option}: ${file}. Allowed values are: a file with PEM certificates.`);
}

function contentOf(file: string, option: string): string {
  try {
    return readFileSync(filePath(file), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new TypeError(`Invalid value for --${option}: file ${file} ${reason}. Correct the path or its rights.`);
  }
}

/** The members that have a value. */
function defined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as never;
}

if (require.main === module) {
  const cancel = new AbortController();
  process.once("SIGINT", () => cancel.abort(new Error("cancelled")));
  const output: Output = {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    hasLinks: showsLinks(process.stdout, process.env),
  };
  void main(process.argv.slice(2), output, cancel.signal).then((code) => {
    process.exitCode = code;
  });
}
