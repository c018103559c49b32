/*
 * A policy pack: `pulumi preview --policy-pack ../policy-pack`. It reads both appliances of each join that the stack holds, and reports
 * a broken one before anything else of the site is changed. An update that creates or repairs the join passes.
 */
import { PolicyPack, type PolicyResource } from "@pulumi/policy";
import { getJoinStatus, type JoinStatusOptions } from "pulumi-safeguard";

const isJoin = ({ type }: PolicyResource) => type === "pulumi-nodejs:dynamic/safeguard:SppJoin";

/** Whether a preview would create or change the join, for example to repair it: then its outputs are unknown, and reading one throws. */
function isPending({ props }: PolicyResource): boolean {
  try {
    return props.health === undefined;
  } catch {
    return true;
  }
}

new PolicyPack("safeguard", {
  policies: [
    {
      name: "join-is-whole",
      description: "SPS and SPP agree that they are joined.",
      enforcementLevel: "mandatory",
      validateStack: async ({ resources }, reportViolation) => {
        const joins = resources.filter((resource) => isJoin(resource) && !isPending(resource));
        for (const { name, urn, props } of joins) {
          const { health } = await getJoinStatus({ sps: props.sps, spp: props.spp } as JoinStatusOptions);
          if (health !== "joined")
            reportViolation(`${name}: its join is ${health}; run npx pulumi-safeguard doctor`, urn);
        }
      },
    },
  ],
});
