/** Which kind of algorithm the parts of ssh2's messages mean, and the option of OpenSSH's server for it. */
const KINDS = [
  { failed: "key exchange algorithm", list: "KEX method", name: "key exchange algorithm", option: "KexAlgorithms" },
  { failed: "host key format", list: "Host key format", name: "host key algorithm", option: "HostKeyAlgorithms" },
  { failed: "C->S cipher", list: "C->S cipher", name: "cipher", option: "Ciphers" },
  { failed: "S->C cipher", list: "S->C cipher", name: "cipher", option: "Ciphers" },
  { failed: "C->S MAC", list: "C->S MAC", name: "MAC", option: "MACs" },
  { failed: "S->C MAC", list: "S->C MAC", name: "MAC", option: "MACs" },
  { failed: "C->S compression", list: "C->S compression", name: "compression", option: "Compression" },
  { failed: "S->C compression", list: "S->C compression", name: "compression", option: "Compression" },
] as const;

/** Entries of the list of key exchanges that are no algorithms (RFC 8308, OpenSSH's PROTOCOL). */
const SIGNAL = /^(ext-info-|kex-strict-)/;

/** A kind of algorithm of which server and program have none in common. */
export interface Mismatch {
  /** For example `key exchange algorithm`. */
  name: string;
  /** For example `KexAlgorithms`. */
  option: string;
  /** The algorithms that the server offers, and those of this program. */
  offered: string;
  ours: string;
}

/** What both sides of a handshake offer, from the debug messages of ssh2, its only report of that. */
export class AlgorithmOffers {
  private readonly lists = new Map<string, string>();

  /** Reads one debug message. */
  readonly read = (message: string): void => {
    const [, side, list, algorithms] = /^Handshake: \((local|remote)\) ([\w >-]+): (.*)$/s.exec(message) ?? [];
    if (side !== undefined) this.lists.set(`${side} ${list}`, algorithms ?? "");
  };

  /** What is missing when a handshake fails with this message of ssh2. */
  mismatch(message: string): Mismatch | undefined {
    const failed = /^Handshake failed: no matching (.+)$/.exec(message)?.[1];
    const kind = KINDS.find((one) => one.failed === failed);
    if (!kind) return undefined;
    const listed = (side: string) => {
      const algorithms = (this.lists.get(`${side} ${kind.list}`) ?? "").split(",");
      return algorithms.filter((one) => one !== "" && !SIGNAL.test(one)).join(", ") || "none";
    };
    return { name: kind.name, option: kind.option, offered: listed("remote"), ours: listed("local") };
  }
}
