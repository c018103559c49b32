import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type Connection, Server, type ServerChannel } from "ssh2";
import type { Endpoint } from "../common/address-book";
import { detached } from "../common/detached";
import { sshKeyPair } from "../common/ssh-keys";

/** Size of a terminal whose client tells none. */
const DEFAULT_LENGTH = 24;
const DEFAULT_WIDTH = 80;

/** Size of a terminal; 0 lines print without pages. */
export interface TerminalSize {
  length: number;
  width: number;
}

/** Who logged in, and the address of the client. */
export interface Login {
  user: string;
  location: string;
}

/** One session on a command line. */
export interface CommandLineSession {
  /** Serves the session until it ends. */
  run(): Promise<void>;
  /** Executes one line, prints its output, and ends as an exec request does. */
  runOnce(line: string): Promise<void>;
}

/** An emulated device with a command line. */
export interface CommandLineDevice {
  /** Name of the software in the greeting of its SSH server. */
  readonly sshSoftware: string;
  accepts(username: string, password: string | undefined): boolean;
  /** Called after each login. */
  loggedIn?(): void;
  openSession(stream: ServerChannel, size: TerminalSize, login: Login): CommandLineSession;
  /** Runs a command that is a program of its own, such as scp. @returns its exit status; undefined for other commands */
  runProgram?(command: string, stream: ServerChannel): Promise<number> | undefined;
}

/** The SSH server of a device. */
export interface DeviceServer extends Endpoint {
  /** One line, `ssh-ed25519 AAAA…`. */
  hostKey: string;
  /** Ends all sessions. */
  endSessions(): void;
  stop(): Promise<void>;
}

/** Serves the command line of a device over SSH, on a loopback address. */
export async function serveDevice(device: CommandLineDevice, address = "127.0.0.1", port = 0): Promise<DeviceServer> {
  const keys = sshKeyPair();
  const connections = new Set<Connection>();
  const sessions = new Server({ hostKeys: [keys.private], ident: device.sshSoftware }, (connection, { ip }) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    connection.on("error", () => undefined);
    serveConnection(connection, device, ip);
  });
  // Echo is sent character by character.
  const server = createServer({ noDelay: true }, (socket) => sessions.injectSocket(socket));
  server.listen(port, address);
  await once(server, "listening");
  const endSessions = () => {
    for (const connection of connections) connection.end();
  };
  return {
    address,
    port: (server.address() as AddressInfo).port,
    hostKey: keys.public.split(" ").slice(0, 2).join(" "),
    endSessions,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        endSessions();
      }),
  };
}

function serveConnection(connection: Connection, device: CommandLineDevice, location: string): void {
  let user = "";
  connection.on("ready", () => device.loggedIn?.());
  connection.on("authentication", (login) => {
    const { username } = login;
    user = username;
    if (login.method === "password" && device.accepts(username, login.password)) return login.accept();
    if (login.method === "keyboard-interactive") {
      return login.prompt([{ prompt: "Password: ", echo: false }], ([password]) =>
        device.accepts(username, password) ? login.accept() : login.reject(["keyboard-interactive", "password"]),
      );
    }
    login.reject(["keyboard-interactive", "password"]);
  });
  connection.on("session", (accept) => {
    const session = accept();
    const size = { length: DEFAULT_LENGTH, width: DEFAULT_WIDTH };
    session.on("pty", (acceptPty, _reject, { rows, cols }) => {
      Object.assign(size, { length: rows || DEFAULT_LENGTH, width: cols || DEFAULT_WIDTH });
      acceptPty?.();
    });
    // A fault ends the session, as when a process of a device dies.
    const serve = (stream: ServerChannel, work: () => Promise<void>) => {
      stream.on("error", () => undefined);
      detached("a session on a command line", work, () => stream.destroy());
    };
    session.on("shell", (acceptShell) => {
      const stream = acceptShell();
      serve(stream, () => device.openSession(stream, size, { user, location }).run());
    });
    session.on("exec", (acceptExec, _reject, { command }) => {
      const stream = acceptExec();
      serve(stream, async () => {
        const program = device.runProgram?.(command, stream);
        if (program !== undefined) {
          stream.exit(await program);
          stream.end();
          return;
        }
        size.length = 0;
        await device.openSession(stream, size, { user, location }).runOnce(command);
        stream.exit(0);
      });
    });
  });
}
