import { createHash } from "node:crypto";
import type { Readable, Writable } from "node:stream";
import { BaseAgent, createAgent, type IdentityCallback, type ParsedKey, utils } from "ssh2";
import { messageOf } from "../../core/errors";
import { parseHostKey } from "../host-keys/host-key";
import { SshFailure } from "../target";

/** The keys of an SSH agent that a login offers. */
export interface AgentKeys {
  agent: BaseAgent;
  count: number;
  /** Types of further keys of the agent that are not supported, such as those of certificates. */
  unsupported: string[];
}

/** A key of an agent, as it lists it. */
interface Identity {
  type: string;
  blob: Buffer;
  comment: string;
}

/** Limits of an agent on this machine to list its keys. */
const LIMIT_SECONDS = 5;
const MAX_LIST_BYTES = 256 * 1024;

/** Keys that a message lists at most. */
const MAX_SHOWN_KEYS = 10;

/** Messages of the protocol (draft-miller-ssh-agent §3). */
const REQUEST_IDENTITIES = Buffer.from([0, 0, 0, 1, 11]);
const IDENTITIES_ANSWER = 12;

/**
 * Asks an agent for its keys.
 * @param wanted the public key, fingerprint or comment of the only key to offer; default all
 * @throws SshFailure when the agent does not answer, or has no such key of a supported type
 */
export async function readAgentKeys(socket: string, wanted: string | undefined): Promise<AgentKeys> {
  const agent = createAgent(socket);
  const fail = (problem: string, cause?: unknown) =>
    new SshFailure("unusable-agent", `the SSH agent at ${socket} ${problem}`, { cause });
  const identities = await listIdentities(agent).catch((error: unknown) => {
    throw fail(error instanceof AgentTooSlow ? error.message : `does not answer (${messageOf(error)})`, error);
  });
  if (identities.length === 0) throw fail("has no key");
  const chosen = wanted === undefined ? identities : identities.filter((identity) => isKey(identity, wanted));
  if (chosen.length === 0) throw fail(`has no key ${wanted}; it has ${shown(identities)}`);
  const keys = chosen.flatMap(({ blob }) => {
    const key = utils.parseKey(blob);
    return key instanceof Error ? [] : [key];
  });
  const supported = new Set<string>(keys.map(({ type }) => type));
  const unsupported = [...new Set(chosen.map(({ type }) => type))].filter((type) => !supported.has(type));
  if (keys.length === 0) throw fail(`holds only keys of types that are not supported: ${unsupported.join(", ")}`);
  return { agent: new ChosenKeys(agent, keys), count: keys.length, unsupported };
}

/** Offers some keys of an agent, and lets the agent sign with them. */
class ChosenKeys extends BaseAgent<ParsedKey> {
  constructor(
    private readonly agent: BaseAgent,
    private readonly keys: ParsedKey[],
  ) {
    super();
  }

  getIdentities(answer: IdentityCallback<ParsedKey>): void {
    answer(undefined, this.keys);
  }

  sign(key: ParsedKey, data: Buffer, ...rest: unknown[]): void {
    (this.agent.sign as (key: ParsedKey, data: Buffer, ...rest: unknown[]) => void).call(
      this.agent,
      key,
      data,
      ...rest,
    );
  }
}

class AgentTooSlow extends Error {}

/** Every key of an agent; ssh2 by itself hides those of types that it does not know. */
async function listIdentities(agent: BaseAgent): Promise<Identity[]> {
  const stream = await new Promise<(Readable & Writable) | undefined>((resolve, reject) => {
    agent.getStream?.((error, opened) => (error ? reject(error) : resolve(opened)));
  });
  if (!stream) throw new Error("it cannot be reached");
  const limit = setTimeout(
    () => stream.destroy(new AgentTooSlow(`did not answer within ${LIMIT_SECONDS} s`)),
    LIMIT_SECONDS * 1000,
  );
  try {
    stream.write(REQUEST_IDENTITIES);
    let received = Buffer.alloc(0);
    for await (const data of stream) {
      received = Buffer.concat([received, data as Buffer]);
      const length = received.length < 4 ? MAX_LIST_BYTES : received.readUInt32BE(0);
      if (length > MAX_LIST_BYTES || received.length > MAX_LIST_BYTES) throw new Error("its list of keys is too long");
      if (received.length >= 4 + length) return parseIdentities(received.subarray(4, 4 + length));
    }
    throw new Error("it closed the connection");
  } finally {
    clearTimeout(limit);
    stream.destroy();
  }
}

function parseIdentities(message: Buffer): Identity[] {
  if (message[0] !== IDENTITIES_ANSWER) throw new Error("it refuses to list its keys");
  let at = 5;
  const text = (): Buffer => {
    const end = at + 4 + message.readUInt32BE(at);
    if (end > message.length) throw new Error("its list of keys is cut off");
    const value = message.subarray(at + 4, end);
    at = end;
    return value;
  };
  const count = message.readUInt32BE(1);
  const identities: Identity[] = [];
  while (identities.length < count) {
    const [blob, comment] = [text(), text().toString("utf8")];
    const type = blob.toString("latin1", 4, 4 + blob.readUInt32BE(0));
    identities.push({ type, blob, comment });
  }
  return identities;
}

/** Whether a key is the wanted one: by public key, by fingerprint, or by comment. */
function isKey({ blob, comment }: Identity, wanted: string): boolean {
  const key = parseHostKey(wanted);
  if (key) return key.base64 === blob.toString("base64");
  return wanted === comment || wanted === fingerprint(blob);
}

/** The fingerprint of a key, as `ssh-add -l` shows it. */
function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

function shown(identities: readonly Identity[]): string {
  const first = identities.slice(0, MAX_SHOWN_KEYS).map(({ type, blob, comment }) => {
    return `${type} ${fingerprint(blob)} ${comment}`.trim();
  });
  const others = identities.length - first.length;
  return `${first.join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
}
