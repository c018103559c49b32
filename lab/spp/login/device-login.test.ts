import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { Harness, PASSWORD } from "../testing/harness";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";
const START = "/RSTS/oauth2/DeviceLogin";
const SETTING = "/service/core/v4/Settings/Allowed%20OAuth2%20Grant%20Types";

interface Started {
  device_code: string;
  user_code: string;
  verification_uri: string;
  verification_uri_complete: string;
  expires_in: number;
}

describe("device code login to the simulated SPP", () => {
  let harness: Harness;
  afterEach(() => harness.stop());

  async function allowDeviceCode(): Promise<void> {
    const token = await harness.login();
    const changed = await harness.request("PUT", SETTING, { token, json: { Value: "ResourceOwner,DeviceCode" } });
    assert.equal(changed.status, 200);
  }

  async function start(): Promise<Started> {
    const json = { client_id: "", scope: "rsts:sts:primaryproviderid:local" };
    const answer = await harness.request("POST", START, { json });
    assert.equal(answer.status, 200, answer.text);
    return answer.json as Started;
  }

  const poll = (started: Started) =>
    harness.request("POST", "/RSTS/oauth2/token", {
      json: { grant_type: GRANT, device_code: started.device_code, client_id: "" },
    });

  async function decide(started: Started, decision: "approve" | "deny", password = PASSWORD): Promise<number> {
    const { pathname, search } = new URL(started.verification_uri_complete);
    const page = await harness.request("GET", `${pathname}${search}`);
    assert.ok(page.text.includes(`value="${started.user_code}"`));
    const form = { user_code: started.user_code, username: "safeguard-join", password, decision };
    return (await harness.request("POST", pathname, { form })).status;
  }

  async function errorOf(started: Started): Promise<unknown> {
    const answer = await poll(started);
    assert.equal(answer.status, 400);
    return (answer.json as { error: string }).error;
  }

  it("starts a login with a user code, two addresses, 300 s and no interval", async () => {
    harness = await Harness.start();
    await allowDeviceCode();
    const started = await start();
    assert.deepEqual(Object.keys(started).sort(), [
      "device_code",
      "expires_in",
      "user_code",
      "verification_uri",
      "verification_uri_complete",
    ]);
    assert.match(started.user_code, /^[A-Z]{3}-[A-Z]{3}-[A-Z]{3}$/);
    assert.equal(started.expires_in, 300);
    assert.equal(started.verification_uri_complete, `${started.verification_uri}?user_code=${started.user_code}`);
  });

  it("issues a token once after the user approved the login", async () => {
    harness = await Harness.start();
    await allowDeviceCode();
    const started = await start();
    assert.equal(await errorOf(started), "authorization_pending");
    assert.equal(await decide(started, "approve", "wrong"), 400);
    assert.equal(await decide(started, "approve"), 200);
    const token = await harness.exchange(await poll(started));
    const me = await harness.request("GET", "/service/core/v4/Me?fields=Name", { token });
    assert.deepEqual(me.json, { Name: "safeguard-join" });
    assert.equal(await errorOf(started), "expired_token");
  });

  it("answers access_denied to a denied login and expired_token after 300 s", async () => {
    // Slow enough that the first login is decided within its 300 s.
    harness = await Harness.start({}, 150);
    await allowDeviceCode();
    const denied = await start();
    const late = await start();
    assert.equal(await decide(denied, "deny"), 200);
    assert.equal(await errorOf(denied), "access_denied");
    await harness.clock.wait(301);
    assert.equal(await errorOf(late), "expired_token");
    assert.equal(await decide(late, "approve"), 400);
  });

  it("answers slow_down to fast polls when the variant limits them", async () => {
    harness = await Harness.start({ variants: { devicePollSeconds: 5 } });
    await allowDeviceCode();
    const started = await start();
    assert.deepEqual([await errorOf(started), await errorOf(started)], ["authorization_pending", "slow_down"]);
  });

  for (const [deviceGrantRefusal, type] of [
    ["html", "text/html"],
    ["json", "application/json"],
  ] as const) {
    it(`refuses the login as ${deviceGrantRefusal} until the setting allows it`, async () => {
      harness = await Harness.start({ variants: { deviceGrantRefusal } });
      for (const [path, json] of [
        [START, {}],
        ["/RSTS/oauth2/token", { grant_type: GRANT, device_code: "x" }],
      ] as const) {
        const answer = await harness.request("POST", path, { json });
        assert.equal(answer.status, 400);
        assert.ok(String(answer.headers["content-type"]).startsWith(type));
        assert.match(answer.text, /OAuth2 device code grant type is not allowed\./);
      }
    });
  }

  it("answers 405 to the address with a slash at the end", async () => {
    harness = await Harness.start();
    assert.equal((await harness.request("POST", `${START}/`, { json: {} })).status, 405);
  });
});
