import { randomInt, scryptSync, timingSafeEqual } from "node:crypto";

/** The alphabet with which IOS writes salts and hashes: the one of base64 in another order. */
const ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** A password as a configuration shows it, of type 9: scrypt with N 16384, r 1, p 1 and a salt of 14 characters. */
export function secretText(password: string): string {
  const salt = Array.from({ length: 14 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  return `$9$${salt}$${hashOf(password, salt)}`;
}

/** Whether a password has this text of type 9. */
export function matchesSecret(password: string, text: string): boolean {
  const [, salt, hash = ""] = /^\$9\$([^$]+)\$([^$]+)$/.exec(text) ?? [];
  if (salt === undefined) return false;
  const own = hashOf(password, salt);
  return own.length === hash.length && timingSafeEqual(Buffer.from(own), Buffer.from(hash));
}

function hashOf(password: string, salt: string): string {
  const hash = scryptSync(password, salt, 32, { N: 16384, r: 1, p: 1 }).toString("base64").replace(/=/g, "");
  return [...hash].map((letter) => ALPHABET[BASE64.indexOf(letter)]).join("");
}
