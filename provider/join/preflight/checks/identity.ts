import { isIP } from "node:net";
import { isMarkedName, type ServedCertificate } from "../../../https/served-certificate";
import { pinProblem, trustProblem } from "../../../https/trust-problem";
import { coverageOf, effectiveNames } from "../../../spp/certificates";
import {
  type Check,
  type Failed,
  fail,
  failedWith,
  failureOf,
  listed,
  notChecked,
  type Outcome,
  pass,
  SOURCES,
  timeWasUp,
  warn,
} from "../check";
import type { SppFacts, SpsFacts } from "../facts";
import { type Fact, isRead, valueIfRead } from "../gathering";

const UNREACHABLE = ["SG1010", "SG1016", "SG1017"] as const;
/** Codes for 5xx answers of SPS and SPP. */
const UNAVAILABLE = ["SG1015", "SG2005"] as const;

export const IDENTITY_CHECKS: readonly Check[] = [
  {
    id: "sps-reachable",
    title: "SPS answers",
    source: SOURCES.authenticate,
    run: ({ sps }) => reachability([sps.login, sps.greeting, sps.info], sps.address, "sps.address"),
  },
  // An appliance in maintenance counts as reachable, although it refuses logins.
  {
    id: "spp-reachable",
    title: "SPP answers",
    source: SOURCES.sppStatus,
    run({ spp }) {
      const isUsable = isRead(spp.status) && !failedWith(spp.login, ["SG2005"]);
      return reachability(isUsable ? [spp.status, spp.login] : [spp.status], spp.address, "spp.address");
    },
  },
  {
    id: "sps-certificate",
    title: "SPS proves its identity",
    source: SOURCES.authenticate,
    run({ sps }) {
      const outcome = identity(sps, [sps.login, sps.greeting], "sps");
      const served = valueIfRead(sps.certificate);
      if (outcome.status !== "pass" || sps.trust !== "authorities" || !served) return outcome;
      if (coverageOf(served, sps.address) !== "none") return outcome;
      const names = effectiveNames(served);
      const text = `its certificate names ${listed(names) || "nothing"}, not ${sps.address}`;
      return fail("SG1011", text, "sps.address", nameToUse("sps", names, sps.resolved));
    },
  },
  // `spp-certificate-name` compares the names.
  {
    id: "spp-certificate",
    title: "SPP proves its identity",
    source: SOURCES.sppCertificates,
    run: ({ spp }) => identity(spp, [spp.login, spp.status], "spp"),
  },
  // SPS compares the certificate with the name or address that the program sets.
  {
    id: "spp-certificate-name",
    title: "SPP's certificate names its address",
    source: SOURCES.joinErrors,
    isForRequest: true,
    run({ spp }) {
      const status = valueIfRead(spp.status);
      // The assigned certificate takes precedence over the served one, because SPS may use another route.
      const assigned = status && valueIfRead(spp.assigned)?.(status.applianceId);
      const certificate = assigned ?? valueIfRead<ServedCertificate>(spp.certificate);
      if (!certificate) return notChecked("why" in spp.certificate ? spp.certificate.why : "no certificate is known");
      const coverage = coverageOf(certificate, spp.address);
      if (coverage === "name") return pass(`it names ${spp.address}`);
      if (coverage === "common name alone") {
        const remedy = "assign SPP a certificate with its address among the subject alternative names";
        return warn("only its common name does, which newer software ignores", remedy, "spp.address");
      }
      const { names, commonName } = certificate;
      const shown = listed(names.length > 0 ? names : [commonName].filter(Boolean)) || "nothing";
      const text = `its certificate names ${shown}, not ${spp.address}; SPS would refuse to join`;
      return fail("SG2011", text, "spp.address", nameToUse("spp", names, spp.resolved));
    },
  },
  {
    id: "sps-is-sps",
    title: "the server is an SPS node",
    source: SOURCES.authenticate,
    run({ sps }) {
      const answers = pass("it answers as an SPS node does");
      if (isRead(sps.login)) return answers;
      const refused = [sps.greeting, sps.login].find((fact) => failedWith(fact, ["SG1012"]));
      if (refused !== undefined && !isRead(refused)) return failureOf(refused, "sps.address");
      if (!isRead(sps.greeting)) return notChecked(sps.greeting.why);
      if (sps.greeting.value.isSps) return answers;
      if (!failedWith(sps.login, ["SG1013"])) return notChecked(sps.login.why);
      const cause = "the server there asks for a password but is not an SPS node";
      return fail("SG1012", cause, "sps.address");
    },
  },
  {
    id: "spp-is-spp",
    title: "the server is an SPP appliance",
    source: SOURCES.sppStatus,
    run({ spp }) {
      if (isRead(spp.status) || isRead(spp.login)) return pass("it answers as an SPP appliance does");
      return failedWith(spp.status, ["SG1012", "SG2004"])
        ? failureOf(spp.status, "spp.address")
        : notChecked(spp.status.why);
    },
  },
];

/** Whether an appliance answers; a refusal also counts as an answer. `path` is the property that holds its address. */
function reachability(facts: readonly Fact<unknown>[], address: string, path: string): Outcome {
  const broken = facts.find((fact): fact is Failed => failedWith(fact, UNREACHABLE));
  if (broken) return failureOf(broken, path);
  const unavailable = facts.find((fact): fact is Failed => failedWith(fact, UNAVAILABLE));
  if (unavailable) return failureOf(unavailable, path);
  const late = facts.find(timeWasUp);
  if (late) {
    const text = `not all answers came: ${late.why}`;
    return warn(text, "check the load of the appliance, and proxies and firewalls in between", path);
  }
  const isAnswered = facts.some((fact) => "value" in fact || fact.code !== undefined);
  return isAnswered
    ? pass(`${address} answers`)
    : notChecked(facts.map((fact) => ("why" in fact ? fact.why : ""))[0] ?? "");
}

/**
 * Verifies the identity of an appliance by trusted issuers or the pinned certificate, without comparing names.
 * @param asked facts whose errors explain a failure
 */
function identity(
  { trust, pinned, certificate }: Pick<SpsFacts | SppFacts, "trust" | "pinned" | "certificate">,
  asked: readonly Fact<unknown>[],
  side: "sps" | "spp",
): Outcome {
  if ("why" in certificate) return notChecked(certificate.why);
  const served = certificate.value;
  if (trust === "skipped") {
    const text = "any server is trusted (insecureSkipVerify), so the credentials can be intercepted";
    return warn(text, `set ${side}.ca or ${side}.certificateSha256`, `${side}.insecureSkipVerify`);
  }
  if (trust === "pinned") {
    if (served.sha256 === pinned) return pass("its certificate is the pinned one");
    const { cause, remedy } = pinProblem(served.sha256);
    return fail("SG1011", cause, `${side}.certificateSha256`, remedy());
  }
  if (served.chainProblem !== undefined) {
    const error = asked.find((fact): fact is Failed => failedWith(fact, ["SG1011"]));
    const problem = trustProblem(served.chainProblem, served.chain);
    const text = error?.cause ?? problem?.cause ?? `its certificate is not accepted (${served.chainProblem})`;
    const remedy = `set ${side}.ca to its authority, or pin its certificate with ${side}.certificateSha256`;
    return fail("SG1011", text, `${side}.ca`, problem?.remedy(`${side}.`) ?? remedy);
  }
  return pass("its certificate was issued by a trusted authority");
}

/**
 * The remedy for a certificate that does not name the address used.
 * @param resolved addresses of the host; one that the certificate names is the safest choice
 */
function nameToUse(side: "sps" | "spp", names: readonly string[], resolved: Fact<string[]>): string {
  const exact = names.filter((name) => !name.startsWith("*") && !isMarkedName(name));
  const own = exact.find((name) => valueIfRead(resolved)?.includes(name));
  if (own) return `set ${side}.address to ${own}, which is the same appliance`;
  const likely = exact.find((name) => !isIP(name)) ?? exact[0];
  if (likely) {
    return `set ${side}.address to ${likely} if that is the same appliance, or assign it a certificate that names its address`;
  }
  const wildcard = names.find((name) => name.startsWith("*"));
  if (wildcard) return `set ${side}.address to a name that ${wildcard} covers`;
  return "assign it a certificate that names its address";
}
