import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Pool } from "pg";
import { ADDRESS_FILE, type EmbeddedAddress } from "./address";
import { lockFolder } from "./folder-lock";
import { migrate } from "./migrate";
import { SocketGateway } from "./socket-gateway";

/*
 * The process of the embedded database: `node embedded-server.js FOLDER IDLE_SECONDS`. One process owns the folder, and all commands
 * of a user reach it over a socket that only this user can open. It ends by itself when nobody has been connected for a while.
 */

/** Part of the name of the socket file, as PostgreSQL forms it. */
const PORT = 5432;

async function serve(folder: string, idleSeconds: number): Promise<void> {
  if (!(await lockFolder(folder))) return;
  const db = await PGlite.create(join(folder, "data"));
  const host = socketFolder(folder);
  const file = join(host, `.s.PGSQL.${PORT}`);
  // Left by a server that was killed; this process owns the folder now.
  rmSync(file, { force: true });
  const server = new SocketGateway(db);
  await server.listen(file);
  chmodSync(file, 0o600);
  const pool = new Pool({ host, port: PORT, user: "postgres", database: "postgres" });
  await migrate(pool);
  await pool.end();
  writeAddress(folder, { host, port: PORT, pid: process.pid });

  let idleSince = Date.now();
  const stop = async (): Promise<void> => {
    clearInterval(timer);
    rmSync(join(folder, ADDRESS_FILE), { force: true });
    await server.close();
    await db.close();
    rmSync(host, { recursive: true, force: true });
    process.exit(0);
  };
  const timer = setInterval(() => {
    if (server.connectionCount > 0) idleSince = Date.now();
    else if (Date.now() - idleSince > idleSeconds * 1000) void stop();
  }, 250);
  process.once("SIGTERM", () => void stop());
  // Ctrl-C in the terminal goes to the whole group, and the worker still writes to the database then.
  process.on("SIGINT", () => {});
}

/**
 * A folder that only this user can enter: paths of sockets are limited to about 100 characters, so it is not in the database's own
 * folder. The same one is used again after a crash, because workers connect to it again.
 */
function socketFolder(folder: string): string {
  const before = existsSync(join(folder, ADDRESS_FILE))
    ? (JSON.parse(readFileSync(join(folder, ADDRESS_FILE), "utf8")) as EmbeddedAddress).host
    : undefined;
  const stat = before === undefined ? undefined : lstatSync(before, { throwIfNoEntry: false });
  const isOurs = stat?.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
  return before !== undefined && isOurs ? before : mkdtempSync(join(tmpdir(), "rollout-"));
}

function writeAddress(folder: string, address: EmbeddedAddress): void {
  const temporary = join(folder, `${ADDRESS_FILE}.${process.pid}`);
  writeFileSync(temporary, JSON.stringify(address), { mode: 0o600 });
  renameSync(temporary, join(folder, ADDRESS_FILE));
}

if (require.main === module) {
  const [folder = "", idleSeconds = "10"] = process.argv.slice(2);
  serve(folder, Number(idleSeconds)).catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
}
