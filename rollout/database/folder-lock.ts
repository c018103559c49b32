import { createHash } from "node:crypto";
import { realpathSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";

/**
 * Makes this process the only one that owns a folder, until it ends in whatever way: the operating system releases a listening
 * socket with its process, while a lock file would outlive a killed one. False when another process owns the folder.
 */
export async function lockFolder(folder: string): Promise<boolean> {
  const server = createServer((socket) => socket.destroy());
  const address = lockAddress(realpathSync(folder));
  if (await listens(server, address)) return true;
  if (process.platform === "linux" || process.platform === "win32") return false;
  // Elsewhere the socket is a file, which stays behind when its process is killed.
  if (await isAnswered(address)) return false;
  rmSync(address, { force: true });
  return listens(server, address);
}

/** Whether a living process owns a folder. */
export function isFolderLocked(folder: string): Promise<boolean> {
  return isAnswered(lockAddress(realpathSync(folder)));
}

/** Linux has names of sockets without a file, Windows has named pipes; both end with their process. */
function lockAddress(folder: string): string {
  const name = `pulumi-safeguard-rollout-${createHash("sha256").update(folder).digest("hex").slice(0, 32)}`;
  if (process.platform === "linux") return `\0${name}`;
  return process.platform === "win32" ? `\\\\.\\pipe\\${name}` : join(folder, "lock");
}

function listens(server: Server, address: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => (error.code === "EADDRINUSE" ? resolve(false) : reject(error));
    server.once("error", onError);
    server.listen(address, () => {
      server.off("error", onError);
      server.unref();
      resolve(true);
    });
  });
}

function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
