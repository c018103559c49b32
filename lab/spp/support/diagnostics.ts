import type { AddressBook } from "../../common/address-book";
import type { FaultSwitches } from "../../common/faults";

/** The network as SPP meets it: the hosts, and what a firewall or a route does to its packets. */
export interface SppNetwork {
  book: AddressBook;
  faults: FaultSwitches;
}

/** Address of the gateway that shows in routes while the fault `network-no-route` is on. */
export const GATEWAY = "192.0.2.254";
/** Headers of an echo request, and the size of packets that the network carries, in bytes. */
const HEADERS = 28;
const ETHERNET = 1500;
const NARROW = 1400;

/** Options of a ping, named as those of the Windows tool whose output the appliance returns. */
export interface PingOptions {
  count: number;
  bufferSize: number;
  isWhole: boolean;
  timeToLive: number;
  timeoutMilliseconds: number | undefined;
  countHops: number | undefined;
  timestampForCountHops: number | undefined;
}

/** Lines that the output of a ping shows at most; the statistics count all requests. */
const MAX_REPLIES = 100;

/** The output of `ping`. A host of the lab answers in less than a millisecond. */
export function ping(network: SppNetwork, target: string, options: PingOptions): string {
  const { book } = network;
  const address = book.find(target)?.address;
  if (address === undefined && !/^[\d.]+$|:/.test(target)) {
    return lines(`Ping request could not find host ${target}. Please check the name and try again.`);
  }
  const { count, bufferSize, timeToLive } = options;
  const fate = book.answersPing(target) ? fateOf(options, network) : "lost";
  const isAnswered = fate === "arrives";
  const reply = isAnswered
    ? [`Reply from ${address}: bytes=${bufferSize} time<1ms TTL=${timeToLive}`, ...routeOf(options, address ?? target)]
    : [fate === "refused" ? "Packet needs to be fragmented but DF set." : "Request timed out."];
  const received = isAnswered ? count : 0;
  const loss = isAnswered ? 0 : 100;
  return lines(
    "",
    `Pinging ${target === address ? target : `${target} [${address ?? target}]`} with ${bufferSize} bytes of data:`,
    ...Array.from({ length: Math.min(count, MAX_REPLIES) }, () => reply).flat(),
    "",
    `Ping statistics for ${address ?? target}:`,
    `    Packets: Sent = ${count}, Received = ${received}, Lost = ${count - received} (${loss}% loss),`,
    ...(isAnswered
      ? ["Approximate round trip times in milli-seconds:", "    Minimum = 0ms, Maximum = 0ms, Average = 0ms"]
      : []),
  );
}

/** What becomes of an echo request on its way. */
function fateOf({ bufferSize, isWhole }: PingOptions, { faults }: SppNetwork): "arrives" | "refused" | "lost" {
  if (faults.has("network-no-route")) return "lost";
  const bytes = bufferSize + HEADERS;
  if (!isWhole || bytes <= NARROW) return "arrives";
  if (faults.has("network-narrow")) return "lost";
  return faults.has("network-tunnel") || bytes > ETHERNET ? "refused" : "arrives";
}

function routeOf({ countHops, timestampForCountHops }: PingOptions, address: string): string[] {
  return [
    ...(countHops === undefined ? [] : [`    Route: ${address}`]),
    ...(timestampForCountHops === undefined ? [] : [`    Timestamp: ${address} : 0`]),
  ];
}

/** The output of an attempt to connect to a port. The wording of a real appliance is unknown. */
export function telnet({ book, faults }: SppNetwork, target: string, port: number): string {
  const isBlocked = faults.has("network-no-route") || (port === 8649 && faults.has("network-8649-blocked"));
  return book.isOpen(target, port) && !isBlocked
    ? lines(`Connected to ${target}:${port}.`)
    : lines(`Could not open a connection to ${target}:${port}.`);
}

/** The output of `tracert`: one hop within the lab, no answer elsewhere. */
export function traceroute({ book, faults }: SppNetwork, target: string, hops: number): string {
  const isCut = faults.has("network-no-route");
  const isAnswered = book.answersPing(target) && !isCut;
  const hop = (number: number) => `${String(number).padStart(3)}     *        *        *     Request timed out.`;
  return lines(
    "",
    `Tracing route to ${target} over a maximum of ${hops} hops`,
    "",
    ...(isAnswered
      ? [`  1    <1 ms    <1 ms    <1 ms  ${book.find(target)?.address}`]
      : [
          ...(isCut ? [`  1    <1 ms    <1 ms    <1 ms  ${GATEWAY}`] : []),
          ...Array.from({ length: hops }, (_, index) => hop(index + 1)).slice(isCut ? 1 : 0),
        ]),
    "",
    "Trace complete.",
  );
}

/** The output of `nslookup`. */
export function nslookup(book: AddressBook, target: string): string {
  const endpoint = book.find(target);
  return endpoint ? lines(`Name: ${target}`, `Address: ${endpoint.address}`) : lines(`${target}: non-existent domain`);
}

/** The answer of a CLDAP ping. The lab has no domain controller, so only the domain name is filled. */
export function cldapPing(target: string) {
  return {
    ClientSiteName: null,
    DnsForestName: null,
    DcSiteName: null,
    DomainName: target,
    DomainGuid: "00000000-0000-0000-0000-000000000000",
    DomainControllerName: null,
    DomainControllerAddress: null,
  };
}

/** The output of a throughput test; only this appliance exists. */
export function throughput(ownApplianceId: string, target: string, megabytes: number): string {
  return target.toUpperCase() === ownApplianceId
    ? `Throughput: ${megabytes * 100}`
    : `The appliance ${target} is not a member of the cluster.`;
}

function lines(...texts: string[]): string {
  return texts.map((text) => `${text}\r\n`).join("");
}
