import { UNKNOWN, type Unknown } from "../core/unknown";
import { unverifiedText } from "../core/unverified";
import type { Note } from "./operations";

type Connection = { address: string | Unknown; insecureSkipVerify: boolean | Unknown } | Unknown;

/** The warning, in every preview and update, about a connection whose other end does not have to prove its identity. */
export function unverifiedNotes(path: string, connection: Connection): Note[] {
  if (connection === UNKNOWN || connection.insecureSkipVerify !== true) return [];
  return [{ severity: "warning", text: unverifiedText(path, connection.address) }];
}
