import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { extname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type EmbeddedAddress, readAddress, socketFile } from "./address";
import { isFolderLocked } from "./folder-lock";
import { SSL_REQUEST_MESSAGE } from "./socket-gateway";

/**
 * How long a database may take to start: seconds, and on a machine with many times more work than processors a minute. A server that
 * hangs ends itself before this.
 */
const START_LIMIT_MS = 180_000;
const POLL_MS = 50;
const ANSWER_LIMIT_MS = 5000;
/** A server that fails so often in a row will not start. */
const MAXIMUM_FAILURES = 3;
/** Exit code of a server that found another one; it is none of ours, which count as failures. */
export const OWNED_BY_OTHER = 75;

/**
 * Finds the server of an embedded database, or starts it. The server is a process of its own, so that `status` and `approve` work
 * beside a running rollout, and a killed rollout loses nothing.
 *
 * At most one server owns the folder. While one does, this waits for its answer or its end; otherwise it starts one. Whenever
 * a server ends, at whatever moment, the next round starts another. @throws Error when none starts
 */
export async function reachEmbedded(folder: string, idleSeconds = 10): Promise<EmbeddedAddress> {
  const whole = resolve(folder);
  // Only its user may read the names of the sites.
  orFolderError(whole, () => mkdirSync(whole, { recursive: true, mode: 0o700 }));
  const limit = Date.now() + START_LIMIT_MS;
  let failures = 0;
  let child: ChildProcess | undefined;
  for (;;) {
    const address = readAddress(whole);
    if (address && (await isAnswering(address))) return address;
    if (child?.exitCode != null || child?.signalCode != null) {
      // A signal came from outside, and the next server may be spared.
      if (child.exitCode !== null && child.exitCode !== 0 && child.exitCode !== OWNED_BY_OTHER) failures += 1;
      child = undefined;
    }
    if (failures >= MAXIMUM_FAILURES) throw startError(whole, `it failed ${failures} times`);
    if (Date.now() > limit) throw startError(whole, `no answer within ${START_LIMIT_MS / 1000} s`);
    if (!child && !(await isFolderLocked(whole))) child = startServer(whole, idleSeconds);
    await sleep(POLL_MS);
  }
}

/** A folder that cannot be written, for example of another user or on a full disk. */
function orFolderError<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Error(
      `database ${folder}: write: ${cause}; let this user write there, or set --database to a PostgreSQL database`,
    );
  }
}

function startError(folder: string, cause: string): Error {
  const log = join(folder, "server.log");
  const last = readFileSync(log, { encoding: "utf8", flag: "a+" }).trimEnd().split("\n").at(-1);
  return new Error(
    `database ${folder}: start: ${cause}; the last line of ${log} is: ${last || "empty, so that no server could run"}`,
  );
}

function startServer(folder: string, idleSeconds: number): ChildProcess {
  const log = orFolderError(folder, () => openSync(join(folder, "server.log"), "a", 0o600));
  const program = join(__dirname, `embedded-server${extname(__filename)}`);
  const child = spawn(process.execPath, [...process.execArgv, program, folder, String(idleSeconds)], {
    // Of its own group: what kills the rollout's group leaves the database alive.
    detached: true,
    stdio: ["ignore", "ignore", log],
  });
  child.unref();
  closeSync(log);
  return child;
}

/** Whether a server answers the first message of a client; one that hangs accepts connections and says nothing. */
function isAnswering(address: EmbeddedAddress): Promise<boolean> {
  return new Promise((resolveAnswering) => {
    const socket = createConnection(socketFile(address), () => socket.write(SSL_REQUEST_MESSAGE));
    const end = (isAnswered: boolean) => {
      socket.destroy();
      resolveAnswering(isAnswered);
    };
    socket.setTimeout(ANSWER_LIMIT_MS, () => end(false));
    socket.once("data", () => end(true));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
  });
}
