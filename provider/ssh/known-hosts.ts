import { createHmac, timingSafeEqual } from "node:crypto";
import { type HostKey, parseHostKey } from "./host-key";

/** What known hosts say of one server. */
export interface KnownKeys {
  /** Its keys. */
  trusted: HostKey[];
  /** Keys that must never be accepted from it (`@revoked`). */
  revoked: HostKey[];
  /** True when an authority may vouch for it (`@cert-authority`). */
  hasAuthority: boolean;
}

type Marker = "@revoked" | "@cert-authority" | undefined;

interface Entry {
  marker: Marker;
  /** Names and patterns, separated by commas, or one hashed name. */
  hosts: string;
  key: HostKey;
}

/** The port that names no port in known hosts. */
const USUAL_PORT = 22;

/** Tells whether a text holds at least one line that says which key a host has. */
export function holdsKnownHosts(text: string): boolean {
  return entries(text).length > 0;
}

/**
 * What the text says of a server, as sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT" describes it. Like OpenSSH's own client, it
 * falls back on the name without a port where no line names it with its port. Lines that cannot be read count for nothing.
 */
export function knownKeys(text: string, address: string, port: number): KnownKeys {
  const all = entries(text);
  const named = all.filter(({ hosts }) => isNamed(hosts, nameOf(address, port)));
  const usual = nameOf(address, USUAL_PORT);
  const found = named.some(({ marker }) => marker === undefined)
    ? named
    : [...named, ...all.filter((entry) => !named.includes(entry) && isNamed(entry.hosts, usual))];
  const keysOf = (wanted: Marker) => found.filter(({ marker }) => marker === wanted).map(({ key }) => key);
  return {
    trusted: keysOf(undefined),
    revoked: keysOf("@revoked"),
    hasAuthority: keysOf("@cert-authority").length > 0,
  };
}

/** How known hosts name a server: `router`, or `[router]:2222`. */
export function nameOf(address: string, port: number): string {
  const host = address.toLowerCase();
  return port === USUAL_PORT ? host : `[${host}]:${port}`;
}

function entries(text: string): Entry[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith("@") ? words.shift() : undefined;
    const [hosts, ...rest] = words;
    if (hosts === undefined || hosts.startsWith("#") || !isMarker(marker)) return [];
    const key = parseHostKey(rest.slice(0, 2).join(" "));
    return key ? [{ marker, hosts, key }] : [];
  });
}

function isMarker(word: string | undefined): word is Marker {
  return word === undefined || word === "@revoked" || word === "@cert-authority";
}

/** Whether the names of a line mean a server. One that is excluded by `!` is not meant, whatever else stands there. */
function isNamed(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return isHashOf(hosts, name);
  const patterns = hosts.toLowerCase().split(",");
  const isAny = (candidates: string[]) => candidates.some((pattern) => matches(pattern, name));
  const excluded = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  return isAny(patterns.filter((pattern) => !pattern.startsWith("!"))) && !isAny(excluded);
}

/** `|1|salt|hash`: HMAC-SHA1 of the name under the salt, both in base64. */
function isHashOf(hashed: string, name: string): boolean {
  const [, scheme, salt, hash, ...rest] = hashed.split("|");
  if (scheme !== "1" || !salt || !hash || rest.length > 0) return false;
  const wanted = Buffer.from(hash, "base64");
  const made = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return wanted.length === made.length && timingSafeEqual(wanted, made);
}

function matches(pattern: string, name: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(name);
}
