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
