import { lastDayOf } from "../../https/served-certificate";
import { valueIfRead } from "../../join/preflight/gathering";
import { RENEWAL } from "../checks/appliances";
import type { Cause, ConnectFacts, PathFacts, SeenCertificate } from "./facts";

/** A viewpoint with the certificate that it sees. */
interface Sight {
  path: PathFacts;
  seen: SeenCertificate;
}

/**
 * Certificates that are replaced on the way, not trusted, or expired. Two viewpoints that see different certificates at the same address and
 * port do not talk to the same server. Which of them is right is known from SPP, or where just one of them is proved by `ca` or by a pin.
 */
export function causesOfCertificates(facts: ConnectFacts): Cause[] {
  const sights = facts.paths.flatMap((path): Sight[] => {
    const seen = path.certificate && valueIfRead(path.certificate.seen);
    return seen ? [{ path, seen }] : [];
  });
  const places = [...new Set(sights.map(placeOf))].map((place) => sights.filter((sight) => placeOf(sight) === place));
  return places.flatMap((some) => {
    const replaced = causesOfReplacement(some, valueIfRead(facts.sppThumbprint));
    return replaced.length > 0 ? replaced : some.flatMap((sight) => causeOfTrust(sight, facts.gatheredAt));
  });
}

const placeOf = ({ path: { to, certificate } }: Sight) => `${to.kind} ${to.address} ${certificate?.port}`;

function causesOfReplacement(sights: readonly Sight[], sppThumbprint: string | undefined): Cause[] {
  const [first] = sights;
  const own = first?.path.to.kind === "spp" ? sppThumbprint : undefined;
  const genuine = own ?? provedThumbprint(sights);
  if (genuine === undefined) return causesOfDifference(sights);
  const right = sights.filter(({ seen }) => seen.thumbprint === genuine);
  const wrong = sights.filter(({ seen }) => seen.thumbprint !== genuine);
  const heads = wrong.filter((sight, index) => wrong.findIndex(isAlike(sight)) === index);
  return heads.map((sight): Cause => {
    const same = wrong.filter((other) => other !== sight && isAlike(sight)(other));
    const uses = own === undefined ? `${objects(right)} ${sees(right)} ${right[0]?.seen.sha256}` : `SPP uses ${own}`;
    const form = own === undefined ? "SHA-256" : "SHA-1";
    const number = own === undefined ? sight.seen.sha256 : sight.seen.thumbprint;
    const more = [
      ...(same.length > 0 ? [`${objects(same)} ${sees(same)} it too`] : []),
      ...(own !== undefined && right.length > 0 ? [`${objects(right)} ${sees(right)} that one`] : []),
    ];
    const proof = own === undefined ? proofText(right[0]) : "";
    const text = [`it sees ${number}${issuedBy(sight)}, and ${uses}${proof} (${form})`, ...more].join("; ");
    return { ...about(sight), text, remedy: remedyOf([sight, ...same]) };
  });
}

/** The one certificate that `ca`, the system or a pin proves; undefined where there is none, or more than one. */
function provedThumbprint(sights: readonly Sight[]): string | undefined {
  const proved = sights.filter(({ seen: { proof } }) => proof && "by" in proof);
  const thumbprints = new Set(proved.map(({ seen }) => seen.thumbprint));
  return thumbprints.size === 1 ? [...thumbprints][0] : undefined;
}

/** Certificates that differ, and nothing tells which one is that of the appliance. */
function causesOfDifference(sights: readonly Sight[]): Cause[] {
  const [first] = sights;
  const other = first && sights.find((sight) => !isAlike(first)(sight));
  if (!other) return [];
  const { object } = first.path.to;
  const text = `it sees ${first.seen.sha256}${issuedBy(first)}, and ${other.path.from.object} sees ${other.seen.sha256}${issuedBy(other)} (SHA-256)`;
  const remedy = `compare both with the certificate on ${object}; ${remedyOf([first, other], " or ")}`;
  return [{ ...about(first), text, remedy }];
}

/** A certificate that this machine does not trust, or that has expired. What only the pin makes valid does not end. */
function causeOfTrust({ path: { from, to }, seen }: Sight, now: number): Cause[] {
  if (from.kind !== "here") return [];
  const { proof, notAfter } = seen;
  if (proof && "problem" in proof) {
    const remedy = `${proof.remedy}; if a proxy or firewall issued it, exempt ${to.object} from inspection instead`;
    return [{ code: "SG1011", object: to.object, step: "prove identity", text: proof.problem, remedy }];
  }
  if (notAfter >= now) return [];
  const text = `it expired on ${lastDayOf(notAfter)}`;
  return [{ code: "SG2503", object: to.object, step: "check its certificate", text, remedy: RENEWAL }];
}

const isAlike =
  ({ seen }: Sight) =>
  (other: Sight) =>
    other.seen.sha256 === seen.sha256;

const about = ({ path: { from, to } }: Sight) =>
  ({ code: "SG2515", object: from.object, step: `compare the certificate of ${to.object}` }) as const;

const objects = (sights: readonly Sight[]) => sights.map(({ path }) => path.from.object).join(", ");

const sees = ({ length }: readonly Sight[]) => (length === 1 ? "sees" : "see");

const issuedBy = ({ seen: { issuer } }: Sight) => (issuer === "" ? "" : `, issued by ${issuer}`);

const PROOFS = { ca: "ca proves", system: "this system trusts", pin: "is the pinned one" } as const;

function proofText(sight: Sight | undefined): string {
  const proof = sight?.seen.proof;
  return proof && "by" in proof ? `, which ${PROOFS[proof.by]}` : "";
}

function remedyOf(sights: readonly Sight[], conjunction = " and "): string {
  const ways = sights.map(({ path: { from, to } }) => `between ${from.object} and ${to.object}`);
  return `check for a proxy or an inspecting firewall ${ways.join(conjunction)}, and exempt the appliances from it`;
}
