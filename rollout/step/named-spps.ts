import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { MadeJoin } from "../machine/events";
import type { PlannedSite } from "../plan/plan";
import { sppAddress } from "../plan/spp-address";

/** The type of a join, of the dynamic provider and of a plugin. */
const JOIN = /(^|[/:])safeguard:(index:)?SppJoin$/;
/** An address as programs give it. What Pulumi writes for secrets and for values that are not known yet is none. */
const ADDRESS = /^(?!.*[\s[\]])(?![0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$)./i;

/** The address of the SPP that a join of a preview names; undefined where the event is about something else, or the address is not known. */
export function namedSpp({ resourcePreEvent }: EngineEvent): string | undefined {
  const { op, type, new: now } = resourcePreEvent?.metadata ?? {};
  if (type === undefined || !JOIN.test(type) || op === undefined || op.startsWith("delete")) return undefined;
  const address: unknown = now?.inputs?.spp?.address;
  return typeof address === "string" && ADDRESS.test(address) ? sppAddress(address) : undefined;
}

/** The join that a site has after its change; undefined where the event is about something else. */
export function madeJoin({ resOutputsEvent, resourcePreEvent }: EngineEvent): MadeJoin | undefined {
  // What stays the same has its outputs from the beginning.
  const { op, type, urn, new: now } = (resOutputsEvent ?? resourcePreEvent)?.metadata ?? {};
  if (type === undefined || !JOIN.test(type) || urn === undefined || op?.startsWith("delete")) return undefined;
  const { connectionId, joinedAt, spp } = now?.outputs ?? {};
  if (typeof connectionId !== "number" || typeof joinedAt !== "string" || joinedAt === "") return undefined;
  const address = typeof spp?.address === "string" && ADDRESS.test(spp.address) ? sppAddress(spp.address) : "";
  return { resource: urn.split("::").slice(3).join("::"), spp: address, entry: connectionId, at: joinedAt };
}

/** Why a site must not be changed in the turn of its SPP: its program joins it to another one. Undefined when it joins it to that one. */
export function otherSppProblem({ name, spp }: PlannedSite, named: readonly string[]): string | undefined {
  const other = named.find((address) => address !== sppAddress(spp));
  if (other === undefined) return undefined;
  return `site ${name}: check: its program joins it to SPP ${other}, but the rollout takes its turn at ${spp}; set spp of the site to ${other}, or correct the program`;
}
