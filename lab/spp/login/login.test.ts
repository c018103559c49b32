import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { Harness, PASSWORD } from "../testing/harness";
import { Browser } from "../testing/rsts-logins";

const SCOPE = "rsts:sts:primaryproviderid:local";
const PASSWORD_GRANT = { grant_type: "password", username: "safeguard-join", password: PASSWORD, scope: SCOPE };
const DENIED = { error: "invalid_request", error_description: "Access denied.", success: false };

const claimsOf = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;

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
    for (const grant of ["client_credentials", "implicit"]) {
      const answer = await harness.request("POST", "/RSTS/oauth2/token", { json: { grant_type: grant } });
      assert.equal(answer.status, 400);
      assert.equal((answer.json as { success: boolean }).success, false);
    }
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
    const exchange = "/service/core/v4/Token/LoginResponse";
    const wrong = { json: { StsAccessToken: token } };
    assert.deepEqual(await harness.statusAndCode("POST", exchange, wrong), [400, 60519]);
    const missing = await harness.request("POST", exchange, { json: {} });
    assert.deepEqual(missing.json, { Code: 60155, Message: "Missing 'StsAccessToken' parameter.", InnerError: null });
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
    assert.deepEqual(
      await harness.statusAndCode("POST", "/service/core/v4/Token/LoginResponse", { json }),
      [400, 60519],
    );
  });

  it("lists the identity providers without a token", async () => {
    harness = await Harness.start();
    const answer = await harness.request("GET", "/service/core/v4/AuthenticationProviders?fields=Name,RstsProviderId");
    assert.deepEqual(answer.json, [{ Name: "Local", RstsProviderId: "local" }]);
    const one = await harness.request("GET", "/service/core/v4/AuthenticationProviders/-1");
    assert.equal((one.json as { RstsProviderScope: string }).RstsProviderScope, SCOPE);
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
