import { isSameName } from "../core/names";

/** The user's consent to a join: it is final, it names both appliances, and it lists the side effects. */
export interface Acknowledgement {
  irreversible: true;
  sps: string;
  spp: string;
  /** Accepts that open access requests on SPP are closed. */
  closesAccessRequests?: true;
  /** Names of the SPS objects that the join may overwrite. */
  overwrites?: string[];
  /** Accepts that an existing join is removed and re-created, because an address changed. */
  rejoin?: true;
  /** Accepts that deleting the resource disconnects the node on SPP. */
  disconnects?: true;
}

/** Known side effects of a join. */
export interface Consequences {
  /** The recorded join is between other addresses, and is removed and re-created. */
  isRejoin: boolean;
  /** Deleting the resource disconnects the node on SPP. */
  isUnlinkedOnDelete: boolean;
  /** Number of open access requests seen on SPP. */
  openRequests: number;
  /** Names of SPS objects that would be overwritten. */
  overwrites: readonly string[];
}

export const NO_CONSEQUENCES: Consequences = {
  isRejoin: false,
  isUnlinkedOnDelete: false,
  openRequests: 0,
  overwrites: [],
};

/**
 * Explains why an acknowledgement does not cover this join, with the block to paste; undefined when it does. The acknowledgement names both
 * appliances, so a block from another site or from before an address change is rejected. Extra entries are accepted, because an access
 * request may be closed between two reads.
 */
export function acknowledgementProblem(
  given: Partial<Acknowledgement> | undefined,
  sps: string,
  spp: string,
  consequences: Consequences = NO_CONSEQUENCES,
): string | undefined {
  const { isRejoin, isUnlinkedOnDelete, openRequests, overwrites } = consequences;
  const block = `acknowledge: ${blockOf(given, sps, spp, consequences)}`;
  if (given === undefined) {
    const what = isRejoin ? "removing and re-creating the join" : `the join of ${sps} to ${spp}`;
    return `acknowledge: ${what} cannot be undone and closes open access requests${saying(consequences)}. If this is what you want, add ${block}`;
  }
  if (!isSameName(given.sps, sps) || !isSameName(given.spp, spp)) {
    return `acknowledge: it names ${given.sps} and ${given.spp}, but the join would be between ${sps} and ${spp}. If this is what you want, write ${block}`;
  }
  const missing = [
    isRejoin && !given.rejoin && "that the join is removed and re-created, because an address changed",
    openRequests > 0 && !given.closesAccessRequests && `that ${counted(openRequests)} will be closed`,
    overwrites.some((name) => !given.overwrites?.includes(name)) && `that ${overwrites.join(", ")} will be overwritten`,
    isUnlinkedOnDelete && !given.disconnects && "that deleting disconnects the node on SPP",
  ].filter((text) => text !== false);
  if (missing.length === 0) return undefined;
  return `acknowledge: it does not say ${missing.join(", nor ")}. If this is what you want, write ${block}`;
}

/** The complete block in the syntax of the program. Existing entries are kept. */
function blockOf(
  given: Partial<Acknowledgement> | undefined,
  sps: string,
  spp: string,
  { isRejoin, isUnlinkedOnDelete, openRequests, overwrites }: Consequences,
): string {
  const names = [...new Set([...(given?.overwrites ?? []), ...overwrites])];
  const members = [
    "irreversible: true",
    `sps: ${JSON.stringify(sps)}`,
    `spp: ${JSON.stringify(spp)}`,
    (openRequests > 0 || given?.closesAccessRequests) && "closesAccessRequests: true",
    names.length > 0 && `overwrites: [${names.map((name) => JSON.stringify(name)).join(", ")}]`,
    (isRejoin || given?.rejoin) && "rejoin: true",
    (isUnlinkedOnDelete || given?.disconnects) && "disconnects: true",
  ];
  return `{ ${members.filter(Boolean).join(", ")} }`;
}

function saying({ openRequests, overwrites }: Consequences): string {
  const parts = [
    openRequests > 0 && counted(openRequests),
    overwrites.length > 0 && `overwrites ${overwrites.join(", ")}`,
  ].filter(Boolean);
  return parts.length > 0 ? ` (now: ${parts.join(", ")})` : "";
}

const counted = (count: number) => `${count} open access request${count === 1 ? "" : "s"}`;
