import type { SafeguardError } from "../../../core/errors";
import { GAIA_POINTER } from "../../guard/scripts/clish-answer";
import type { FoundGaia } from "../model/gaia";
import type { PlanContext } from "./decision";
import { refusal } from "./refusal";

/** Why a Check Point gateway cannot redirect with Linux rules in expert mode. A removal is never refused. */
export function gaiaRefusals(context: PlanContext): SafeguardError[] {
  const { gaia } = context.found;
  if (!gaia || context.desired.chains.length === 0) return [];
  return faultsOf(gaia).map((fault) => {
    const cause = `it is a Check Point gateway (${gaia.release}): ${fault}`;
    return refusal("SG3101", context, cause, GAIA_POINTER);
  });
}

function faultsOf({ secureXl, hasConnmark }: FoundGaia): string[] {
  return [
    ...(secureXl === "on" ? ["SecureXL is on, and forwards accelerated connections past iptables"] : []),
    ...(secureXl === "unknown" ? ["`fwaccel stat` does not say whether SecureXL is on"] : []),
    ...(hasConnmark ? [] : ["its iptables has no CONNMARK"]),
  ];
}

/** Why the rules of a gateway do not redirect, although they are in sync. */
export function gaiaFaults({ found, desired }: Pick<PlanContext, "found" | "desired">): string[] {
  if (!found.gaia || desired.chains.length === 0) return [];
  return faultsOf(found.gaia).map((fault) => `it is a Check Point gateway: ${fault}; ${GAIA_POINTER}`);
}

/** What a gateway does to Linux rules although they work. */
export function gaiaWarnings({ found, desired }: Pick<PlanContext, "found" | "desired">): string[] {
  if (!found.gaia || desired.chains.length === 0) return [];
  return [
    "it is a Check Point gateway: Gaia saves no rules of expert mode, its routing daemon may remove them, and SecureXL must stay off; platform check-point uses policy-based routing instead",
  ];
}
