import { readFile } from "node:fs/promises";

/** Who SPS is to the server: itself, or the client ("use the original IP address of the client"). */
export type AddressMode = "own" | "client";

/** One connection that the SPS host relayed. */
export interface AuditRecord {
  /** Counts the relayed connections of this lab from 1. */
  session: number;
  /** When SPS accepted the connection, ISO 8601. */
  time: string;
  /** `address:port` of the client, and of the server the client meant. */
  client: string;
  server: string;
  mode: AddressMode;
  /** Present once the connection is over. */
  end?: AuditEnd;
}

export interface AuditEnd {
  time: string;
  bytesFromClient: number;
  bytesFromServer: number;
  /** Why it ended, when it was not closed by client or server in good order: a system error code such as ECONNREFUSED. */
  error?: string;
}

/** The lines of the audit file: one when a connection is accepted, before anything is relayed, and one when it is over. */
export type AuditLine =
  | ({ event: "opened" } & Omit<AuditRecord, "end">)
  | ({ event: "closed"; session: number } & AuditEnd);

/** Reads an audit file; one record a connection, in the order they were accepted. */
export async function readAudit(file: string): Promise<AuditRecord[]> {
  const records = new Map<number, AuditRecord>();
  for (const text of (await readFile(file, "utf8")).split("\n")) {
    if (text === "") continue;
    const line = JSON.parse(text) as AuditLine;
    if (line.event === "opened") {
      const { event, ...record } = line;
      records.set(record.session, record);
    } else {
      const { event, session, ...end } = line;
      const record = records.get(session);
      if (record !== undefined) record.end = end;
    }
  }
  return [...records.values()];
}
