import fc from "fast-check";
import { siteReport } from "../../provider/diagnosis/report";
import type { Facts } from "../../provider/join/preflight/facts";
import type { SiteReport } from "../../sdk/nodejs/diagnose";
import { CENTRAL_ID, NOW } from "../preflight/base-facts";
import { healthyFacts } from "../preflight/healthy-facts";
import { HEALTHY_LABS } from "../preflight/healthy-labs";
import { examine } from "./examine";
import { healthyRouters } from "./healthy-routers";
import { LabSite } from "./lab-site";

const YEAR = 31_536_000_000;

/** Joined pairs with which nothing is wrong, in every form that the documents allow. */
const joinedFacts: fc.Arbitrary<Facts> = healthyFacts
  .map(({ facts }) => facts)
  .filter(({ spp }) => "value" in spp.modules && spp.modules.value.some(({ nodeId }) => nodeId === CENTRAL_ID))
  .map(inOrder);

/** The variants for the preflight have certificates for one more day, which a diagnosis warns about. */
function inOrder(facts: Facts): Facts {
  const later = <T extends Facts["sps"]["certificate"]>(certificate: T) =>
    "value" in certificate ? { value: { ...certificate.value, notAfter: NOW + YEAR } } : certificate;
  const { sps, spp } = facts;
  return {
    ...facts,
    sps: { ...sps, certificate: later(sps.certificate) },
    spp: { ...spp, certificate: later(spp.certificate) },
  };
}

/** Reports on variants of facts. */
export function healthyReports(count: number, seed: number): SiteReport[] {
  return fc
    .sample(fc.tuple(joinedFacts, healthyRouters), { numRuns: count, seed })
    .map(([pair, routers]) => siteReport("a variant of facts", { pair, routers }, 0));
}

/** The labs in order that can be joined as they are. */
const LABS = HEALTHY_LABS.filter(({ arrange, options }) => !arrange && options.sps?.variant?.sppRead === undefined);

/** Starts, joins and examines every lab in order; the names of the labs that cannot be joined are left out. */
export async function healthyLabReports(): Promise<SiteReport[]> {
  const reports: SiteReport[] = [];
  for (const { name, options, dueWarnings = [] } of LABS) {
    const lab = await LabSite.start(options);
    try {
      const report = await examine(lab.site({ name }));
      const causes = report.causes.filter(({ check }) => !dueWarnings.includes(check));
      reports.push({ ...report, causes });
    } finally {
      await lab.stop();
    }
  }
  return reports;
}

/** Failures and warnings of sites in order, one line each. */
export function alarmsOf(reports: readonly SiteReport[]): string[] {
  return reports.flatMap(({ site, causes, checks }) =>
    causes.map(({ check }) => `${site}: ${check}: ${checks.find(({ id }) => id === check)?.text}`),
  );
}
