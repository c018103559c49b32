import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The file in the folder of an embedded database that says where its socket is. */
export const ADDRESS_FILE = "address.json";

export interface EmbeddedAddress {
  /** Folder of the socket; pg appends the name of the file. */
  host: string;
  /** Part of the name of the socket file, as PostgreSQL forms it. */
  port: number;
  /** The process of the database. */
  pid: number;
}

/** The address of the latest server of a folder, which may have ended; undefined when none has started or the last one ended itself. */
export function readAddress(folder: string): EmbeddedAddress | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, ADDRESS_FILE), "utf8"));
  } catch {
    // It is written whole, so that it either is there or not.
    return undefined;
  }
}

/** The socket file of an address. */
export const socketFile = ({ host, port }: Pick<EmbeddedAddress, "host" | "port">) => join(host, `.s.PGSQL.${port}`);
