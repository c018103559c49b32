import { timingSafeEqual } from "node:crypto";
import type { LabClock } from "../common/clock";
import type { AdminRole } from "./options";

/** An account of the simulated appliance. */
export interface SppUser {
  id: number;
  name: string;
  displayName: string;
  roles: AdminRole[];
}

interface Account {
  user: SppUser;
  password: string;
  failures: Date[];
  lockedUntil: Date | undefined;
  logins: Date[];
}

/** The vendor's defaults for local logins: five failures within ten minutes lock the user for fifteen. */
const LOCKOUT = { failures: 5, withinSeconds: 600, lockedSeconds: 900 };
/**
 * The login controller's limit per user. That it exists is known, its numbers are not: these are the lab's own.
 */
const THROTTLE = { logins: 3, withinSeconds: 60, coolDownSeconds: 300 };

/** The local users of an appliance. Names are compared without case. */
export class Users {
  private readonly accounts = new Map<string, Account>();
  private nextId = 42;

  constructor(private readonly clock: LabClock) {}

  add(name: string, password: string, roles: AdminRole[]): SppUser {
    const user = { id: this.nextId++, name, displayName: `${name} account`, roles };
    const account = { user, password, failures: [], lockedUntil: undefined, logins: [] };
    this.accounts.set(name.toLowerCase(), account);
    return user;
  }

  /** Checks a password and counts failures; undefined for unknown users, wrong passwords and locked users alike. */
  verify(name: string, password: string): SppUser | undefined {
    const account = this.accounts.get(name.toLowerCase());
    if (!account || this.isLocked(account)) return undefined;
    if (same(account.password, password)) {
      account.failures = [];
      return account.user;
    }
    account.failures = [...this.recent(account.failures, LOCKOUT.withinSeconds), this.clock.now()];
    if (account.failures.length >= LOCKOUT.failures) account.lockedUntil = this.inSeconds(LOCKOUT.lockedSeconds);
    return undefined;
  }

  /** Whether the user is locked now because of failed logins. */
  locked(name: string): boolean {
    const account = this.accounts.get(name.toLowerCase());
    return account !== undefined && this.isLocked(account);
  }

  /** Counts a login through the login controller; false when there were too many lately. */
  admit(name: string): boolean {
    const account = this.accounts.get(name.toLowerCase());
    if (!account) return true;
    const span = account.logins.length >= THROTTLE.logins ? THROTTLE.coolDownSeconds : THROTTLE.withinSeconds;
    account.logins = this.recent(account.logins, span);
    if (account.logins.length >= THROTTLE.logins) return false;
    account.logins.push(this.clock.now());
    return true;
  }

  private isLocked(account: Account): boolean {
    return account.lockedUntil !== undefined && account.lockedUntil > this.clock.now();
  }

  private recent(times: Date[], seconds: number): Date[] {
    return times.filter((time) => this.clock.now().getTime() - time.getTime() < seconds * 1000);
  }

  private inSeconds(seconds: number): Date {
    return new Date(this.clock.now().getTime() + seconds * 1000);
  }
}

function same(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
