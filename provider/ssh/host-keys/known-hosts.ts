import { createHmac, timingSafeEqual } from "node:crypto";
import { type HostKey, parseHostKey } from "./host-key";

/** What the known hosts say about one server. */
export interface KnownKeys {
  /** Its keys. */
  trusted: HostKey[];
  /** Keys that must never be accepted from it (`@revoked`). */
  revoked: HostKey[];
  /** True when a certificate authority may sign its keys (`@cert-authority`). */
  hasAuthority: boolean;
}

type Marker = "@revoked" | "@cert-authority" | undefined;

interface Entry {
  marker: Marker;
  /** Names and patterns, separated by commas, or one hashed name. */
  hosts: string;
  key: HostKey;
}

/** The port that known hosts leave out. */
const DEFAULT_PORT = 22;

/** Whether a text holds at least one readable line of known hosts. */
export function holdsKnownHosts(text: string): boolean {
  return entries(text).length > 0;
}

/**
 * The keys of a server by sshd(8) "SSH_KNOWN_HOSTS FILE FORMAT". Like OpenSSH's client, it falls back to the name without
 * a port when no line names the server with its port. Unreadable lines are ignored.
 */
export function knownKeys(text: string, address: string, port: number): KnownKeys {
  const all = entries(text);
  const named = all.filter(({ hosts }) => matchesHost(hosts, nameOf(address, port)));
  const usual = nameOf(address, DEFAULT_PORT);
  const found = named.some(({ marker }) => marker === undefined)
    ? named
    : [...named, ...all.filter((entry) => !named.includes(entry) && matchesHost(entry.hosts, usual))];
  const keysOf = (wanted: Marker) => found.filter(({ marker }) => marker === wanted).map(({ key }) => key);
  return {
    trusted: keysOf(undefined),
    revoked: keysOf("@revoked"),
    hasAuthority: keysOf("@cert-authority").length > 0,
  };
}

/** The name of a server in known hosts: `router`, or `[router]:2222`. */
export function nameOf(address: string, port: number): string {
  const host = address.toLowerCase();
  return port === DEFAULT_PORT ? host : `[${host}]:${port}`;
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

/** Whether the names of a line match a server. A pattern that begins with `!` excludes it, whatever else matches. */
function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith("|")) return matchesHash(hosts, name);
  const patterns = hosts.toLowerCase().split(",");
  const isAny = (candidates: string[]) => candidates.some((pattern) => matches(pattern, name));
  const excluded = patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  return isAny(patterns.filter((pattern) => !pattern.startsWith("!"))) && !isAny(excluded);
}

/** `|1|salt|hash`: HMAC-SHA1 of the name with the salt as key, both in base64. */
function matchesHash(hashed: string, name: string): boolean {
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
