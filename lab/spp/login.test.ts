import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { SECOND_FACTOR_CODE } from "./login";
import { Harness, PASSWORD, pkce, type Reply } from "./testing/harness";

const SCOPE = "rsts:sts:primaryproviderid:local";
const PASSWORD_GRANT = { grant_type: "password", username: "safeguard-join", password: PASSWORD, scope: SCOPE };
const DENIED = { error: "invalid_request", error_description: "Access denied.", success: false };

const claimsOf = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;

/** The steps of a login as a browser sends them. */
class Browser {
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

describe("login to the simulated SPP", () => {
  let harness: Harness;
  afterEach(() => harness.stop());

  it("accepts the password grant as JSON and as a form, with one slash or two", async () => {
    harness = await Harness.start();
    const asked = [
      await harness.request("POST", "/RSTS/oauth2/token", { json: PASSWORD_GRANT }),
      await harness.request("POST", "/RSTS//oauth2/token", { form: PASSWORD_GRANT }),
      await harness.request("POST", "/rsts/OAuth2/Token", { json: PASSWORD_GRANT }),
    ];
    for (const answer of asked) {
      assert.equal(answer.status, 200);
      // Some clients extract the token from the text with a pattern.
      assert.match(
        answer.text,
        /^\{"access_token":"[\w.-]+","expires_in":299,"scope":"[^"]+","success":true,"token_type":"Bearer"\}$/,
      );
      assert.match(String(answer.headers["content-type"]), /^application\/json/);
    }
  });

  it("refuses the password grant until its setting allows it", async () => {
    harness = await Harness.start({ passwordGrant: false });
    const path = "/service/core/v4/Settings/Allowed%20OAuth2%20Grant%20Types";
    const refused = await harness.request("POST", "/RSTS/oauth2/token", { json: PASSWORD_GRANT });
    const description = "OAuth2 resource owner password credentials grant type is not allowed.";
    assert.equal(refused.status, 400);
    assert.deepEqual(refused.json, { error: "invalid_request", error_description: description, success: false });
    const browser = new Browser(harness);
    for (const step of [1, 3]) assert.equal((await browser.step(step)).status, 200);
    const token = await harness.exchange(await browser.redeem(browser.codeOf(await browser.step(6))));
    assert.equal(((await harness.request("GET", path, { token })).json as { Value: string }).Value, "");
    const changed = await harness.request("PUT", path, { token, json: { Value: "ResourceOwner" } });
    assert.equal((changed.json as { Value: string }).Value, "ResourceOwner");
    assert.equal((await harness.request("POST", "/RSTS/oauth2/token", { json: PASSWORD_GRANT })).status, 200);
    assert.deepEqual(await harness.statusAndCode("PUT", path, { token, json: { Value: "Magic" } }), [400, 70008]);
    assert.deepEqual(await harness.statusAndCode("PUT", path, { token, json: {} }), [400, 60090]);
    assert.deepEqual(await harness.statusAndCode("PUT", path, { token }), [400, 60245]);
    assert.deepEqual(await harness.statusAndCode("PUT", path, { token, json: { Name: "X", Value: "" } }), [400, 60102]);
    const unknown = "/service/core/v4/Settings/Nothing";
    assert.deepEqual(await harness.statusAndCode("PUT", unknown, { token, json: { Value: "" } }), [404, undefined]);
  });

  it("refuses wrong passwords, users and providers with the same neutral message", async () => {
    harness = await Harness.start();
    for (const wrong of [{ password: "wrong" }, { username: "nobody" }, { scope: "rsts:sts:primaryproviderid:ad7" }]) {
      const answer = await harness.request("POST", "/RSTS/oauth2/token", { json: { ...PASSWORD_GRANT, ...wrong } });
      assert.deepEqual([answer.status, answer.json], [400, DENIED]);
    }
  });

  it("refuses unsupported grants with an OAuth2 error", async () => {
    harness = await Harness.start();
    const device = "urn:ietf:params:oauth:grant-type:device_code";
    for (const grant of ["client_credentials", device, "implicit"]) {
      const answer = await harness.request("POST", "/RSTS/oauth2/token", { json: { grant_type: grant } });
      assert.equal(answer.status, 400);
      assert.equal((answer.json as { success: boolean }).success, false);
    }
    assert.equal((await harness.request("POST", "/RSTS/oauth2/DeviceLogin", { json: {} })).status, 400);
  });

  it("locks a user for 15 minutes after five failed logins", async () => {
    harness = await Harness.start({}, 600);
    const ask = async (password: string) =>
      (await harness.request("POST", "/RSTS/oauth2/token", { json: { ...PASSWORD_GRANT, password } })).status;
    for (let count = 0; count < 5; count++) assert.equal(await ask("wrong"), 400);
    assert.equal(await ask(PASSWORD), 400);
    await harness.clock.wait(901);
    assert.equal(await ask(PASSWORD), 200);
  });

  it("issues a user token as signed JWT, reports its lifetime and revokes it on logout", async () => {
    harness = await Harness.start();
    const sts = (await harness.request("POST", "/RSTS/oauth2/token", { json: PASSWORD_GRANT })).json as {
      access_token: string;
    };
    for (const version of ["v2", "v3", "v4"]) {
      const json = { StsAccessToken: sts.access_token };
      const answer = await harness.request("POST", `/service/core/${version}/Token/LoginResponse`, { json });
      assert.match(answer.text, /^\{"Status":"Success","UserToken":"[\w.-]+","PrimaryProviderId":null,/);
    }
    const token = await harness.login();
    const [header, claims] = token.split(".").slice(0, 2).map(claimsOf);
    assert.equal(header?.alg, "RS256");
    assert.equal(Number(claims?.exp) - Number(claims?.iat), 86_400);
    assert.equal(claims?.nbf, claims?.iat);
    for (const path of ["/service/core/v4/Me", "/service/core/v4/LoginMessage", "/service/appliance/v4/SystemTime"]) {
      assert.equal((await harness.request("GET", path, { token })).headers["x-tokenlifetimeremaining"], "1439");
    }
    assert.deepEqual(await harness.statusAndCode("POST", "/service/core/v4/Token/Logout", { token }), [204, undefined]);
    const logout = { token, headers: { "content-type": "application/json" } };
    assert.deepEqual(await harness.statusAndCode("POST", "/service/core/v4/Token/Logout", logout), [401, 60094]);
    assert.deepEqual(await harness.statusAndCode("GET", "/service/core/v4/Me", { token }), [401, 60094]);
    const wrong = { json: { StsAccessToken: token } };
    assert.equal((await harness.request("POST", "/service/core/v4/Token/LoginResponse", wrong)).status, 400);
  });

  it("expires exchange tokens after 5 minutes and user tokens after their setting", async () => {
    harness = await Harness.start({}, 3600);
    const sts = (await harness.request("POST", "/RSTS/oauth2/token", { json: PASSWORD_GRANT })).json as {
      access_token: string;
    };
    const setting = "/service/core/v4/Settings/Token%20Lifetime";
    const first = await harness.login();
    assert.equal((await harness.request("PUT", setting, { token: first, json: { Value: "600" } })).status, 200);
    assert.deepEqual(
      await harness.statusAndCode("PUT", setting, { token: first, json: { Value: "599" } }),
      [400, 70000],
    );
    const token = await harness.login();
    await harness.clock.wait(601);
    assert.deepEqual(await harness.statusAndCode("GET", "/service/core/v4/Me", { token }), [401, 60094]);
    const json = { StsAccessToken: sts.access_token };
    assert.equal((await harness.request("POST", "/service/core/v4/Token/LoginResponse", { json })).status, 400);
  });

  it("lists the identity providers without a token", async () => {
    harness = await Harness.start();
    const answer = await harness.request("GET", "/service/core/v4/AuthenticationProviders?fields=Name,RstsProviderId");
    assert.deepEqual(answer.json, [{ Name: "Local", RstsProviderId: "local" }]);
    const one = await harness.request("GET", "/service/core/v4/AuthenticationProviders/-1");
    assert.equal((one.json as { RstsProviderScope: string }).RstsProviderScope, SCOPE);
  });

  describe("login controller of the simulated SPP", () => {
    it("issues a code that is valid once and only with its verifier", async () => {
      harness = await Harness.start({ passwordGrant: false });
      const browser = new Browser(harness);
      assert.equal((await browser.step(1)).status, 200);
      assert.deepEqual((await browser.step(3)).json, { SecondaryProviderID: "" });
      const code = browser.codeOf(await browser.step(6));
      const redeemed = await browser.redeem(code);
      const me = await harness.request("GET", "/service/core/v4/Me", { token: await harness.exchange(redeemed) });
      const { Name: name, AdminRoles: roles } = me.json as { Name: string; AdminRoles: string[] };
      assert.deepEqual([name, roles], ["safeguard-join", ["ApplianceAdmin", "OperationsAdmin"]]);
      assert.equal((await browser.redeem(code)).status, 400);
      const other = new Browser(harness);
      for (const step of [1, 3]) await other.step(step);
      const stolen = other.codeOf(await other.step(6));
      assert.equal((await other.redeem(stolen, browser.secrets.verifier)).status, 400);
    });

    it("refuses forged, wrong and out-of-order login steps with plain text", async () => {
      harness = await Harness.start({ passwordGrant: false });
      const refusal = async (answer: Promise<Reply>) => {
        const { status, headers, text } = await answer;
        assert.match(String(headers["content-type"]), /^text\/plain/);
        return `${status} ${text}`;
      };
      const browser = new Browser(harness);
      assert.equal(await refusal(browser.step(3)), "400 The login was not initialized.");
      assert.equal(await refusal(browser.step(1, { csrfTokenTextbox: "x" })), "400 The CSRF token is not valid.");
      const badChallenge = browser.step(1, {}, { code_challenge: "x" });
      assert.equal(await refusal(badChallenge), "400 The code challenge is not valid.");
      const plain = browser.step(1, {}, { code_challenge_method: "plain" });
      assert.equal(await refusal(plain), "400 The code challenge is not valid.");
      const otherRedirect = browser.step(1, {}, { redirect_uri: "https://elsewhere.example" });
      assert.equal(await refusal(otherRedirect), "400 The redirect address is not known.");
      await browser.step(1);
      assert.equal(await refusal(browser.step(6)), "400 The login steps are out of order.");
      assert.equal(await refusal(browser.step(3, { passwordTextbox: "wrong" })), "400 Access denied.");
      assert.equal(await refusal(browser.step(3, { directoryComboBox: "x" })), "400 The provider is not known.");
      assert.equal(await refusal(browser.step(6)), "400 The login steps are out of order.");
      const swapped = browser.step(3, {}, { code_challenge: pkce().challenge });
      assert.equal(await refusal(swapped), "400 The login was not initialized.");
      assert.equal((await browser.step(3)).status, 200);
      assert.equal(await refusal(browser.step(7)), "400 No second factor is needed.");
      assert.equal(await refusal(browser.step(9)), "400 The login step is not known.");
      browser.forgetCookies();
      assert.equal(await refusal(browser.step(6)), "400 The CSRF token is not valid.");
    });

    it("requires the second factor and answers 203 to a wrong code", async () => {
      harness = await Harness.start({ passwordGrant: false });
      harness.faults.on("spp-second-factor");
      const browser = new Browser(harness);
      await browser.step(1);
      assert.deepEqual((await browser.step(3)).json, { SecondaryProviderID: "otp3" });
      assert.equal((await browser.step(6)).status, 400);
      const { State: state } = (await browser.step(7)).json as { State: string };
      const factor = (code: string) =>
        browser.step(5, { secondaryLoginTextbox: code, secondaryAuthenticationStateTextbox: state });
      assert.equal((await factor("000000")).status, 203);
      assert.equal((await browser.step(6)).status, 400);
      assert.equal((await factor(SECOND_FACTOR_CODE)).status, 200);
      await harness.exchange(await browser.redeem(browser.codeOf(await browser.step(6))));
    });

    it("limits the logins of a user when the option is on", async () => {
      harness = await Harness.start({ passwordGrant: false, loginThrottle: true }, 150);
      const login = async () => {
        const browser = new Browser(harness);
        await browser.step(1);
        return browser.step(3);
      };
      const answers = [await login(), await login(), await login(), await login()];
      assert.deepEqual(
        answers.map((answer) => answer.status),
        [200, 200, 200, 400],
      );
      assert.match(answers[3]?.text ?? "", /too many authentication requests for this user/);
      await harness.clock.wait(301);
      assert.equal((await login()).status, 200);
    });
  });

  it("reports in the token exchange that a second factor is needed", async () => {
    harness = await Harness.start();
    harness.faults.on("spp-second-factor");
    const sts = (await harness.request("POST", "/RSTS/oauth2/token", { json: PASSWORD_GRANT })).json as {
      access_token: string;
    };
    const json = { StsAccessToken: sts.access_token };
    const answer = await harness.request("POST", "/service/core/v4/Token/LoginResponse", { json });
    const { Status: status, UserToken: token } = answer.json as { Status: string; UserToken: string | null };
    assert.deepEqual([status, token], ["Needs2FA", null]);
  });
});
