/*
 * A policy pack: `pulumi preview --policy-pack ../policy-pack`. It reads the appliances of each join that the stack holds and reports
 * one that SPS and SPP do not both have any more, before anything else of the site is changed.
 */
import { PolicyPack, type PolicyResource } from "@pulumi/policy";
import { getJoinStatus, type JoinStatusOptions } from "pulumi-safeguard";

const isJoin = ({ type }: PolicyResource) => type === "pulumi-nodejs:dynamic/safeguard:SppJoin";

new PolicyPack("safeguard", {
  policies: [
    {
      name: "join-is-whole",
      description: "SPS and SPP agree that they are joined.",
      enforcementLevel: "mandatory",
      validateStack: async ({ resources }, reportViolation) => {
        for (const { name, urn, props } of resources.filter(isJoin)) {
          const { health } = await getJoinStatus({ sps: props.sps, spp: props.spp } as JoinStatusOptions);
          if (health !== "joined")
            reportViolation(`${name}: its join is ${health}; run npx pulumi-safeguard doctor`, urn);
        }
      },
    },
  ],
});
