import assert from "node:assert/strict";
import { type Harness, PASSWORD, pkce, type Reply } from "./harness";

/** The steps of a login as a browser sends them. */
export class Browser {
  readonly secrets = pkce();
  private readonly cookies = new Map([["CsrfToken", this.secrets.csrf]]);

  constructor(private readonly harness: Harness) {}

  async step(number: number, fields: Record<string, string> = {}, query: Record<string, string> = {}): Promise<Reply> {
    const parameters = new URLSearchParams({
      response_type: "code",
      code_challenge_method: "S256",
      code_challenge: this.secrets.challenge,
      redirect_uri: "urn:InstalledApplication",
      loginRequestStep: String(number),
      ...query,
    });
    const answer = await this.harness.request("POST", `/RSTS/UserLogin/LoginController?${parameters}`, {
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      form: {
        directoryComboBox: "local",
        usernameTextbox: "safeguard-join",
        passwordTextbox: PASSWORD,
        csrfTokenTextbox: this.secrets.csrf,
        ...fields,
      },
    });
    for (const cookie of [answer.headers["set-cookie"] ?? []].flat()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, value);
    }
    return answer;
  }

  forgetCookies(): void {
    this.cookies.clear();
  }

  /** The authorization code in the response to step 6. */
  codeOf(answer: Reply): string {
    assert.equal(answer.status, 200, answer.text);
    const { RelyingPartyUrl: url } = answer.json as { RelyingPartyUrl: string };
    assert.match(url, /^urn:InstalledApplication\?code=[\w-]+$/);
    return url.split("code=")[1] ?? "";
  }

  redeem(code: string, verifier = this.secrets.verifier): Promise<Reply> {
    const json = { grant_type: "authorization_code", redirect_uri: "urn:InstalledApplication", code };
    return this.harness.request("POST", "/RSTS/oauth2/token", { json: { ...json, code_verifier: verifier } });
  }
}

/** The steps of safeguard-ps, which asks for a token and uses the CSRF token of the server. */
export class TokenLogin {
  readonly cookies = new Map<string, string>();
  readonly credentials = {
    directoryComboBox: "local",
    usernameTextbox: "safeguard-join",
    passwordTextbox: PASSWORD,
    csrfTokenTextbox: "",
  };

  constructor(private readonly harness: Harness) {}

  /** Sends the empty form of step 1. @returns the CSRF token of the response. */
  async start(): Promise<string> {
    const answer = await this.step(1, {});
    const { AntiCsrfToken: csrf } = answer.json as { AntiCsrfToken: string };
    this.credentials.csrfTokenTextbox = csrf;
    return csrf;
  }

  async step(number: number, form: Record<string, string>): Promise<Reply> {
    const query = `response_type=token&redirect_uri=urn%3aInstalledApplication&loginRequestStep=${number}`;
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await this.harness.request("POST", `/RSTS/UserLogin/LoginController?${query}`, {
      headers: { accept: "application/json", ...(cookie === "" ? {} : { cookie }) },
      form,
    });
    for (const line of [answer.headers["set-cookie"] ?? []].flat()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    return answer;
  }
}
