import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "ssh2";
import { LabNetwork } from "../lab/network/network";
import { operationContext } from "../provider/core/context";
import { dial } from "../provider/ssh/dial";
import type { SshTarget } from "../provider/ssh/target";

/*
 * Measures concurrent logins to OpenSSH with its default limits (MaxStartups 10:30:100): `npm run bench -- connections
 * [--json]`. All to one server; all through one jump host to different servers, each with a second login as for a
 * confirmation; and the same number of plain ssh2 connections. With `--json` the last line is the result as one object.
 */
const LOGINS = 100;
const FIRST_PORT = 2001;
const FOLDER = "/run/safeguard-lab";

/** Starts one server per port, all with the router's host key. */
const MORE_SERVERS = `i=0
while [ $i -lt ${LOGINS} ]; do
  port=$((${FIRST_PORT} + i)); i=$((i + 1))
  sed -e '/^Port/d' -e "s/^ListenAddress.*/ListenAddress 172.31.255.1:$port/" -e "s|^PidFile.*|PidFile /run/sshd-$port.pid|" ${FOLDER}/sshd_config >${FOLDER}/config.$port
  "$(command -v sshd || echo /usr/sbin/sshd)" -f ${FOLDER}/config.$port -E ${FOLDER}/inner.log || exit 1
done`;

interface Result {
  title: string;
  logins: number;
  failed: number;
  /** Connections that a server closed because it had too many. */
  dropped: number;
  seconds: number;
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "connections-"));
  const network = await LabNetwork.start({ labName: "connections", directory });
  try {
    const results = await measure(network);
    for (const { title, logins, failed, dropped, seconds } of results) {
      console.log(
        `${title.padEnd(42)} ${logins - failed} of ${logins} in ${seconds} s, ${dropped} dropped by the server`,
      );
    }
    if (process.argv.includes("--json")) console.log(JSON.stringify({ results }));
    if (results.some(({ title, failed }) => failed > 0 && !title.startsWith("plain"))) process.exitCode = 1;
  } finally {
    await network.stop();
    rmSync(directory, { recursive: true });
  }
}

async function measure(network: LabNetwork): Promise<Result[]> {
  const { signal } = operationContext();
  const { address, port, username, hostKey, privateKeyFile } = network.description.router;
  const privateKey = readFileSync(privateKeyFile, "utf8");
  const login = { address, port, username, hostKey, privateKey, insecureSkipVerify: false };
  const direct: SshTarget = { ...login, dialLimitSeconds: 20 };
  const run = (script: string) => network.exec("router", ["sh", "-s"], { input: script, timeoutSeconds: 60 });
  const dropped = async () => Number((await run(`cat ${FOLDER}/*.log | grep -c 'past MaxStartups' || true`)).stdout);
  const results: Result[] = [];
  const time = async (title: string, logins: number, one: (index: number) => Promise<void>) => {
    const before = await dropped();
    const start = performance.now();
    const ended = await Promise.allSettled(Array.from({ length: logins }, (_, index) => one(index)));
    const seconds = Number(((performance.now() - start) / 1000).toFixed(2));
    const failed = ended.filter(({ status }) => status === "rejected").length;
    results.push({ title, logins, failed, dropped: (await dropped()) - before, seconds });
  };

  await time("to one server", LOGINS, async () => (await dial(direct, signal)).close());
  const { status, stderr } = await run(MORE_SERVERS);
  if (status !== 0) throw new Error(`the SSH servers did not start: ${stderr}`);
  await time("through one jump host, with a second login", LOGINS, async (index) => {
    const target = { ...direct, address: "172.31.255.1", port: FIRST_PORT + index, jumpHost: login };
    const first = await dial(target, signal);
    try {
      (await dial(target, signal, { isProof: true })).close();
    } finally {
      first.close();
    }
  });
  await time("plain ssh2, to one server", LOGINS, () => plainLogin({ host: address, port, username, privateKey }));
  return results;
}

async function plainLogin(login: { host: string; port: number; username: string; privateKey: string }): Promise<void> {
  const client = new Client();
  try {
    await new Promise<void>((resolve, reject) => {
      client
        .once("ready", resolve)
        .on("error", reject)
        .on("close", () => reject(new Error("closed")));
      client.connect(login);
    });
  } finally {
    client.end();
  }
}

void main();
