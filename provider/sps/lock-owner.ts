/** Members that may name who holds a lock, and from where; none is documented (SPS REST reference §5.7). */
const WHO = /^(user|username|user_name|owner|admin|administrator|login|name)$/i;
const WHERE = /^(address|ip|ip_address|client|client_address|client_ip|remote|remote_address|source)$/i;

/** What may be quoted: a name or an address, nothing that could be a token. */
const PLAIN = /^[\p{L}\d][\p{L}\d .@\\_:-]{0,63}$/u;

/**
 * Who holds the lock of a configuration, as far as the `details` of a refusal tell, for example `operator from
 * 192.0.2.7`; undefined when they do not. Searched for by name at any depth, because no document shows the shape.
 */
export function lockOwner(details: unknown): string | undefined {
  const who = find(details, WHO);
  const where = find(details, WHERE);
  if (who === undefined) return where;
  return where === undefined ? who : `${who} from ${where}`;
}

/** Whether a refusal is about a lock or an open transaction, whatever its status. */
export function tellsOfLock(type: string, message: string): boolean {
  return /lock|transaction|conflict|in use|other (user|admin)/i.test(`${type} ${message}`);
}

function find(value: unknown, name: RegExp, depth = 3): string | undefined {
  if (value === null || typeof value !== "object" || depth === 0) return undefined;
  const entries = Object.entries(value);
  const own = entries.find(([key, inner]) => name.test(key) && typeof inner === "string" && PLAIN.test(inner));
  if (own) return String(own[1]);
  for (const [, inner] of entries) {
    const found = find(inner, name, depth - 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
