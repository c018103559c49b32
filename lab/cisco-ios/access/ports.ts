/** Names of ports in access lists, as the command references of `permit` and `access-list` have them. */
const TCP = new Map([
  [7, "echo"],
  [9, "discard"],
  [13, "daytime"],
  [19, "chargen"],
  [20, "ftp-data"],
  [21, "ftp"],
  [23, "telnet"],
  [25, "smtp"],
  [37, "time"],
  [43, "whois"],
  [49, "tacacs"],
  [53, "domain"],
  [70, "gopher"],
  [79, "finger"],
  [80, "www"],
  [101, "hostname"],
  [109, "pop2"],
  [110, "pop3"],
  [111, "sunrpc"],
  [113, "ident"],
  [119, "nntp"],
  [135, "msrpc"],
  [179, "bgp"],
  [194, "irc"],
  [496, "pim-auto-rp"],
  [512, "exec"],
  [513, "login"],
  [514, "cmd"],
  [515, "lpd"],
  [517, "talk"],
  [540, "uucp"],
  [543, "klogin"],
  [544, "kshell"],
  [3949, "drip"],
  [15001, "onep-plain"],
  [15002, "onep-tls"],
]);

const UDP = new Map([
  [7, "echo"],
  [9, "discard"],
  [37, "time"],
  [42, "nameserver"],
  [49, "tacacs"],
  [53, "domain"],
  [67, "bootps"],
  [68, "bootpc"],
  [69, "tftp"],
  [111, "sunrpc"],
  [123, "ntp"],
  [137, "netbios-ns"],
  [138, "netbios-dgm"],
  [139, "netbios-ss"],
  [161, "snmp"],
  [162, "snmptrap"],
  [177, "xdmcp"],
  [195, "dnsix"],
  [434, "mobile-ip"],
  [496, "pim-auto-rp"],
  [500, "isakmp"],
  [512, "biff"],
  [513, "who"],
  [514, "syslog"],
  [517, "talk"],
  [520, "rip"],
  [521, "ripv6"],
  [4500, "non500-isakmp"],
]);

/** Further names that are understood, but not shown. */
const OTHER_NAMES: Readonly<Record<string, number>> = { syslog: 514 };

/** The names of the ports of a protocol. Both protocols together have the names that they share. */
function namesOf(protocol: string): ReadonlyMap<number, string> {
  if (protocol === "tcp") return TCP;
  return protocol === "udp" ? UDP : new Map([...TCP].filter(([port, name]) => UDP.get(port) === name));
}

/** A port as devices show it: by its name, if it has one. */
export function portText(port: number, protocol: string): string {
  return namesOf(protocol).get(port) ?? String(port);
}

/** The number of a port given by number or name; undefined for other words. */
export function portOf(word: string | undefined, protocol: string): number | undefined {
  if (word === undefined) return undefined;
  if (/^\d+$/.test(word)) return Number(word) <= 65535 ? Number(word) : undefined;
  const [known] = [...namesOf(protocol)].find(([, name]) => name === word) ?? [];
  return known ?? (protocol === "tcp" && Object.hasOwn(OTHER_NAMES, word) ? OTHER_NAMES[word] : undefined);
}
