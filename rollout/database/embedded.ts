import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { extname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ADDRESS_FILE, type EmbeddedAddress } from "./address";

/** How long a database may take to start; one that recovers from a crash needs a few seconds. */
const START_LIMIT_MS = 60_000;
/** A server that was started is not heard of for so long before another one is tried. */
const RESTART_MS = 30_000;

/**
 * Finds the server of an embedded database, or starts it. The server is a process of its own, so that `status` and `approve` work
 * beside a running rollout, and a killed rollout loses nothing. @throws Error when it does not start
 */
export async function reachEmbedded(folder: string, idleSeconds = 10, signal?: AbortSignal): Promise<EmbeddedAddress> {
  const whole = resolve(folder);
  // Only its user may read the names of the sites.
  mkdirSync(whole, { recursive: true, mode: 0o700 });
  const limit = Date.now() + START_LIMIT_MS;
  let startedAt = 0;
  for (;;) {
    const address = addressIn(whole);
    if (address && (await isListening(address))) return address;
    if (Date.now() > limit)
      throw new Error(
        `database ${whole}: start: no answer within ${START_LIMIT_MS / 1000} s; read ${join(whole, "server.log")}`,
      );
    // A second server ends at once when the first owns the folder.
    if (Date.now() - startedAt > RESTART_MS) {
      startServer(whole, idleSeconds);
      startedAt = Date.now();
    }
    await sleep(50, undefined, { signal });
  }
}

function startServer(folder: string, idleSeconds: number): void {
  const log = openSync(join(folder, "server.log"), "a", 0o600);
  const program = join(__dirname, `embedded-server${extname(__filename)}`);
  const child = spawn(process.execPath, [...process.execArgv, program, folder, String(idleSeconds)], {
    // Of its own group: what kills the rollout's group leaves the database alive.
    detached: true,
    stdio: ["ignore", "ignore", log],
  });
  child.unref();
  closeSync(log);
}

function addressIn(folder: string): EmbeddedAddress | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, ADDRESS_FILE), "utf8"));
  } catch {
    // No server has started yet, or the last one has ended.
    return undefined;
  }
}

function isListening({ host, port }: EmbeddedAddress): Promise<boolean> {
  return new Promise((resolveListening) => {
    const socket = createConnection(join(host, `.s.PGSQL.${port}`), () => {
      socket.destroy();
      resolveListening(true);
    });
    socket.once("error", () => resolveListening(false));
  });
}
