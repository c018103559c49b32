import { BAD_NAME } from "../../modes/context";
import type { ExecCommand, ExecSession, OpenConnection } from "../session";

/** How long a connection attempt takes until it is given up (`ip tcp synwait-time`), in seconds. */
const SYNWAIT_SECONDS = 30;

/** Ctrl-Shift-6, the escape character of a line. */
const ESCAPE = "\u001e";

/**
 * `telnet` and what ends it. Documented: the texts of its results, Ctrl-Shift-6 x suspends, `disconnect` ends after a question,
 * and an empty line resumes. Assumed: Ctrl-Shift-6 alone ends an attempt, as it ends what prints "Type escape sequence to abort."
 */
export const TELNET_COMMANDS: readonly ExecCommand[] = [
  { pattern: "telnet <ipv4>", run: telnet },
  { pattern: "telnet <ipv4> <number>", run: telnet },
  {
    pattern: "telnet <ipv4> <number> /source-interface <name>",
    run: (session, [address = "", port = "", ...name]) =>
      session.hasInterface(name.join("")) ? telnet(session, [address, port]) : BAD_NAME,
  },
  { pattern: "disconnect", run: disconnect },
  { pattern: "resume", run: resume },
  ...["where", "show sessions"].map((pattern) => ({ pattern, run: sessionsText })),
];

async function telnet(session: ExecSession, [address = "", port = "23"]: string[]): Promise<string | undefined> {
  if (!(Number(port) >= 1 && Number(port) <= 65535)) return BAD_NAME;
  const { device } = session;
  if (device.running.lines.some(({ settings }) => settings.includes("transport output none")))
    return "% telnet connections not permitted from this terminal";
  session.print(`Trying ${address}${port === "23" ? "" : `, ${port}`} ... `);
  const outcome = await session.untilEscape((interrupt) =>
    device.effects.openTcp(address, Number(port), {
      milliseconds: SYNWAIT_SECONDS * device.secondMilliseconds,
      signal: interrupt,
    }),
  );
  if (outcome.kind === "refused") return "\n% Connection refused by remote host\n";
  if (outcome.kind === "unreachable") return "\n% Destination unreachable; gateway or host down\n";
  if (outcome.kind === "timed-out") return "\n% Connection timed out; remote host not responding\n";
  if (outcome.kind !== "open") return "\n";
  session.print("Open\n");
  const connection: OpenConnection = {
    address,
    port: Number(port),
    streams: outcome,
    waiting: "",
    isClosed: false,
  };
  outcome.output.on("data", (data: Buffer) => {
    connection.waiting += data.toString();
  });
  outcome.output.on("end", () => {
    connection.isClosed = true;
  });
  session.connections.push(connection);
  return await attend(session, connection);
}

/** Passes data between the terminal and a connection, until it ends or the user suspends it. */
async function attend(session: ExecSession, connection: OpenConnection): Promise<string> {
  const { output, input } = connection.streams;
  const end = await new Promise<"closed" | "suspended">((resolve) => {
    let isEscaping = false;
    const show = () => {
      session.print(connection.waiting);
      connection.waiting = "";
    };
    const stop = (how: "closed" | "suspended") => {
      takeBack();
      output.off("data", show);
      output.off("end", close);
      resolve(how);
    };
    const close = () => stop("closed");
    const takeBack = session.handOver((typed) => {
      for (const [index, key] of [...typed].entries()) {
        if (isEscaping && key.toLowerCase() === "x") {
          stop("suspended");
          return typed.slice(index + 1);
        }
        if (key === ESCAPE && !isEscaping) isEscaping = true;
        else {
          isEscaping = false;
          if (input.writable) input.write(key);
        }
      }
      return "";
    });
    output.on("data", show);
    output.on("end", close);
    show();
    if (connection.isClosed) close();
    session.onEnd(close);
  });
  if (end === "suspended") return "\n";
  remove(session, connection);
  return `\n[Connection to ${connection.address} closed by foreign host]\n`;
}

async function disconnect(session: ExecSession): Promise<string | undefined> {
  const connection = session.connections.at(-1);
  if (!connection) return "% No connections open";
  const answer = await session.ask(`Closing connection to ${connection.address} [confirm]`);
  if (/^(y|$)/i.test(answer)) remove(session, connection);
  return undefined;
}

/** Also what an empty line does while a connection is suspended. */
export async function resume(session: ExecSession): Promise<string> {
  const connection = session.connections.at(-1);
  if (!connection) return "% No connections open";
  session.print(`[Resuming connection 1 to ${connection.address} ... ]\n`);
  return await attend(session, connection);
}

function remove(session: ExecSession, connection: OpenConnection): void {
  connection.streams.close();
  session.connections.splice(session.connections.indexOf(connection), 1);
}

function sessionsText({ connections }: ExecSession): string {
  if (connections.length === 0) return "% No connections open";
  const rows = connections.map(
    ({ address }, index) =>
      `${index === connections.length - 1 ? "*" : " "}${String(index + 1).padStart(3)} ${address.padEnd(19)} ${address.padEnd(19)} 0     0 ${address}`,
  );
  return ["Conn Host                Address             Byte  Idle Conn Name", ...rows].join("\n");
}
