import { createHash, generateKeyPair, type KeyObject, randomBytes, sign } from "node:crypto";
import { promisify } from "node:util";
import type { LabClock } from "../common/clock";
import type { SppUser } from "./users";

/** How long a token of the token service can be exchanged for a user token. */
const STS_TOKEN_SECONDS = 299;
const CODE_SECONDS = 300;

let signingKey: Promise<KeyObject> | undefined;

/** Begins making the RSA key, which takes longer than all else at start. One per process is enough for a lab. */
export function prepareSigningKey(): Promise<KeyObject> {
  signingKey ??= promisify(generateKeyPair)("rsa", { modulusLength: 2048 }).then((pair) => pair.privateKey);
  return signingKey;
}

/** What a token stands for. */
export interface Grant {
  user: SppUser;
  /** How the user logged in, for example `pwd`. */
  method: string;
  /** False while a second factor is outstanding. */
  complete: boolean;
  expires: Date;
}

interface AuthorizationCode {
  user: SppUser;
  challenge: string;
  expires: Date;
}

/** The tokens an appliance has handed out. Times are appliance time. */
export class TokenStore {
  private readonly stsTokens = new Map<string, Grant>();
  private readonly userTokens = new Map<string, Grant>();
  private readonly codes = new Map<string, AuthorizationCode>();

  constructor(
    private readonly clock: LabClock,
    private readonly issuer: string,
  ) {}

  /** Hands out a token of the token service; `complete` is false when a second factor is still needed. */
  async issueSts(user: SppUser, method: string, complete: boolean) {
    const token = await this.signed(user, method, STS_TOKEN_SECONDS);
    this.stsTokens.set(token, { user, method, complete, expires: this.inSeconds(STS_TOKEN_SECONDS) });
    return { token, expiresInSeconds: STS_TOKEN_SECONDS };
  }

  /** What a token of the token service stands for; undefined when unknown or expired. */
  findSts(token: string): Grant | undefined {
    return this.living(this.stsTokens, token);
  }

  /** Hands out a user token, which opens the API. */
  async issueUser(user: SppUser, method: string, lifetimeSeconds: number): Promise<string> {
    const token = await this.signed(user, method, lifetimeSeconds);
    this.userTokens.set(token, { user, method, complete: true, expires: this.inSeconds(lifetimeSeconds) });
    return token;
  }

  /** What a user token stands for; undefined when unknown, expired or logged out. */
  findUser(token: string): Grant | undefined {
    return this.living(this.userTokens, token);
  }

  /** Logs a user token out; false when it was dead already. */
  forgetUser(token: string): boolean {
    return this.findUser(token) !== undefined && this.userTokens.delete(token);
  }

  /** Forgets every user token. */
  forgetAllUsers(): void {
    this.userTokens.clear();
  }

  /** How many user tokens are alive. */
  get livingUserTokens(): number {
    return [...this.userTokens.keys()].filter((token) => this.findUser(token)).length;
  }

  /** Hands out an authorization code bound to a PKCE challenge. */
  issueCode(user: SppUser, challenge: string): string {
    const code = randomBytes(24).toString("base64url");
    this.codes.set(code, { user, challenge, expires: this.inSeconds(CODE_SECONDS) });
    return code;
  }

  /** Redeems an authorization code, once; undefined when it is unknown, used, expired or the verifier does not fit. */
  redeemCode(code: string, verifier: string): SppUser | undefined {
    const entry = this.codes.get(code);
    this.codes.delete(code);
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    return entry && entry.expires > this.clock.now() && entry.challenge === challenge ? entry.user : undefined;
  }

  private living(tokens: Map<string, Grant>, token: string): Grant | undefined {
    const grant = tokens.get(token);
    return grant && grant.expires > this.clock.now() ? grant : undefined;
  }

  private inSeconds(seconds: number): Date {
    return new Date(this.clock.now().getTime() + seconds * 1000);
  }

  private async signed(user: SppUser, method: string, lifetimeSeconds: number): Promise<string> {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    const claims = {
      iss: this.issuer,
      sub: String(user.id),
      unique_name: user.name,
      amr: method,
      jti: randomBytes(12).toString("hex"),
      nbf: now,
      iat: now,
      exp: now + lifetimeSeconds,
    };
    const content = [{ alg: "RS256", typ: "JWT" }, claims].map(encoded).join(".");
    return `${content}.${sign("sha256", Buffer.from(content), await prepareSigningKey()).toString("base64url")}`;
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
