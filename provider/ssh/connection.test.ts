import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { type AddressInfo, createServer, type Server as NetServer } from "node:net";
import { type Algorithms, type AuthContext, Server, utils } from "ssh2";
import { sshKeyPair } from "../../lab/common/ssh-keys";
import type { SshConnection } from "./connection";
import { dial } from "./dial";
import { SshFailure, type SshTarget } from "./target";

/** An SSH server whose sessions run the asked command on this machine. */
interface TestServer {
  port: number;
  hostKey: string;
  logins: string[];
  close(): Promise<void>;
}

/** Yes, no, no but these methods may go on, or: the client was asked something and the answer decides. */
type Verdict = boolean | string[] | "asked";

async function serve(
  keys: { private: string; public: string }[],
  accept: (login: AuthContext) => Verdict,
  ident?: string,
  algorithms?: Algorithms,
): Promise<TestServer> {
  const logins: string[] = [];
  const settings = {
    hostKeys: keys.map((key) => key.private),
    ...(ident && { ident }),
    ...(algorithms && { algorithms }),
  };
  const server = new Server(settings, (client) => {
    client.on("error", () => undefined);
    client.on("authentication", (login) => {
      logins.push(`${login.method} ${login.username}`);
      const verdict = accept(login);
      if (verdict === true) login.accept();
      else if (verdict !== "asked")
        login.reject(verdict === false ? ["password", "publickey", "keyboard-interactive"] : (verdict as ["password"]));
    });
    client.on("session", (acceptSession) => {
      acceptSession().on("exec", (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const child = spawn("sh", ["-c", command]);
        channel.pipe(child.stdin);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.on("close", (code) => {
          channel.exit(code ?? 1);
          channel.end();
        });
        channel.on("close", () => child.kill());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hostKey: keys[0]?.public ?? "",
    logins,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe("an SSH connection", () => {
  const serverKey = sshKeyPair();
  const otherKey = sshKeyPair();
  const rsaKey = utils.generateKeyPairSync("rsa", { bits: 2048 });
  const userKey = sshKeyPair();
  const signal = new AbortController().signal;
  const closers: (() => unknown)[] = [];

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  async function start(
    accept: (login: AuthContext) => Verdict,
    keys = [serverKey],
    ident?: string,
  ): Promise<TestServer> {
    const server = await serve(keys, accept, ident);
    closers.push(server.close);
    return server;
  }

  function target(server: { port: number }, parts: Partial<SshTarget> = {}): SshTarget {
    return {
      address: "127.0.0.1",
      port: server.port,
      username: "root",
      password: "open sesame",
      hostKey: serverKey.public,
      insecureSkipVerify: false,
      dialLimitSeconds: 5,
      ...parts,
    };
  }

  async function open(given: SshTarget): Promise<SshConnection> {
    const connection = await dial(given, signal);
    closers.push(() => connection.close());
    return connection;
  }

  async function failure(given: SshTarget): Promise<SshFailure> {
    const error: unknown = await dial(given, signal).then(
      (connection) => connection.close(),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof SshFailure, `expected a failure, got ${error}`);
    return error;
  }

  const byPassword = (login: AuthContext) => login.method === "password" && login.password === "open sesame";

  it("logs in with a password and runs several scripts in one shell of one connection", async () => {
    const server = await start(byPassword);
    const connection = await open(target(server));
    const shell = await connection.openShell("sh -s");
    assert.equal((await shell.run("echo one", { limitSeconds: 5, signal })).stdout, "one\n");
    assert.equal((await shell.run("echo two; exit 4", { limitSeconds: 5, signal })).status, 4);
    assert.equal(server.logins.filter((login) => login.startsWith("password")).length, 1);
  });

  it("logs in with a private key", async () => {
    const server = await start((login) => login.method === "publickey");
    await open(target(server, { password: undefined, privateKey: userKey.private }));
    assert.ok(server.logins.includes("publickey root"));
  });

  describe("with an OpenSSH server, which accepts pipelined messages", () => {
    const ident = "OpenSSH_9.2p1";

    it("sends the signed key and the command at once", async () => {
      const seen: string[] = [];
      const accept = (login: AuthContext) => {
        seen.push(login.method === "publickey" && login.signature ? "signed" : login.method);
        return login.method === "publickey";
      };
      const server = await start(accept, [serverKey], ident);
      const given = target(server, { password: undefined, privateKey: userKey.private });
      const connection = await dial(given, signal, { firstCommand: "sh -s" });
      closers.push(() => connection.close());
      assert.deepEqual(seen, ["signed"], "one request, and no question before it");
      const shell = await connection.openShell("sh -s");
      assert.equal((await shell.run("echo $$; echo one", { limitSeconds: 5, signal })).stdout.split("\n")[1], "one");
      const second = await connection.openShell("sh -s");
      assert.equal((await second.run("echo two", { limitSeconds: 5, signal })).stdout, "two\n");
    });

    it("starts another command when the one sent with the login is not asked for", async () => {
      const server = await start(byPassword, [serverKey], ident);
      const connection = await dial(target(server), signal, { firstCommand: "exit 3" });
      closers.push(() => connection.close());
      const shell = await connection.openShell("sh -s");
      assert.equal((await shell.run("echo wanted", { limitSeconds: 5, signal })).stdout, "wanted\n");
    });

    it("tries the password after a refused key, and prompts after a refused password", async () => {
      const server = await start(
        (login) => {
          if (login.method === "publickey") return ["password", "keyboard-interactive"];
          if (login.method !== "keyboard-interactive") return ["keyboard-interactive"];
          login.prompt([{ prompt: "Password: ", echo: false }], () => login.accept());
          return "asked";
        },
        [serverKey],
        ident,
      );
      const connection = await dial(target(server, { privateKey: userKey.private }), signal, { firstCommand: "sh -s" });
      closers.push(() => connection.close());
      const shell = await connection.openShell("sh -s");
      assert.equal((await shell.run("echo in", { limitSeconds: 5, signal })).stdout, "in\n");
      assert.deepEqual(server.logins, ["publickey root", "password root", "keyboard-interactive root"]);
    });

    it("reports a refused key as a refused login", async () => {
      const server = await start(() => false, [serverKey], ident);
      const error = await failure(target(server, { password: undefined, privateKey: userKey.private }));
      assert.equal(error.message, "user root was refused");
      assert.deepEqual(server.logins, ["publickey root"]);
    });
  });

  it("answers a server that asks for the password interactively", async () => {
    const answers: string[][] = [];
    const server = await serve([serverKey], (login) => {
      if (login.method !== "keyboard-interactive") return ["keyboard-interactive"];
      login.prompt([{ prompt: "Password: ", echo: false }], (given) => {
        answers.push(given);
        login.accept();
      });
      return "asked";
    });
    closers.push(server.close);
    await open(target(server));
    assert.deepEqual(answers, [["open sesame"]]);
  });

  it("names the prompt it cannot answer, and then sends no password", async () => {
    const answers: string[][] = [];
    const server = await start((login) => {
      if (login.method !== "keyboard-interactive") return ["keyboard-interactive"];
      const prompts = [
        { prompt: "Password: ", echo: false },
        { prompt: "Verification code: ", echo: true },
      ];
      login.prompt(prompts, (given) => answers.push(given));
      return "asked";
    });
    const error = await failure(target(server));
    assert.equal(error.kind, "login-refused");
    assert.equal(error.message, 'user root was asked "Verification code:", which a password does not answer');
    assert.deepEqual(answers, []);
  });

  it("sends a wrong password once, whatever else the server offers", async () => {
    const server = await start(() => ["password", "keyboard-interactive"]);
    assert.equal((await failure(target(server))).kind, "login-refused");
    assert.deepEqual(server.logins, ["password root"]);
  });

  it("logs in with key and password when the server requires both", async () => {
    for (const ident of [undefined, "OpenSSH_9.2p1"]) {
      let isKeyProved = false;
      const server = await start(
        (login) => {
          if (isKeyProved) return login.method === "password";
          isKeyProved = login.method === "publickey" && login.signature !== undefined;
          if (login.method === "publickey" && !isKeyProved) return true;
          if (!isKeyProved) return ["publickey"];
          login.reject(["password"], true);
          return "asked";
        },
        [serverKey],
        ident,
      );
      await open(target(server, { privateKey: userKey.private }));
    }
  });

  it("refuses an unknown host key and shows it", async () => {
    const server = await start(byPassword);
    const error = await failure(target(server, { hostKey: undefined }));
    assert.equal(error.kind, "unknown-host-key");
    assert.equal(error.presented, serverKey.public.trim());
    assert.deepEqual(server.logins, []);
  });

  it("refuses another host key than the pinned one before any credential is sent", async () => {
    const server = await start(byPassword);
    const error = await failure(target(server, { hostKey: otherKey.public }));
    assert.equal(error.kind, "wrong-host-key");
    assert.deepEqual(server.logins, []);
  });

  const outdated: [string, string, Algorithms][] = [
    ["key exchange algorithm", "diffie-hellman-group1-sha1 (KexAlgorithms)", { kex: ["diffie-hellman-group1-sha1"] }],
    ["cipher", "aes256-cbc, 3des-cbc (Ciphers)", { cipher: ["aes256-cbc", "3des-cbc"] }],
    ["MAC", "hmac-md5 (MACs)", { cipher: ["aes128-ctr"], hmac: ["hmac-md5"] }],
  ];
  for (const [name, offered, algorithms] of outdated) {
    it(`lists what a server offers that has no ${name} in common with this program`, async () => {
      const server = await serve([serverKey], byPassword, undefined, algorithms);
      closers.push(server.close);
      const error = await failure(target(server, { hostKey: undefined, insecureSkipVerify: true }));
      assert.equal(error.kind, "no-common-algorithm");
      const begin = `the server has no ${name} in common with this program: it offers ${offered}; this program has `;
      assert.ok(error.message.startsWith(begin), error.message);
      assert.match(error.message.slice(begin.length), /^[\w@.-]+(, [\w@.-]+)+$/);
      assert.deepEqual(server.logins, []);
    });
  }

  it("requests the pinned key from a server that has several", async () => {
    const server = await start(byPassword, [rsaKey, serverKey]);
    await open(target(server, { hostKey: serverKey.public }));
    await open(target(server, { hostKey: rsaKey.public }));
  });

  it("reports a server that has no key of the pinned type", async () => {
    const server = await start(byPassword);
    const error = await failure(target(server, { hostKey: rsaKey.public }));
    assert.equal(error.kind, "wrong-host-key");
    assert.equal(error.message, "the server has no host key of the pinned type; it offers ssh-ed25519");
  });

  it("accepts keys of known hosts, and requests a known one from a server that has several", async () => {
    const server = await start(byPassword, [rsaKey, serverKey]);
    const known = (...lines: string[]) => target(server, { hostKey: undefined, knownHosts: lines.join("\n") });
    const name = `[127.0.0.1]:${server.port}`;
    await open(known(`${name} ${serverKey.public}`));
    await open(known(`${name} ${rsaKey.public}`));
    assert.equal(server.logins.length, 2);

    const refused = [
      [[`elsewhere ${serverKey.public}`], "unknown-host-key", "its host key is not known"],
      [[`${name} ${otherKey.public}`], "wrong-host-key", "its host key is not a known one"],
      [
        [`${name} ${serverKey.public}`, `@revoked * ${serverKey.public}`],
        "revoked-host-key",
        "its host key is revoked",
      ],
      [[`@revoked * ${serverKey.public}`], "revoked-host-key", "its host key is revoked"],
      [
        [`@cert-authority * ${otherKey.public}`],
        "unknown-host-key",
        "its host key is not known (known hosts name only a certificate authority for it, and certificates are not supported)",
      ],
    ] as const;
    for (const [lines, kind, message] of refused) {
      const error = await failure(known(...lines));
      assert.deepEqual([error.kind, error.message], [kind, message]);
      assert.match(error.presented ?? "", /^\[127\.0\.0\.1\]:\d+ ssh-\S+ AAAA\S+$/);
    }
    assert.equal(server.logins.length, 2, "no credential was sent");
  });

  it("accepts any key only with insecureSkipVerify", async () => {
    const server = await start(byPassword);
    await open(target(server, { hostKey: undefined, insecureSkipVerify: true }));
    await open(target(server, { hostKey: otherKey.public, insecureSkipVerify: true }));
  });

  it("reports a wrong password or user as a refused login, without the password", async () => {
    const server = await start(byPassword);
    const error = await failure(target(server, { password: "hunter2", username: "admin" }));
    assert.equal(error.kind, "login-refused");
    assert.equal(error.message, "user admin was refused");
  });

  it("reports an unreadable private key without showing it", async () => {
    const server = await start(byPassword);
    const error = await failure(target(server, { privateKey: "no key at all" }));
    assert.equal(error.kind, "unusable-private-key");
    assert.doesNotMatch(error.message, /no key at all/);
  });

  it("reports a port where nothing listens", async () => {
    const server = await serve([serverKey], byPassword);
    await server.close();
    assert.equal((await failure(target(server))).kind, "unreachable");
  });

  describe("with a silent server", () => {
    let mute: NetServer;
    const port = () => (mute.address() as AddressInfo).port;

    beforeEach(async () => {
      mute = createServer((socket) => {
        closers.push(() => socket.destroy());
      });
      closers.push(() => mute.close());
      await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    });

    it("ends a login at the limit", async () => {
      const started = Date.now();
      const error = await failure(target({ port: port() }, { dialLimitSeconds: 0.3 }));
      assert.equal(error.kind, "unreachable");
      assert.equal(error.message, "no login within 0.3 s");
      assert.ok(Date.now() - started < 2000);
    });

    it("ends a login at once on cancel", async () => {
      const abort = new AbortController();
      const attempt = dial(target({ port: port() }), abort.signal);
      setTimeout(() => abort.abort(new Error("cancelled by the user")), 50);
      await assert.rejects(attempt, /cancelled by the user/);
    });
  });

  it("retries until the limit when the server closes the connection before it identifies itself", async () => {
    let connections = 0;
    const busy = createServer((socket) => {
      connections += 1;
      socket.on("error", () => undefined).end("Exceeded MaxStartups\r\n");
    });
    closers.push(() => busy.close());
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const { port } = busy.address() as AddressInfo;
    const error = await failure(target({ port }, { dialLimitSeconds: 1 }));
    assert.equal(error.kind, "unreachable");
    const said = /^the server closed (\d+) connections in a row before it identified itself \(.*\)$/;
    // The limit may end an attempt that the server counts already.
    const told = Number(said.exec(error.message)?.[1]);
    assert.ok(told === connections || told === connections - 1, `${told} told of ${connections}: ${error.message}`);
    assert.ok(connections >= 3, `${connections} connections`);
  });

  it("says how often the server closed the connection when the limit ends a later attempt", async () => {
    let connections = 0;
    const busy = createServer((socket) => {
      connections += 1;
      socket.on("error", () => undefined);
      if (connections < 3) socket.end("Exceeded MaxStartups\r\n");
      else closers.push(() => socket.destroy());
    });
    closers.push(() => busy.close());
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const { port } = busy.address() as AddressInfo;
    const error = await failure(target({ port }, { dialLimitSeconds: 2 }));
    assert.match(error.message, /^the server closed 2 connections in a row before it identified itself \(/);
    assert.equal(connections, 3);
  });

  it("does not retry once the server has presented its key", async () => {
    let connections = 0;
    const server = new Server({ hostKeys: [serverKey.private] }, (client) => {
      connections += 1;
      client.on("error", () => undefined).on("authentication", () => client.end());
    });
    closers.push(() => server.close());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const error = await failure(target(server.address() as AddressInfo));
    assert.equal(error.kind, "unreachable");
    assert.equal(connections, 1);
  });

  it("reports a connection that breaks in the middle of a script", async () => {
    const server = await start(byPassword);
    const connection = await open(target(server));
    const shell = await connection.openShell("sh -s");
    const answer = shell.run("sleep 5", { limitSeconds: 10, signal });
    setTimeout(() => connection.close(), 100);
    await assert.rejects(answer, { name: "ShellFailure", kind: "ended" });
  });
});
