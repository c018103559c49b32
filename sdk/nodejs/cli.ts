#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { messageOf } from "../../provider/core/errors";
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
  --sps-password-env NAME    environment variable with the password; default SAFEGUARD_SPS_PASSWORD
  --spp-password-env NAME    default SAFEGUARD_SPP_PASSWORD
  --sps-password-file FILE   instead of the variable
  --spp-password-file FILE
  --ca FILE                  PEM certificates to trust instead of the system's own, for both
  --sps-ca FILE              for SPS alone
  --spp-ca FILE              for SPP alone
  --sps-sha256 FINGERPRINT   pins the certificate of SPS
  --spp-sha256 FINGERPRINT   pins the certificate of SPP
  --insecure-skip-verify     accepts any certificate
  --cluster-id ID            node id the Central Management node must have
  --seconds N                limit of the whole preflight; default 15
  --diagnostics              lets SPP test port 8649 of SPS; leaves an entry in SPP's audit log
  --json                     prints the whole report as JSON
  --help                     prints this

Exit code: 0 when no check failed, 1 when one did, 2 when the command is not valid.
`;

const OPTIONS = {
  sps: { type: "string" },
  spp: { type: "string" },
  "sps-user": { type: "string" },
  "spp-user": { type: "string" },
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
  seconds: { type: "string" },
  diagnostics: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean" },
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
  let options: PreflightOptions;
  let isJson: boolean;
  try {
    const { values, positionals } = parse(args);
    if (values.help || (args.length === 0 && positionals.length === 0)) {
      output.out(USAGE);
      return values.help ? 0 : 2;
    }
    if (positionals[0] !== "preflight" || positionals.length > 1) {
      throw new TypeError(
        `Invalid value for the command: ${positionals.join(" ") || "none"}. Allowed values are: preflight.`,
      );
    }
    options = optionsOf(values);
    isJson = values.json ?? false;
  } catch (error) {
    return notValid(error, output);
  }
  let report: PreflightReport;
  try {
    report = await preflight(options, { signal });
  } catch (error) {
    return notValid(error, output);
  }
  const text = isJson ? JSON.stringify(report, undefined, 2) : preflightLines(report).join("\n");
  output.out(`${output.hasLinks && !isJson ? withErrorLinks(text) : text}\n`);
  return report.ok ? 0 : 1;
}

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
}

function notValid(error: unknown, output: Output): number {
  output.error(`error: ${messageOf(error)}\n`);
  return 2;
}

function optionsOf(values: Values): PreflightOptions {
  return {
    sps: connectionOf("sps", values),
    spp: connectionOf("spp", values),
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
  const ca = values[`${side}-ca`] ?? values.ca;
  const file = values[`${side}-password-file`];
  const variable = values[`${side}-password-env`] ?? `SAFEGUARD_${side.toUpperCase()}_PASSWORD`;
  return {
    address,
    ...(file ? { passwordFile: file } : { passwordEnv: variable }),
    ...defined({
      port: port === undefined ? undefined : Number(port),
      username: values[`${side}-user`],
      ca: ca === undefined ? undefined : readFileSync(ca, "utf8"),
      certificateSha256: values[`${side}-sha256`],
      insecureSkipVerify: values["insecure-skip-verify"],
    }),
  };
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
