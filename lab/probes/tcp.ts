import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { spawnAttached } from "../network/attached";
import type { LabNetwork } from "../network/network";

/** An open TCP connection of a router, or why there is none. */
export type TcpOutcome =
  | { kind: "open"; input: Writable; output: Readable; close(): void }
  | { kind: "refused" | "unreachable" | "timed-out" | "aborted" };

/** Connects, reports how that ended, and passes data on in both directions. It ends with its input. */
const PROGRAM = `const [, host, port] = process.argv;
const socket = require("node:net").connect({ host, port: Number(port) });
const say = (word) => process.stderr.write(word + "\\n");
let isOpen = false;
socket.on("connect", () => { isOpen = true; say("open"); process.stdin.pipe(socket); socket.pipe(process.stdout); });
socket.on("error", ({ code }) => { if (!isOpen) say(code); process.exit(0); });
socket.on("close", () => process.exit(0));
process.stdin.on("close", () => process.exit(0));`;

/** Opens a TCP connection from the lab's router, through its kernel. The signal ends the attempt. */
export async function openTcp(
  network: LabNetwork,
  address: string,
  port: number,
  { milliseconds, signal }: { milliseconds: number; signal: AbortSignal },
): Promise<TcpOutcome> {
  // nsenter stays between: what it has started must end with it.
  const command = ["setpriv", "--pdeathsig", "KILL", process.execPath, "-e", PROGRAM, address, String(port)];
  return await outcomeOf(spawnAttached(network.keeperPid, "router", command, { stdio: "pipe" }), milliseconds, signal);
}

/** A connection to nobody, for a device without a network: it opens, and says nothing. */
export async function openNothing(): Promise<TcpOutcome> {
  const child = spawn("cat", { stdio: ["pipe", "pipe", "pipe"] });
  const { stdin, stdout } = child;
  return { kind: "open", input: stdin, output: stdout, close: () => child.kill("SIGKILL") };
}

async function outcomeOf(child: ChildProcess, milliseconds: number, signal: AbortSignal): Promise<TcpOutcome> {
  const { stdin, stdout, stderr } = child;
  if (!stdin || !stdout || !stderr) throw new Error("the connection has no streams");
  stdin.on("error", () => undefined);
  let timer: NodeJS.Timeout | undefined;
  const word = await new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve("ETIMEDOUT"), milliseconds);
    signal.addEventListener("abort", () => resolve("aborted"), { once: true });
    stderr.once("data", (data: Buffer) => resolve(data.toString().trim()));
    child.once("close", () => resolve("aborted"));
    child.once("error", () => resolve("aborted"));
  });
  clearTimeout(timer);
  const close = () => {
    stdin.destroy();
    child.kill("SIGKILL");
  };
  if (word === "open") return { kind: "open", input: stdin, output: stdout, close };
  close();
  if (word === "ECONNREFUSED") return { kind: "refused" };
  if (word === "aborted") return { kind: "aborted" };
  return { kind: word === "ETIMEDOUT" ? "timed-out" : "unreachable" };
}
