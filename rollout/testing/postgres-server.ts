import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

/** Where Debian keeps the servers of PostgreSQL, one folder for each version. */
const DEBIAN_FOLDER = "/usr/lib/postgresql";
/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const START_LIMIT_MS = 60_000;

/** A PostgreSQL server of its own for a test: on a loopback port, in a temporary folder, as a user without rights. */
export class PostgresServer {
  private server: ChildProcess;

  private constructor(
    readonly url: string,
    private readonly folder: string,
    private readonly run: () => ChildProcess,
  ) {
    this.server = run();
  }

  /** The folder of the newest installed server; undefined when none is installed. */
  static installed(): string | undefined {
    if (!existsSync(DEBIAN_FOLDER)) return undefined;
    const versions = readdirSync(DEBIAN_FOLDER).sort((left, right) => Number(right) - Number(left));
    return versions
      .map((version) => join(DEBIAN_FOLDER, version, "bin"))
      .find((bin) => existsSync(join(bin, "postgres")));
  }

  static async start(): Promise<PostgresServer> {
    const bin = PostgresServer.installed();
    if (bin === undefined) throw new Error(`no PostgreSQL server below ${DEBIAN_FOLDER}`);
    const folder = mkdtempSync(join(tmpdir(), "rollout-postgres-"));
    const isRoot = process.getuid?.() === 0;
    const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
    if (isRoot) chownSync(folder, NOBODY, NOBODY);
    const password = randomBytes(12).toString("hex");
    const passwordFile = join(folder, "password");
    writeFileSync(passwordFile, password);
    if (isRoot) chownSync(passwordFile, NOBODY, NOBODY);
    const data = join(folder, "data");
    const options = ["-D", data, "-U", "rollout", "--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-sync"];
    const made = spawnSync(join(bin, "initdb"), options, { ...user, cwd: folder, encoding: "utf8" });
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
    const port = await freePort();
    const run = () =>
      spawn(
        join(bin, "postgres"),
        ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", folder, "-c", "fsync=off"],
        { ...user, cwd: folder, stdio: "ignore" },
      );
    const started = new PostgresServer(`postgres://rollout:${password}@127.0.0.1:${port}/postgres`, folder, run);
    await started.answering();
    return started;
  }

  /** Ends it without any preparation, and starts it again. */
  async restart(): Promise<void> {
    await this.end();
    this.server = this.run();
    await this.answering();
  }

  async stop(): Promise<void> {
    await this.end();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async end(): Promise<void> {
    const gone = new Promise((resolve) => this.server.once("exit", resolve));
    // Ends all of its processes at once, whoever is connected.
    if (this.server.exitCode === null && this.server.kill("SIGQUIT")) await gone;
  }

  private async answering(): Promise<void> {
    const limit = Date.now() + START_LIMIT_MS;
    for (;;) {
      const client = new Client({ connectionString: this.url });
      try {
        await client.connect();
        return;
      } catch (error) {
        if (Date.now() > limit || this.server.exitCode !== null) throw error;
      } finally {
        await client.end().catch(() => {});
      }
      await sleep(100);
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
