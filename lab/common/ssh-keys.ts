import { utils } from "ssh2";

/** Attempts until a key pair is whole. */
const ATTEMPTS = 20;

/**
 * A new Ed25519 key pair in OpenSSH's formats. About three in a thousand private keys that ssh2 writes are malformed (seen with 1.17), so
 * each is read once. @throws Error when none of many can be read
 */
export function sshKeyPair(): { private: string; public: string } {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const keys = utils.generateKeyPairSync("ed25519");
    if (!(utils.parseKey(keys.private) instanceof Error)) return keys;
  }
  throw new Error(`ssh2 wrote ${ATTEMPTS} malformed private keys in a row`);
}
