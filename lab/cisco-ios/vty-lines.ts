/** A session on a line. */
export interface LineSession {
  readonly user: string;
  /** Address of the client. */
  readonly location: string;
  /** Connections from the line to other hosts, the latest last. */
  readonly connections: readonly { address: string }[];
  /** Seconds since something was typed. */
  readonly idleSeconds: number;
  /** Whether it shows messages of the log as they come. */
  readonly isMonitoring: boolean;
  print(text: string): void;
}

/** Messages that the buffer of the log keeps: about its 4096 bytes. */
const MOST_MESSAGES = 40;

/** The vty lines with their sessions, and the log of the device. */
export class VtyLines {
  /** By number of the line, in order. */
  sessions: ReadonlyMap<number, LineSession> = new Map();
  /** The messages in the buffer, oldest first, each with its time. */
  readonly log: string[] = [];
  /** How many messages were shown on lines. */
  monitored = 0;

  /** Takes the first free line. @returns its number */
  occupy(session: LineSession): number {
    let line = 0;
    while (this.sessions.has(line)) line += 1;
    this.sessions = new Map([...this.sessions, [line, session] as const].sort(([left], [right]) => left - right));
    return line;
  }

  release(session: LineSession): void {
    this.sessions = new Map([...this.sessions].filter(([, one]) => one !== session));
  }

  /** Adds a message to the log, and shows it on the lines that monitor it. */
  report(message: string): void {
    const line = `*Jan  5 10:00:00.000: ${message}`;
    this.log.push(line);
    this.log.splice(0, this.log.length - MOST_MESSAGES);
    for (const session of this.sessions.values()) {
      if (!session.isMonitoring) continue;
      this.monitored += 1;
      session.print(`\n${line}\n`);
    }
  }
}
