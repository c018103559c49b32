import { createHash, generateKeyPair, type KeyObject, randomBytes, sign } from "node:crypto";
import { promisify } from "node:util";
import type { LabClock } from "../../common/clock";
import type { SppUser } from "./users";

/** Lifetime of a token of the token service, which is exchanged for a user token. */
const STS_TOKEN_SECONDS = 299;
const CODE_SECONDS = 300;

let signingKey: Promise<KeyObject> | undefined;

/** Starts to generate the RSA key, the slowest part of a start. All appliances of this process share it. */
export function prepareSigningKey(): Promise<KeyObject> {
  signingKey ??= promisify(generateKeyPair)("rsa", { modulusLength: 2048 }).then((pair) => pair.privateKey);
  return signingKey;
}

/** The login that a token represents. */
export interface Grant {
  user: SppUser;
  /** Method of the login, for example `pwd`. */
  method: string;
  /** False until the second factor is given. */
  isComplete: boolean;
  expires: Date;
}

interface AuthorizationCode {
  user: SppUser;
  challenge: string;
  expires: Date;
}

/** The tokens that an appliance has issued. Times are appliance time. */
export class TokenStore {
  private readonly stsTokens = new Map<string, Grant>();
  private readonly userTokens = new Map<string, Grant>();
  private readonly codes = new Map<string, AuthorizationCode>();

  constructor(
    private readonly clock: LabClock,
    private readonly issuer: string,
  ) {}

  /** Issues a token of the token service. `isComplete` is false when a second factor is still needed. */
  async issueStsToken(user: SppUser, method: string, isComplete: boolean) {
    const token = await this.signed(user, method, STS_TOKEN_SECONDS);
    this.stsTokens.set(token, { user, method, isComplete, expires: this.timeAfter(STS_TOKEN_SECONDS) });
    return { token, expiresInSeconds: STS_TOKEN_SECONDS };
  }

  /** The login of a token of the token service; undefined when unknown or expired. */
  findStsToken(token: string): Grant | undefined {
    return this.unexpired(this.stsTokens, token);
  }

  /** Issues a user token for the API. */
  async issueUserToken(user: SppUser, method: string, lifetimeSeconds: number): Promise<string> {
    const token = await this.signed(user, method, lifetimeSeconds);
    this.userTokens.set(token, { user, method, isComplete: true, expires: this.timeAfter(lifetimeSeconds) });
    return token;
  }

  /** The login of a user token; undefined when unknown, expired or revoked. */
  findUserToken(token: string): Grant | undefined {
    return this.unexpired(this.userTokens, token);
  }

  /** Revokes a user token. @returns false when it was not valid. */
  revokeUserToken(token: string): boolean {
    return this.findUserToken(token) !== undefined && this.userTokens.delete(token);
  }

  /** Revokes all user tokens. */
  revokeAllUserTokens(): void {
    this.userTokens.clear();
  }

  /** Revokes all tokens of the token service, as if they had expired. */
  revokeAllStsTokens(): void {
    this.stsTokens.clear();
  }

  /** Number of valid user tokens. */
  get activeUserTokens(): number {
    return [...this.userTokens.keys()].filter((token) => this.findUserToken(token)).length;
  }

  /** Issues an authorization code for a PKCE challenge. */
  issueCode(user: SppUser, challenge: string): string {
    const code = randomBytes(24).toString("base64url");
    this.codes.set(code, { user, challenge, expires: this.timeAfter(CODE_SECONDS) });
    return code;
  }

  /** Redeems an authorization code once; undefined when it is unknown, used or expired, or the verifier is wrong. */
  redeemCode(code: string, verifier: string): SppUser | undefined {
    const entry = this.codes.get(code);
    this.codes.delete(code);
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    return entry && entry.expires > this.clock.now() && entry.challenge === challenge ? entry.user : undefined;
  }

  private unexpired(tokens: Map<string, Grant>, token: string): Grant | undefined {
    const grant = tokens.get(token);
    return grant && grant.expires > this.clock.now() ? grant : undefined;
  }

  private timeAfter(seconds: number): Date {
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
    const content = [{ alg: "RS256", typ: "JWT" }, claims].map(encode).join(".");
    return `${content}.${sign("sha256", Buffer.from(content), await prepareSigningKey()).toString("base64url")}`;
  }
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
