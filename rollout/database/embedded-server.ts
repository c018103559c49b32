import { chmodSync, existsSync, lstatSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PGlite } from "@electric-sql/pglite";
import { Pool } from "pg";
import { ADDRESS_FILE, type EmbeddedAddress, readAddress, socketFile } from "./address";
import { OWNED_BY_OTHER } from "./embedded";
import { lockFolder } from "./folder-lock";
import { migrate } from "./migrate";
import { SocketGateway } from "./socket-gateway";

/*
 * The process of the embedded database: `node embedded-server.js FOLDER IDLE_SECONDS`. One process owns the folder, and all commands
 * of a user reach it over a socket that only this user can open. It ends by itself when nobody has been connected for a while.
 *
 * Starting and stopping have a limit, after which the process ends in any case: others wait for the end of the process that owns the
 * folder, and then start the next one.
 */

/** Part of the name of the socket file, as PostgreSQL forms it. */
const PORT = 5432;
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 5000;
/** A file in the folder of the data that says that they are complete. Without it, a process was killed while it created them. */
const COMPLETE_FILE = "rollout-complete";

async function serve(folder: string, idleSeconds: number): Promise<void> {
  if (!(await lockFolder(folder))) process.exit(OWNED_BY_OTHER);
  log("starting");
  const starting = setTimeout(() => end(1, `start: not done within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
  const db = await openData(join(folder, "data"));
  const host = socketFolder(folder);
  const file = socketFile({ host, port: PORT });
  // Left by a server that was killed; this process owns the folder now.
  rmSync(file, { force: true });
  const server = new SocketGateway(db, (error) => end(1, `the database failed: ${textOf(error)}`));
  await server.listen(file);
  chmodSync(file, 0o600);
  await migrateOver(host);
  writeFileSync(join(folder, "data", COMPLETE_FILE), "");
  writeAddress(folder, { host, port: PORT, pid: process.pid });
  clearTimeout(starting);
  log(`started, listening on ${file}`);

  let idleSince = Date.now();
  const stop = async (why: string): Promise<void> => {
    clearInterval(timer);
    log(`stopping: ${why}`);
    rmSync(join(folder, ADDRESS_FILE), { force: true });
    await Promise.race([server.close().then(() => db.close()), sleep(STOP_LIMIT_MS)]);
    rmSync(host, { recursive: true, force: true });
    end(0, "stopped");
  };
  const timer = setInterval(() => {
    // A program that cleans up the folder of temporary files may remove it.
    if (!existsSync(file)) stop("its socket is gone").catch(fail);
    else if (server.connectionCount > 0) idleSince = Date.now();
    else if (Date.now() - idleSince > idleSeconds * 1000) stop(`idle for ${idleSeconds} s`).catch(fail);
  }, 250);
  process.once("SIGTERM", () => void stop("SIGTERM").catch(fail));
  // Ctrl-C in the terminal goes to the whole group, and the worker still writes to the database then.
  process.on("SIGINT", () => {});
}

/** Opens the data, which are created anew when the process that first did it was killed before it was done. */
function openData(folder: string): Promise<PGlite> {
  if (existsSync(folder) && !existsSync(join(folder, COMPLETE_FILE))) rmSync(folder, { recursive: true, force: true });
  return PGlite.create(folder);
}

async function migrateOver(host: string): Promise<void> {
  const pool = new Pool({ host, port: PORT, user: "postgres", database: "postgres" });
  await migrate(pool);
  await pool.end();
}

/**
 * A folder that only this user can enter: paths of sockets are limited to about 100 characters, so it is not in the database's own
 * folder. The one of a server that was killed is used again.
 */
function socketFolder(folder: string): string {
  const before = readAddress(folder)?.host;
  const stat = before === undefined ? undefined : lstatSync(before, { throwIfNoEntry: false });
  const isOurs = stat?.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
  return before !== undefined && isOurs ? before : mkdtempSync(join(tmpdir(), "rollout-"));
}

function writeAddress(folder: string, address: EmbeddedAddress): void {
  const temporary = join(folder, `${ADDRESS_FILE}.${process.pid}`);
  writeFileSync(temporary, JSON.stringify(address), { mode: 0o600 });
  renameSync(temporary, join(folder, ADDRESS_FILE));
}

/** Its output is the file `server.log`, whose last line is shown when no server starts. */
function log(text: string): void {
  process.stderr.write(`${new Date().toISOString()} process ${process.pid}: ${text}\n`);
}

function end(code: number, text: string): never {
  log(text);
  process.exit(code);
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const fail = (error: unknown) => end(1, textOf(error));

if (require.main === module) {
  const [folder = "", idleSeconds = "10"] = process.argv.slice(2);
  serve(folder, Number(idleSeconds)).catch(fail);
}
