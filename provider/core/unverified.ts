import type { Unknown } from "./unknown";

/** The warning about a connection whose other end does not have to prove its identity. `path` is that of the connection in the inputs. */
export function unverifiedText(path: string, address: string | Unknown): string {
  return `${path}.insecureSkipVerify is true: the identity of ${String(address)} is not verified; anyone who intercepts the connection can read the credentials`;
}
