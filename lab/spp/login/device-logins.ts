import { randomBytes, randomInt } from "node:crypto";
import type { LabClock } from "../../common/clock";
import type { SppUser } from "./users";

/** Lifetime of a device code. */
const DEVICE_CODE_SECONDS = 300;

/** Errors of a poll for the token of a device login (RFC 8628). */
export type DeviceLoginError = "authorization_pending" | "slow_down" | "access_denied" | "expired_token";

interface DeviceLogin {
  userCode: string;
  expires: Date;
  polledAt: Date | undefined;
  decision: SppUser | "denied" | undefined;
}

/** The logins with a device code: the user enters the code in a browser on another device. */
export class DeviceLogins {
  private readonly logins = new Map<string, DeviceLogin>();

  /**
   * @param webHost address of the web interface, with its port unless it is 443.
   * @param pollSeconds seconds between polls below which the answer is `slow_down`.
   */
  constructor(
    private readonly clock: LabClock,
    private readonly webHost: string,
    private readonly pollSeconds: () => number,
  ) {}

  /** Starts a login. The vendor's response has no `interval`. */
  start() {
    const deviceCode = randomBytes(32).toString("base64url");
    const userCode = [newGroup(), newGroup(), newGroup()].join("-");
    const expires = new Date(this.clock.now().getTime() + DEVICE_CODE_SECONDS * 1000);
    this.logins.set(deviceCode, { userCode, expires, polledAt: undefined, decision: undefined });
    const uri = `https://${this.webHost}/RSTS/DeviceLogin`;
    return {
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: uri,
      verification_uri_complete: `${uri}?user_code=${userCode}`,
      expires_in: DEVICE_CODE_SECONDS,
    };
  }

  /** Records what the user decided in the browser. @returns false when no login waits with this code. */
  decide(userCode: string, decision: SppUser | "denied"): boolean {
    const now = this.clock.now();
    const login = [...this.logins.values()].find((each) => each.userCode === userCode && each.expires > now);
    if (login) login.decision = decision;
    return login !== undefined;
  }

  /** The user who approved the login, once; else the error. An unknown code counts as expired. */
  poll(deviceCode: string): SppUser | DeviceLoginError {
    const login = this.logins.get(deviceCode);
    const now = this.clock.now();
    if (!login || login.expires <= now) return "expired_token";
    const waited = login.polledAt ? (now.getTime() - login.polledAt.getTime()) / 1000 : Number.POSITIVE_INFINITY;
    login.polledAt = now;
    if (waited < this.pollSeconds()) return "slow_down";
    if (login.decision === undefined) return "authorization_pending";
    this.logins.delete(deviceCode);
    return login.decision === "denied" ? "access_denied" : login.decision;
  }
}

function newGroup(): string {
  const letters = "BCDFGHJKLMNPQRSTVWXZ";
  return Array.from({ length: 3 }, () => letters.charAt(randomInt(letters.length))).join("");
}
