import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { Harness, pkce, type Reply } from "../testing/harness";
import { Browser, TokenLogin } from "../testing/rsts-logins";
import { SECOND_FACTOR_CODE } from "./login";

const factor = (state: string, code: string) => ({
  secondaryAuthenticationStateTextbox: state,
  secondaryLoginTextbox: code,
});

describe("login controller of the simulated SPP", () => {
  let harness: Harness;
  afterEach(() => harness.stop());

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

  it("returns a token instead of a code to safeguard-ps, with its own CSRF token", async () => {
    harness = await Harness.start({ passwordGrant: false });
    const login = new TokenLogin(harness);
    const csrf = await login.start();
    const { access_token: token } = (await login.step(3, { ...login.credentials })).json as { access_token: string };
    assert.deepEqual([...login.cookies.keys()].sort(), ["CsrfToken", "RstsLogin", "stsIdentity0"]);
    assert.equal(decodeURIComponent(login.cookies.get("CsrfToken") ?? ""), csrf);
    const exchanged = await harness.request("POST", "/service/core/v4/Token/LoginResponse", {
      json: { StsAccessToken: token },
    });
    assert.equal((exchanged.json as { Status: string }).Status, "Success");
  });

  it("takes the second factor of safeguard-ps, which sends state and code in turn", async () => {
    harness = await Harness.start({ passwordGrant: false });
    harness.faults.on("spp-second-factor");
    const login = new TokenLogin(harness);
    await login.start();
    const primary = await login.step(3, login.credentials);
    assert.deepEqual(primary.json, { SecondaryProviderID: "otp3" });
    const { State: state } = (await login.step(7, login.credentials)).json as { State: string };
    const asked = await login.step(5, { ...login.credentials, ...factor(state, "") });
    assert.deepEqual(asked.json, { State: state, Message: "Enter the code of your token.", Echo: true });
    const passed = await login.step(5, { ...login.credentials, ...factor("", SECOND_FACTOR_CODE) });
    assert.deepEqual([passed.status, passed.json], [200, {}]);
    const { RelyingPartyUrl: url } = (await login.step(6, login.credentials)).json as { RelyingPartyUrl: string };
    const parts = new URLSearchParams(url.split("#")[1]);
    assert.deepEqual([...parts.keys()], ["access_token", "token_type", "expires_in", "scope"]);
    const json = { StsAccessToken: parts.get("access_token") };
    const exchanged = await harness.request("POST", "/service/core/v4/Token/LoginResponse", { json });
    assert.equal((exchanged.json as { Status: string }).Status, "Success");
  });

  it("refuses a token without the setting for implicit grants when the variant needs it", async () => {
    harness = await Harness.start({ passwordGrant: false, variants: { implicitGrant: "by-setting" } });
    const answer = await new TokenLogin(harness).step(1, {});
    assert.deepEqual([answer.status, answer.text], [400, "OAuth2 implicit grant type is not allowed."]);
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
