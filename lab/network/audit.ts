import { readFile } from "node:fs/promises";

/** Source address of SPS towards the server: its own, or the client's ("use the original IP address of the client"). */
export type AddressMode = "own" | "client";

/** One connection that the SPS host relayed. */
export interface AuditRecord {
  /** Number of the relayed connection, from 1. */
  session: number;
  /** Time at which SPS accepted the connection, ISO 8601. */
  time: string;
  /** `address:port` of the client, and of the server to which it connected. */
  client: string;
  server: string;
  mode: AddressMode;
  /** Present when the connection is closed. */
  end?: AuditEnd;
}

/** The end of a relayed connection. */
export interface AuditEnd {
  time: string;
  bytesFromClient: number;
  bytesFromServer: number;
  /** System error code, such as ECONNREFUSED; absent after an orderly close. */
  error?: string;
}

/** A line of the audit file: written when a connection is accepted, before any relaying, and when it is closed. */
export type AuditLine =
  | ({ event: "opened" } & Omit<AuditRecord, "end">)
  | ({ event: "closed"; session: number } & AuditEnd);

/** Reads an audit file: one record for each connection, in the order of acceptance. */
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

/** A relayed connection as a session of the protocol that its port stands for. */
export function sessionOf({ session, server, end }: AuditRecord): { key: string; protocol: string; isOpen: boolean } {
  const [, port = ""] = server.split(":");
  return { key: `relayed-${session}`, protocol: PROTOCOLS[port] ?? "http", isOpen: !end };
}

const PROTOCOLS: Record<string, string> = { "22": "ssh", "2222": "ssh", "3389": "rdp" };
