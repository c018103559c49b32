import type { AddressBook } from "../../common/address-book";

/** Options of a ping, named as those of the Windows tool whose output the appliance returns. */
export interface PingOptions {
  count: number;
  bufferSize: number;
  timeToLive: number;
  timeoutMilliseconds: number | undefined;
  countHops: number | undefined;
  timestampForCountHops: number | undefined;
}

/** Lines that the output of a ping shows at most; the statistics count all requests. */
const MAX_REPLIES = 100;

/** The output of `ping`. A host of the lab answers in less than a millisecond. */
export function ping(book: AddressBook, target: string, options: PingOptions): string {
  const address = book.find(target)?.address;
  if (address === undefined && !/^[\d.]+$|:/.test(target)) {
    return lines(`Ping request could not find host ${target}. Please check the name and try again.`);
  }
  const isAnswered = book.answersPing(target);
  const { count, bufferSize, timeToLive } = options;
  const reply = isAnswered
    ? [`Reply from ${address}: bytes=${bufferSize} time<1ms TTL=${timeToLive}`, ...routeOf(options, address ?? target)]
    : ["Request timed out."];
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

function routeOf({ countHops, timestampForCountHops }: PingOptions, address: string): string[] {
  return [
    ...(countHops === undefined ? [] : [`    Route: ${address}`]),
    ...(timestampForCountHops === undefined ? [] : [`    Timestamp: ${address} : 0`]),
  ];
}

/** The output of an attempt to connect to a port. The wording of a real appliance is unknown. */
export function telnet(book: AddressBook, target: string, port: number): string {
  return book.isOpen(target, port)
    ? lines(`Connected to ${target}:${port}.`)
    : lines(`Could not open a connection to ${target}:${port}.`);
}

/** The output of `tracert`: one hop within the lab, no answer elsewhere. */
export function traceroute(book: AddressBook, target: string, hops: number): string {
  const isAnswered = book.answersPing(target);
  const hop = (number: number) => `${String(number).padStart(3)}     *        *        *     Request timed out.`;
  return lines(
    "",
    `Tracing route to ${target} over a maximum of ${hops} hops`,
    "",
    ...(isAnswered
      ? [`  1    <1 ms    <1 ms    <1 ms  ${book.find(target)?.address}`]
      : Array.from({ length: hops }, (_, index) => hop(index + 1))),
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
