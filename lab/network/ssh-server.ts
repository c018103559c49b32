import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { addAccount, LAB_FOLDER, type RouterUser } from "./private-files";
import { must } from "./run";
import { findTool } from "./tools";
import { inPlace } from "./wiring";

const CONFIGURATION = `${LAB_FOLDER}/sshd_config`;
const HOST_KEY = `${LAB_FOLDER}/host_key`;
const AUTHORIZED_KEYS = `${LAB_FOLDER}/authorized_keys`;
const LOG = `${LAB_FOLDER}/sshd.log`;
const PROCESS_ID = "/run/sshd.pid";
const START_LIMIT_SECONDS = 5;

/** The router's OpenSSH server, with a host key of its own and OpenSSH's own limits on sessions. */
export class SshServer {
  private child: ChildProcess | undefined;
  private readonly users: RouterUser[] = [];

  constructor(private readonly labName: string) {}

  /** Makes the host key and the key pair that logs in as root. @returns the host key as one line, `ssh-ed25519 AAAA…`. */
  async makeKeys(clientKeyFile: string): Promise<string> {
    mkdirSync(AUTHORIZED_KEYS, { mode: 0o755 });
    await Promise.all([HOST_KEY, clientKeyFile].map((file) => must(keygen(file))));
    this.authorize("root", readFileSync(`${clientKeyFile}.pub`, "utf8"));
    return readFileSync(`${HOST_KEY}.pub`, "utf8").trim().split(" ").slice(0, 2).join(" ");
  }

  /** Starts the server and waits until it listens. @throws Error with its last messages when it does not. */
  async start(): Promise<void> {
    if (this.child !== undefined) return;
    rmSync(PROCESS_ID, { force: true });
    writeFileSync(CONFIGURATION, configuration(this.users), { mode: 0o600 });
    const program = findTool("sshd", process.env.PATH ?? "") ?? "sshd";
    // OpenSSH starts itself anew for each connection and therefore wants its own absolute path.
    const [command = "", ...rest] = inPlace(this.labName, "router", [program, "-D", "-f", CONFIGURATION, "-E", LOG]);
    const child = spawn(command, rest, { stdio: ["ignore", "inherit", "inherit"] });
    this.child = child;
    const limit = performance.now() + START_LIMIT_SECONDS * 1000;
    // The file with the process id is written once the port is open.
    while (!existsSync(PROCESS_ID)) {
      if (child.exitCode !== null || performance.now() > limit) {
        this.child = undefined;
        throw new Error(`router: start of sshd: not listening; its last messages: ${this.lastMessages()}`);
      }
      await pause(5);
    }
  }

  /** Closes the port; sessions that are open stay open, as OpenSSH does it. */
  async stop(): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  }

  /** Gives somebody access to the router; the port is closed for a moment. */
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
    // In a user namespace the machine's own folders, "/" first, belong to nobody; the keys lie in a private folder anyway.
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
