import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { pkce } from "../spp/testing/harness";
import { type Replay, withReplay } from "./replay";
import { basic, member, Wire } from "./wire";

const JSON_HEADERS = { Accept: "application/json", "Content-Type": "application/json" };
const CORE = "/service/core/v4";
const APPLIANCE = "/service/appliance/v4";
const SETTING = `${CORE}/Settings/Allowed%20OAuth2%20Grant%20Types`;

type Row = Record<string, unknown>;

/** The suites run one after the other on one lab: SPS is promoted and joined from `JoinSps` on. */
describe("requests of the vendor's SDKs and of safeguard-bash", () => {
  let replay: Replay;
  let token: string;

  withReplay({}, async (started) => {
    replay = started;
    token = await replay.userToken();
  });

  const ask = (target: string, headers: Record<string, string> = {}, body?: string) =>
    replay.spp.send(target, {
      headers: { ...JSON_HEADERS, Authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });

  /** The text of a member as safeguard-bash cuts it out: it must be followed by a comma. */
  function cutOut(name: string, text: string): string {
    return new RegExp(`"${name}":.*?[^\\\\]",`).exec(text)?.[0].replace(/^.*?:.*?"(.*)",$/, "$1") ?? "";
  }

  describe("safeguard-bash", () => {
    it("connect-safeguard.sh reads the providers of the login page with a GET", async () => {
      const query = "response_type=token&redirect_uri=urn:InstalledApplication&loginRequestStep=1";
      const answer = await replay.spp.send(`GET /RSTS/UserLogin/LoginController?${query}`);
      assert.deepEqual(
        (member(answer.json, "Providers") as Row[]).map((row) => row.Id),
        ["local"],
      );
    });

    it("connect-safeguard.sh cuts its tokens out of the text of the answers", async () => {
      const { username, password } = replay.lab.description.spp;
      const scope = "rsts:sts:primaryproviderid:local";
      const grant = `{\n    "grant_type": "password",\n    "username": "${username}",\n    "password": "${password}",\n    "scope": "${scope}"\n}\n`;
      const sts = await replay.spp.send("POST /RSTS/oauth2/token", { headers: JSON_HEADERS, body: grant });
      const stsToken = cutOut("access_token", sts.text);
      const headers = { ...JSON_HEADERS, Authorization: `Bearer ${stsToken}` };
      const body = `{\n    "StsAccessToken": "${stsToken}"\n}\n`;
      const login = await replay.spp.send("POST /service/core/v2/Token/LoginResponse", { headers, body });
      assert.equal(cutOut("Status", login.text), "Success");
      const user = { Authorization: `Bearer ${cutOut("UserToken", login.text)}` };
      assert.equal((await replay.spp.send(`GET ${CORE}/Me`, { headers: { ...JSON_HEADERS, ...user } })).status, 200);
    });

    it("invoke-safeguard-method.sh reads its identity, the status, and CSV", async () => {
      assert.equal(typeof member((await ask(`GET ${APPLIANCE}/ApplianceStatus`)).json, "Identity"), "string");
      const csv = await ask(`GET ${CORE}/Me?fields=Id,Name`, { Accept: "text/csv" });
      assert.match(csv.text, /^Name,Id\r\nsafeguard-join,\d+\r\n$/);
    });
  });

  describe("SafeguardJava", () => {
    it("waits for the challenge of SPS, then uses the cookie alone", async () => {
      const sps = new Wire(replay.spsDescription);
      const agent = { "User-Agent": "Apache-HttpClient/4.5.14 (Java/17)" };
      const challenged = await sps.send("GET /api/authentication", { headers: agent });
      assert.deepEqual(
        [challenged.status, /^Basic /.test(String(challenged.headers["www-authenticate"]))],
        [401, true],
      );
      const headers = { ...agent, Authorization: basic(replay.spsDescription) };
      assert.equal((await sps.send("GET /api/authentication", { headers })).status, 200);
      const naming = await sps.send("GET /api/configuration/network/naming", { headers: agent });
      assert.equal(member(naming.json, "body", "hostname"), "sps1");
      const options = await sps.send("GET /api/configuration/rdp/options", { headers: agent });
      assert.deepEqual(member(options.json, "body"), {
        channel_database_cleanup: { enabled: false },
        service: { enabled: false },
      });
      await sps.close();
    });

    it("JoinSps reads certificates and appliance status, and posts the join after promotion", async () => {
      const [first] = replay.lab.sps;
      const sps = new Wire(replay.spsDescription);
      const headers = { Authorization: basic(replay.spsDescription), "Content-Type": "application/json" };
      const send = (target: string, body: object) => sps.send(target, { headers, body: JSON.stringify(body) });
      const nic = (await sps.send("GET /api/configuration/network/nics/nic1", { headers })).json;
      const interfaces = member(nic, "body", "interfaces");
      const id = String(member(interfaces, "@order", 0));
      const address = String(member(interfaces, id, "addresses", "@order", 0));
      const listen_address = `nic1.interfaces.${id}.addresses.${address}`;
      await send("PUT /api/configuration/local_services/cluster", { enabled: true, listen_address });
      assert.equal((await send("PUT /api/transaction", { status: "commit" })).status, 200);
      await send("POST /api/cluster/promote", {});
      assert.equal((await send("PUT /api/transaction", { status: "commit" })).status, 200);

      const appliance = member((await ask(`GET ${APPLIANCE}/ApplianceStatus`)).json, "Identity");
      const certificates = (await ask(`GET ${CORE}/SslCertificates`)).json as Row[];
      const found = certificates.find((row) => (row.Appliances as Row[]).some((user) => user.Id === appliance));
      const chain = [found?.Base64CertificateData, ...((found?.IssuerCertificates ?? []) as string[])].join("");
      const body = { spp: replay.lab.description.spp.address, spp_api_token: token, spp_cert_chain: chain };
      const joined = await send("POST /api/cluster/spp", body);
      assert.equal(joined.status, 200, joined.text);
      const isTrusted = () => replay.lab.spp.sessionModules[0]?.Trusted === true;
      while (!isTrusted()) await replay.lab.clock.wait(1);
      assert.equal(replay.lab.spp.sessionModules[0]?.NodeId, first.nodeId);
      await sps.close();
    });
  });

  describe("PySafeguard", () => {
    it("logs in with PKCE, its own CSRF token, and two slashes before the token address", async () => {
      const session = new Wire(replay.lab.description.spp);
      const { verifier, challenge, csrf } = pkce();
      const { username, password } = replay.lab.description.spp;
      session.setCookie("CsrfToken", csrf);
      const form = new URLSearchParams({
        directoryComboBox: "local",
        usernameTextbox: username,
        passwordTextbox: password,
        csrfTokenTextbox: csrf,
      });
      const step = (number: number) => {
        const query = `response_type=code&code_challenge_method=S256&code_challenge=${challenge}&redirect_uri=urn:InstalledApplication&loginRequestStep=${number}`;
        const headers = { Accept: "application/json" };
        return session.send(`POST /RSTS/UserLogin/LoginController?${query}`, { headers, body: form });
      };
      assert.equal((await step(1)).status, 200);
      assert.equal(session.cookie("CsrfToken"), csrf);
      assert.equal(member((await step(3)).json, "SecondaryProviderID"), "");
      const url = String(member((await step(6)).json, "RelyingPartyUrl"));
      const code = /^urn:InstalledApplication\?code=(.+)$/.exec(url)?.[1];
      const redirect = { grant_type: "authorization_code", redirect_uri: "urn:InstalledApplication" };
      const body = JSON.stringify({ ...redirect, code, code_verifier: verifier });
      const answer = await session.send("POST /RSTS//oauth2/token", { headers: JSON_HEADERS, body });
      assert.match(String(answer.headers["content-type"]), /^application\/json/);
      assert.equal(typeof member(answer.json, "access_token"), "string");
      await session.close();
    });

    it("logs in with a device code after the setting allows it", async () => {
      const start = () =>
        replay.spp.send("POST /RSTS/oauth2/DeviceLogin", {
          headers: JSON_HEADERS,
          body: JSON.stringify({ client_id: "", scope: "rsts:sts:primaryproviderid:local" }),
        });
      assert.match((await start()).text, /device code grant type is not allowed/);
      const value = JSON.stringify({ Value: "ResourceOwner,DeviceCode" });
      assert.equal((await ask(`PUT ${SETTING}`, {}, value)).status, 200);
      const { device_code, user_code, expires_in, verification_uri } = (await start()).json as Row;
      assert.equal(expires_in, 300);
      const grant_type = "urn:ietf:params:oauth:grant-type:device_code";
      const body = JSON.stringify({ grant_type, device_code, client_id: "" });
      const poll = () => replay.spp.send("POST /RSTS/oauth2/token", { headers: JSON_HEADERS, body });
      const pending = await poll();
      assert.deepEqual([pending.status, member(pending.json, "error")], [400, "authorization_pending"]);
      const { username, password } = replay.lab.description.spp;
      const form = new URLSearchParams({ user_code: String(user_code), username, password });
      const page = new URL(String(verification_uri)).pathname;
      assert.equal((await replay.spp.send(`POST ${page}`, { body: form })).status, 200);
      assert.equal(typeof member((await poll()).json, "access_token"), "string");
    });

    it("reads the remaining lifetime of its token from the time of the appliance", async () => {
      const { headers } = await ask(`GET ${APPLIANCE}/SystemTime`);
      assert.match(String(headers["x-tokenlifetimeremaining"]), /^\d+$/);
    });
  });

  describe("SafeguardDotNet and safeguard-go", () => {
    it("SafeguardDotNet sends its password with every request to SPS", async () => {
      const sps = new Wire(replay.spsDescription);
      const headers = { ...JSON_HEADERS, Authorization: basic(replay.spsDescription) };
      for (const path of ["/api/authentication", "/api/info", "/api/cluster/status"]) {
        assert.equal((await sps.send(`GET ${path}`, { headers })).status, 200, path);
      }
      const { openSessions } = replay.lab.sps[0];
      replay.lab.sps[0].endSessions();
      assert.equal((await sps.send("GET /api/info", { headers })).status, 200);
      assert.deepEqual([openSessions > 0, replay.lab.sps[0].openSessions], [true, 1]);
      await sps.close();
    });

    it("both read the remaining lifetime of the token from the login message", async () => {
      const answer = await ask(`GET ${CORE}/LoginMessage`);
      assert.match(String(answer.headers["x-tokenlifetimeremaining"]), /^\d+$/);
    });

    it("safeguard-go tells a missing, a wrong and an expired token apart by status and code", async () => {
      const exchange = (body: object) =>
        replay.spp.send(`POST ${CORE}/Token/LoginResponse`, { headers: JSON_HEADERS, body: JSON.stringify(body) });
      const answers = [
        await exchange({}),
        await exchange({ StsAccessToken: "wrong" }),
        await ask(`GET ${CORE}/Me`, { Authorization: "Bearer expired" }),
      ];
      assert.deepEqual(
        answers.map(({ status, json }) => [status, member(json, "Code"), member(json, "Message")]),
        [
          [400, 60155, "Missing 'StsAccessToken' parameter."],
          [400, 60519, "Invalid STS access_token."],
          [401, 60094, "Authorization is denied for this request."],
        ],
      );
    });
  });
});
