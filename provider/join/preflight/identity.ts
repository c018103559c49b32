import type { ServedCertificate } from "../../https/served-certificate";
import { type Failed, fail, failedWith, notChecked, type Outcome, pass, warn } from "./check";
import type { Fact } from "./fact";
import type { SideNames } from "./facts";

/**
 * Whether an appliance proved to this machine who it is, its names apart: by its issuers or by the pinned certificate.
 * @param asked facts whose errors hold the words for what is wrong
 * @param side `sps` or `spp`, which the properties begin with
 */
export function identity(
  names: SideNames,
  certificate: Fact<ServedCertificate>,
  asked: readonly Fact<unknown>[],
  side: "sps" | "spp",
): Outcome {
  if ("why" in certificate) return notChecked(certificate.why);
  const served = certificate.value;
  if (names.trust === "skipped") {
    const text = "whoever answers is believed (insecureSkipVerify); anyone in between can read the credentials";
    return warn(text, `give ${side}.ca or ${side}.certificateSha256`, `${side}.insecureSkipVerify`);
  }
  if (names.trust === "pinned") {
    if (served.sha256 === names.pinned) return pass("its certificate is the pinned one");
    const remedy = "find out why it changed; if it was renewed, pin the new one";
    return fail(
      "SG1011",
      `its certificate is ${served.sha256}, not the pinned one`,
      remedy,
      `${side}.certificateSha256`,
    );
  }
  if (served.chainProblem !== undefined) {
    const told = asked.find((fact): fact is Failed => failedWith(fact, ["SG1011"]));
    const remedy = `give its authority as ${side}.ca, or pin its certificate with ${side}.certificateSha256`;
    return fail(
      "SG1011",
      told?.cause ?? `its certificate is not accepted (${served.chainProblem})`,
      remedy,
      `${side}.ca`,
    );
  }
  return pass("its certificate was issued by a trusted authority");
}
