import { createHash } from "node:crypto";

/** How the engine calls a resource. */
export interface ResourceIdentity {
  /** Its name in the program, such as `alpha-join`. */
  name: string;
  urn: string;
}

/** A node of a planned cluster. */
export interface PlannedNode {
  /** Address of its connection. */
  address: string;
  roles: readonly string[];
}

/** Identifies a cluster by the connection to its Central Management node. */
export const clusterKey = ({ address, port }: { address: unknown; port: unknown }) =>
  `${String(address)}:${String(port)}`;

/** What the operations of one deployment share. None of it is stored, and no operation depends on it. */
export class Deployment {
  /** The clusters that this deployment creates, by their `clusterKey`. */
  readonly plannedClusters = new Map<string, readonly PlannedNode[]>();
  /**
   * Faults that the preview of a cluster has reported, as its `clusterKey` and the code: the preview of its join finds the same ones, and does
   * not report them again.
   */
  readonly reportedFaults = new Set<string>();
  /** What the preview of a RouterRedirection has done before it knew the state, by URN: told the changes, or also asked the router. */
  readonly redirectionPreviews = new Map<string, "told" | "asked">();
  /** The resource behind each name of a redirection, by router and name. */
  readonly redirectionNames = new Map<string, ResourceIdentity>();
  /** Mistakes in inputs that a resource has reported, as hashes. */
  readonly toldMistakes = new Set<string>();
  /** Warnings of proofs before irreversible steps, which repeat each other; the change itself does not repeat them. */
  readonly toldWarnings = new Set<string>();
  private readonly firstLogins = new Map<string, Promise<void>>();

  /**
   * Logs in, but does not repeat a refused login: each one counts towards the lock of the account. Concurrent logins with the same credentials
   * wait for the outcome of the first one.
   * @param credentials appliance, user and password; only their hash is kept
   * @param isRefusal whether an error means that the credentials are wrong
   */
  async logIn<T>(
    credentials: readonly string[],
    login: () => Promise<T>,
    isRefusal: (error: unknown) => boolean,
  ): Promise<T> {
    const key = createHash("sha256").update(JSON.stringify(credentials)).digest("base64");
    const first = this.firstLogins.get(key);
    if (first !== undefined) {
      await first;
      return login();
    }
    const own = login();
    const outcome = own.then(
      () => undefined,
      (error) => {
        if (isRefusal(error)) throw error;
        this.firstLogins.delete(key);
      },
    );
    // Thrown by the waiting logins.
    outcome.catch(() => undefined);
    this.firstLogins.set(key, outcome);
    return own;
  }
}
