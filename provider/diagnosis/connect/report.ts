import { type ErrorCode, entryOf } from "../../core/errors";
import { printableLine } from "../../core/printable";
import { lastDayOf } from "../../https/served-certificate";
import { failureOf, listed } from "../../join/preflight/check";
import { type Fact, isRead } from "../../join/preflight/gathering";
import { type ConnectFacts, HERE, type PacketSize, type PathFacts, type SeenCertificate, type TcpTest } from "./facts";
import type { ConnectReport, ConnectTest } from "./report-schema";
import { causesOf, isClosed } from "./verdict";

/** Causes with which all works for now. */
const WARNINGS: readonly ErrorCode[] = ["SG2503"];

/** Limit of one text, in characters. */
const MAX_TEXT_CHARACTERS = 2000;

/** The report on one site. Pure. */
export function connectReport(site: string, facts: ConnectFacts, milliseconds: number): ConnectReport {
  const causes = causesOf(facts).map(({ remedy, ...cause }) => ({
    ...cause,
    text: line(cause.text),
    remedy: line(remedy ?? entryOf(cause.code).remedy),
    page: `docs/errors/${cause.code}.md`,
  }));
  const unread = unreadTests(facts);
  const tests = [...facts.paths.flatMap(testsOf), ...unread];
  const isAllKnown = facts.paths.every(isKnown) && unread.length === 0;
  const isFailed = causes.some(({ code }) => !WARNINGS.includes(code));
  const status = isFailed ? "failed" : !isAllKnown ? "not known" : causes.length > 0 ? "warnings" : "fine";
  return { site, status, causes, tests, milliseconds };
}

/** What the appliances did not report of themselves. Without it, other nodes are not tried, or a fault does not show. */
function unreadTests(facts: ConnectFacts): ConnectTest[] {
  const [sps, spp] = [`sps ${facts.centralAddress}`, `spp ${facts.sppAddress}`];
  const needed: [to: string, what: string, fact: Fact<unknown>][] = [
    [sps, "list of cluster nodes", facts.clusterNodes],
    [sps, "cluster interface", facts.clusterInterface],
    [spp, "certificate in use", facts.sppThumbprint],
  ];
  return needed.flatMap(([to, what, fact]) => {
    if (isRead(fact)) return [];
    const { text, remedy } = failureOf(fact);
    return [untested({ from: HERE.object, to, what }, text, remedy)];
  });
}

/** Whether the ports that are needed were tried. Nothing but the web page of SPS can try those from there. */
function isKnown({ from, tcp }: PathFacts): boolean {
  return from.kind === "sps" || tcp.every(({ need, result }) => need === undefined || isRead(result));
}

function testsOf(path: PathFacts): ConnectTest[] {
  const { name, tcp, packets, hops, certificate } = path;
  const made = <T>(what: string, fact: Fact<T> | undefined, describe: (value: T) => Found): ConnectTest[] =>
    fact ? [testOf(path, what, fact, describe)] : [];
  return [
    ...made("name", name, (addresses) => ["pass", listed(addresses)]),
    ...tcp.flatMap((test) => made(`tcp ${test.port}`, test.result, () => tcpFound(test, path))),
    ...made("packet size", packets, packetsFound),
    ...made("route", hops, (found) => ["note", found.map((hop) => hop ?? "*").join(", ")]),
    ...(certificate ? [certificateTest(path, certificate)] : []),
  ];
}

type Found = [status: ConnectTest["status"], text: string];

function testOf<T>({ from, to }: PathFacts, what: string, fact: Fact<T>, describe: (value: T) => Found): ConnectTest {
  const about = { from: from.object, to: to.object, what };
  if (!isRead(fact)) return untested(about, fact.why, fact.remedy);
  const [status, text] = describe(fact.value);
  return { ...about, status, text: line(text) };
}

function untested(about: Pick<ConnectTest, "from" | "to" | "what">, why: string, remedy?: string): ConnectTest {
  return { ...about, status: "not checked", text: line(why), ...(remedy !== undefined && { remedy: line(remedy) }) };
}

function tcpFound(test: TcpTest, path: PathFacts): Found {
  const { result, need, said } = test;
  const found = isRead(result) ? result.value : "not open";
  const text = said === undefined ? found : `${found} ("${said}")`;
  if (found === "open") return ["pass", text];
  return [need !== undefined && isClosed(test, path) ? "fail" : "note", text];
}

function packetsFound({ bytes, larger }: PacketSize): Found {
  if (larger === undefined) return ["pass", `${bytes} bytes`];
  if (larger === "refused") return ["pass", `${bytes} bytes; the sender is told when a packet is larger`];
  return ["fail", `${bytes} bytes; larger packets get lost`];
}

function certificateTest(path: PathFacts, { port, seen }: NonNullable<PathFacts["certificate"]>): ConnectTest {
  const made = testOf(path, "certificate", seen, certificateFound);
  if (!isRead(seen)) return made;
  const { sha256, subject, issuer, names, notAfter, proof } = seen.value;
  const provedBy = proof && "by" in proof ? { provedBy: proof.by } : {};
  const validUntil = new Date(notAfter).toISOString();
  const shown = { subject: line(subject), issuer: line(issuer), names: names.map(line) };
  return { ...made, certificate: { port, sha256, ...shown, validUntil, ...provedBy } };
}

const PROOFS = { ca: "proved by ca", system: "trusted by this system", pin: "the pinned one" } as const;

function certificateFound({ sha256, subject, issuer, names, notAfter, proof }: SeenCertificate): Found {
  const isProved = proof !== undefined && "by" in proof;
  const text = [
    `SHA-256 ${sha256}`,
    `subject ${subject || "empty"}`,
    `for ${listed(names, 3) || "no name"}`,
    `issued by ${issuer || "nobody"}`,
    `valid until ${lastDayOf(notAfter)}`,
    ...(isProved ? [PROOFS[proof.by]] : proof ? ["not trusted"] : []),
  ].join(", ");
  return [isProved ? "pass" : proof ? "fail" : "note", text];
}

const line = (text: string) => printableLine(text, MAX_TEXT_CHARACTERS);
