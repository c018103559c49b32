import { randomBytes, timingSafeEqual } from "node:crypto";
import type { LabClock } from "../../common/clock";
import type { WorkingCopy } from "./store";

/** One login. A transaction belongs to it and ends with it. */
export interface Session {
  /** Value of the cookie `session_id`. */
  id: string;
  username: string;
  /** Value of `X-Token` for browser-like clients. */
  token: string;
  /** Appliance time in milliseconds at which idleness ends the session. */
  endsAt: number;
  transaction: WorkingCopy | undefined;
}

/** The sessions of one appliance. Idleness is measured in appliance time. */
export class Sessions {
  private readonly sessions = new Map<string, Session>();

  constructor(
    private readonly clock: LabClock,
    private readonly account: { username: string; password: string },
    private readonly idleSeconds: () => number,
  ) {}

  /** Logs in with an `Authorization: Basic` header; undefined when it is refused. */
  logIn(authorization: string): Session | undefined {
    const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
    if (encoded === undefined) return undefined;
    const [username = "", password = ""] = Buffer.from(encoded, "base64").toString("utf8").split(/:(.*)/s);
    if (!sameText(username, this.account.username) || !sameText(password, this.account.password)) return undefined;
    const session: Session = {
      id: randomBytes(20).toString("hex"),
      username,
      token: randomBytes(16).toString("hex"),
      endsAt: 0,
      transaction: undefined,
    };
    this.touch(session);
    this.sessions.set(session.id, session);
    return session;
  }

  /** The living session of a cookie, its idle time started anew. */
  find(id: string): Session | undefined {
    this.sweep();
    const session = this.sessions.get(id);
    if (session) this.touch(session);
    return session;
  }

  /** Every living session. */
  active(): Session[] {
    this.sweep();
    return [...this.sessions.values()];
  }

  /** Ends a session; an open transaction is dropped with it. */
  end(session: Session): void {
    session.transaction = undefined;
    this.sessions.delete(session.id);
  }

  endAll(): void {
    for (const session of [...this.sessions.values()]) this.end(session);
  }

  /** Whole appliance seconds until idleness ends the session. */
  remainingSeconds(session: Session): number {
    return Math.max(0, Math.floor((session.endsAt - this.clock.now().getTime()) / 1000));
  }

  private touch(session: Session): void {
    session.endsAt = this.clock.now().getTime() + this.idleSeconds() * 1000;
  }

  private sweep(): void {
    const now = this.clock.now().getTime();
    for (const session of [...this.sessions.values()]) if (session.endsAt <= now) this.end(session);
  }
}

function sameText(given: string, wanted: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(wanted);
  return left.length === right.length && timingSafeEqual(left, right);
}
