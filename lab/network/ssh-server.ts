import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { onHost } from "./namespaces";
import { addAccount, LAB_FOLDER, type RouterUser } from "./private-files";
import { runOrFail } from "./run";
import { findTool } from "./tools";

const CONFIGURATION = `${LAB_FOLDER}/sshd_config`;
const HOST_KEY = `${LAB_FOLDER}/host_key`;
const AUTHORIZED_KEYS = `${LAB_FOLDER}/authorized_keys`;
const LOG = `${LAB_FOLDER}/sshd.log`;
const PROCESS_ID = "/run/sshd.pid";
const START_LIMIT_SECONDS = 5;

/** The router's OpenSSH server, with its own host key and the default session limits of OpenSSH. */
export class SshServer {
  private child: ChildProcess | undefined;
  private readonly users: RouterUser[] = [];

  constructor(private readonly labName: string) {}

  /** Creates the host key and a key pair for root. @returns the host key as one line, `ssh-ed25519 AAAA…`. */
  async createKeys(clientKeyFile: string): Promise<string> {
    mkdirSync(AUTHORIZED_KEYS, { mode: 0o755 });
    await Promise.all([HOST_KEY, clientKeyFile].map((file) => runOrFail(keygen(file))));
    this.authorize("root", readFileSync(`${clientKeyFile}.pub`, "utf8"));
    return readFileSync(`${HOST_KEY}.pub`, "utf8").trim().split(" ").slice(0, 2).join(" ");
  }

  /** Starts the server and waits until it listens. @throws Error with its last messages when it fails. */
  async start(): Promise<void> {
    if (this.child !== undefined) return;
    rmSync(PROCESS_ID, { force: true });
    writeFileSync(CONFIGURATION, configuration(this.users), { mode: 0o600 });
    const program = findTool("sshd", process.env.PATH ?? "") ?? "sshd";
    // sshd starts itself again for each connection and needs its absolute path for that.
    const [command = "", ...rest] = onHost(this.labName, "router", [program, "-D", "-f", CONFIGURATION, "-E", LOG]);
    const child = spawn(command, rest, { stdio: ["ignore", "inherit", "inherit"] });
    this.child = child;
    const limit = performance.now() + START_LIMIT_SECONDS * 1000;
    // sshd writes its process id file after it opened the port.
    while (!existsSync(PROCESS_ID)) {
      if (child.exitCode !== null || performance.now() > limit) {
        this.child = undefined;
        throw new Error(`router: start sshd: the port is not open; last messages: ${this.lastMessages()}`);
      }
      await pause(5);
    }
  }

  /** Stops the server; as with OpenSSH in general, open sessions stay open. */
  async stop(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  /** Adds a user and restarts the server. */
  async addUser(user: RouterUser): Promise<void> {
    await addAccount(user);
    if (user.publicKey !== undefined) this.authorize(user.username, user.publicKey);
    this.users.push(user);
    await this.stop();
    await this.start();
  }

  private authorize(username: string, publicKey: string): void {
    writeFileSync(`${AUTHORIZED_KEYS}/${username}`, `${publicKey.trim()}\n`, { mode: 0o644 });
  }

  private lastMessages(): string {
    return existsSync(LOG) ? readFileSync(LOG, "utf8").trim().split("\n").slice(-5).join("; ") : "none";
  }
}

function keygen(file: string): string[] {
  return ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", file];
}

function configuration(users: readonly RouterUser[]): string {
  const lines = [
    "Port 22",
    "ListenAddress 0.0.0.0",
    `HostKey ${HOST_KEY}`,
    `PidFile ${PROCESS_ID}`,
    `AuthorizedKeysFile ${AUTHORIZED_KEYS}/%u`,
    // In a user namespace "/" belongs to nobody, which strict modes reject.
    "StrictModes no",
    "UsePAM no",
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PrintMotd no",
    "PrintLastLog no",
    "LogLevel VERBOSE",
    "Subsystem sftp internal-sftp",
  ];
  for (const user of users.filter(({ password }) => password !== undefined)) {
    lines.push(`Match User ${user.username}`, "PasswordAuthentication yes", "PermitRootLogin yes");
  }
  return `${lines.join("\n")}\n`;
}
