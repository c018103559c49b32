/** What a program must say before a join is made: that it is final, and between which two appliances. */
export interface Acknowledgement {
  irreversible: true;
  sps: string;
  spp: string;
}

/** The steps of a join as a person reads them in a preview. */
export function describeSteps(sps: string, spp: string): string[] {
  return [
    `log in to ${sps} and ${spp}`,
    "examine both sides: Central Management role, SPP primary and online, permissions of the account, existing links",
    `read the certificate chain of ${spp} and compare it with the address`,
    `POST /api/cluster/spp on ${sps}: one request (cannot be undone; open access requests on ${spp} are closed)`,
    `await that ${spp} lists and trusts ${sps}`,
    `await the safeguard_default objects on ${sps}`,
    "read both sides",
  ];
}

/**
 * Why an acknowledgement does not cover this join, with the block to paste; undefined when it does. It names both
 * appliances so that a block copied from another site, or kept after an address changed, joins nothing.
 */
export function acknowledgementProblem(
  given: Partial<Acknowledgement> | undefined,
  sps: string,
  spp: string,
): string | undefined {
  const block = `acknowledge: { irreversible: true, sps: "${sps}", spp: "${spp}" }`;
  if (given === undefined) {
    return `acknowledge: the join of ${sps} to ${spp} cannot be undone and closes open access requests. If this is what you want, add ${block}`;
  }
  if (given.sps === sps && given.spp === spp) return undefined;
  return `acknowledge: it names ${given.sps} and ${given.spp}, but the join would be between ${sps} and ${spp}. If this is what you want, write ${block}`;
}
