import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type Connection, Server, type ServerChannel } from "ssh2";
import type { Endpoint } from "../common/address-book";
import { sshKeyPair } from "../common/ssh-keys";
import type { Device } from "./device";
import { serveScp } from "./scp";
import { Session } from "./session";

/** Size of a terminal whose client tells none. */
const DEFAULT_LENGTH = 24;
const DEFAULT_WIDTH = 80;

/** The SSH server of a device. */
export interface DeviceServer extends Endpoint {
  /** One line, `ssh-ed25519 AAAA…`. */
  hostKey: string;
  /** Ends all sessions. */
  endSessions(): void;
  stop(): Promise<void>;
}

/** Serves the command line of a device over SSH, on a loopback address. */
export async function serveDevice(device: Device, address = "127.0.0.1", port = 0): Promise<DeviceServer> {
  const keys = sshKeyPair();
  const connections = new Set<Connection>();
  const sessions = new Server({ hostKeys: [keys.private], ident: "Cisco-1.25" }, (connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
    connection.on("error", () => undefined);
    serveConnection(connection, device);
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

function serveConnection(connection: Connection, device: Device): void {
  connection.on("ready", () => {
    device.logins += 1;
  });
  connection.on("authentication", (login) => {
    const isRight = device.isLoginPossible && login.username === device.username;
    if (login.method === "password" && isRight && login.password === device.password) return login.accept();
    if (login.method === "keyboard-interactive" && isRight) {
      return login.prompt([{ prompt: "Password: ", echo: false }], ([password]) =>
        password === device.password ? login.accept() : login.reject(["keyboard-interactive", "password"]),
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
    const open = (stream: ServerChannel) => {
      stream.on("error", () => undefined);
      return new Session({ device, user: device.username, stream, ...size });
    };
    session.on("shell", (acceptShell) => {
      void open(acceptShell()).run();
    });
    session.on("exec", (acceptExec, _reject, { command }) => {
      const stream = acceptExec();
      if (command.startsWith("scp ")) {
        stream.on("error", () => undefined);
        void serveScp(device, command, stream).then((status) => {
          stream.exit(status);
          stream.end();
        });
        return;
      }
      size.length = 0;
      void open(stream)
        .runOnce(command)
        .then(() => stream.exit(0));
    });
  });
}
