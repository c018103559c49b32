import { timingSafeEqual } from "node:crypto";
import type { LabClock } from "../../common/clock";
import type { AdminRole } from "../options";

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

/** The vendor's defaults: five failed logins within 10 min lock the user for 15 min. */
const LOCKOUT = { failures: 5, withinSeconds: 600, lockedSeconds: 900 };
/** The login limit of the login controller for each user. Its numbers are unknown; these are the lab's own. */
const THROTTLE = { logins: 3, withinSeconds: 60, coolDownSeconds: 300 };

/** The local users of an appliance. Names are case-insensitive. */
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

  /** Checks a password and counts failures; undefined for an unknown user, a wrong password or a locked user. */
  verify(name: string, password: string): SppUser | undefined {
    const account = this.accounts.get(name.toLowerCase());
    if (!account || this.isLocked(account)) return undefined;
    if (isEqual(account.password, password)) {
      account.failures = [];
      return account.user;
    }
    account.failures = [...this.recent(account.failures, LOCKOUT.withinSeconds), this.clock.now()];
    if (account.failures.length >= LOCKOUT.failures) account.lockedUntil = this.timeAfter(LOCKOUT.lockedSeconds);
    return undefined;
  }

  /** Whether failed logins have locked the user. */
  isLockedOut(name: string): boolean {
    const account = this.accounts.get(name.toLowerCase());
    return account !== undefined && this.isLocked(account);
  }

  /** Counts a login through the login controller. @returns false when the user has reached the limit. */
  allowLogin(name: string): boolean {
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

  private timeAfter(seconds: number): Date {
    return new Date(this.clock.now().getTime() + seconds * 1000);
  }
}

function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
