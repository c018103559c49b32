import { randomBytes, timingSafeEqual } from "node:crypto";
import type { LabClock } from "../../common/clock";
import type { WorkingCopy } from "./store";

/** A login session. Its transaction ends with it. */
export interface Session {
  /** Value of the cookie `session_id`. */
  id: string;
  username: string;
  /** Value of `X-Token` for browsers. */
  token: string;
  /** Appliance time, in milliseconds, at which an idle session ends. */
  endsAt: number;
  transaction: WorkingCopy | undefined;
}

/** The sessions of an appliance. Idle times are appliance time. */
export class Sessions {
  private readonly sessions = new Map<string, Session>();

  constructor(
    private readonly clock: LabClock,
    private readonly account: { username: string; password: string },
    private readonly idleSeconds: () => number,
  ) {}

  /** Logs in with an `Authorization: Basic` header; undefined when the login is refused. */
  logIn(authorization: string): Session | undefined {
    const encoded = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
    if (encoded === undefined) return undefined;
    const [username = "", password = ""] = Buffer.from(encoded, "base64").toString("utf8").split(/:(.*)/s);
    if (!isEqual(username, this.account.username) || !isEqual(password, this.account.password)) return undefined;
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

  /** The active session of a cookie; resets its idle time. */
  find(id: string): Session | undefined {
    this.endExpired();
    const session = this.sessions.get(id);
    if (session) this.touch(session);
    return session;
  }

  /** All active sessions. */
  active(): Session[] {
    this.endExpired();
    return [...this.sessions.values()];
  }

  /** Ends a session and drops its transaction. */
  end(session: Session): void {
    session.transaction = undefined;
    this.sessions.delete(session.id);
  }

  endAll(): void {
    for (const session of [...this.sessions.values()]) this.end(session);
  }

  /** Whole appliance seconds until an idle session ends. */
  remainingSeconds(session: Session): number {
    return Math.max(0, Math.floor((session.endsAt - this.clock.now().getTime()) / 1000));
  }

  private touch(session: Session): void {
    session.endsAt = this.clock.now().getTime() + this.idleSeconds() * 1000;
  }

  private endExpired(): void {
    const now = this.clock.now().getTime();
    for (const session of [...this.sessions.values()]) if (session.endsAt <= now) this.end(session);
  }
}

function isEqual(first: string, second: string): boolean {
  const left = Buffer.from(first);
  const right = Buffer.from(second);
  return left.length === right.length && timingSafeEqual(left, right);
}
