/** The names that IOS shows instead of TCP port numbers in access lists. */
const TCP_PORTS: Readonly<Record<string, number>> = {
  bgp: 179,
  chargen: 19,
  cmd: 514,
  daytime: 13,
  discard: 9,
  domain: 53,
  drip: 3949,
  echo: 7,
  exec: 512,
  finger: 79,
  ftp: 21,
  "ftp-data": 20,
  gopher: 70,
  hostname: 101,
  ident: 113,
  irc: 194,
  klogin: 543,
  kshell: 544,
  login: 513,
  lpd: 515,
  msrpc: 135,
  nntp: 119,
  "pim-auto-rp": 496,
  pop2: 109,
  pop3: 110,
  smtp: 25,
  ssh: 22,
  sunrpc: 111,
  syslog: 514,
  tacacs: 49,
  talk: 517,
  telnet: 23,
  time: 37,
  uucp: 540,
  whois: 43,
  www: 80,
};

/** The number of a port given by number or name; undefined for other words. */
export function portNumber(word: string | undefined): number | undefined {
  if (word === undefined) return undefined;
  return /^\d{1,5}$/.test(word) ? Number(word) : TCP_PORTS[word];
}
