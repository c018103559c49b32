import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { SECOND_FACTOR_CODE } from "../spp/login/login";
import { type Replay, withReplay } from "./replay";
import { basic, member, Wire } from "./wire";

const JSON_HEADERS = { Accept: "application/json", "Content-type": "application/json" };
const CORE = "/service/core/v4";
const APPLIANCE = "/service/appliance/v4";

type Row = Record<string, unknown>;

describe("requests of safeguard-ps for login, diagnosis and backup", () => {
  let replay: Replay;
  let token: string;

  withReplay({}, async (started) => {
    replay = started;
    token = await replay.userToken();
  });

  const ask = (target: string, body?: object, accept = "application/json") =>
    replay.spp.send(target, {
      headers: { Accept: accept, "Content-type": "application/json", Authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });

  /** Sends `Connect-Safeguard`'s exchange of the token. @returns the user token. */
  async function exchange(stsToken: unknown): Promise<string> {
    const body = `{\n    "StsAccessToken": "${stsToken}"\n}`;
    const answer = await replay.spp.send(`POST ${CORE}/Token/LoginResponse`, { headers: JSON_HEADERS, body });
    assert.deepEqual([answer.status, member(answer.json, "Status")], [200, "Success"], answer.text);
    return String(member(answer.json, "UserToken"));
  }

  it("Connect-Safeguard reads the providers, logs in with the password grant, and logs out", async () => {
    const accept = { headers: { Accept: "application/json" } };
    const providers = (await replay.spp.send(`GET ${CORE}/AuthenticationProviders`, accept)).json as Row[];
    assert.deepEqual(
      providers.map((row) => [row.RstsProviderId, row.Name]),
      [["local", "Local"]],
    );
    const { username, password } = replay.lab.description.spp;
    const scope = "rsts:sts:primaryproviderid:local";
    const body = `{\n    "grant_type": "password",\n    "username": "${username}",\n    "password": "${password}",\n    "scope": "${scope}"\n}`;
    const sts = await replay.spp.send("POST /RSTS/oauth2/token", { headers: JSON_HEADERS, body });
    const user = await exchange(member(sts.json, "access_token"));
    const headers = { ...JSON_HEADERS, Authorization: `Bearer ${user}` };
    const out = await replay.spp.send(`POST ${CORE}/Token/Logout`, { headers, body: "" });
    assert.deepEqual([out.status, out.text], [204, ""]);
  });

  it("Connect-Safeguard -TwoFactor starts with an empty form and ends with a token", async () => {
    const session = new Wire(replay.lab.description.spp);
    const { username, password } = replay.lab.description.spp;
    const step = (number: number, form: Record<string, string>) => {
      const query = `response_type=token&redirect_uri=urn%3aInstalledApplication&loginRequestStep=${number}`;
      const headers = { Accept: "application/json" };
      const body = new URLSearchParams(form);
      return session.send(`POST /RSTS/UserLogin/LoginController?${query}`, { headers, body });
    };
    replay.lab.faults.on("spp-second-factor");
    try {
      const start = await step(1, {});
      const csrf = String(member(start.json, "AntiCsrfToken"));
      assert.equal(decodeURIComponent(session.cookie("CsrfToken") ?? ""), csrf);
      const form = { directoryComboBox: "local", usernameTextbox: username, passwordTextbox: password };
      const full = { ...form, csrfTokenTextbox: csrf };
      assert.equal(member((await step(3, full)).json, "SecondaryProviderID"), "otp3");
      assert.ok(session.cookie("stsIdentity0"));
      const state = String(member((await step(7, full)).json, "State"));
      const factor = (text: string, code: string) => ({
        ...full,
        secondaryAuthenticationStateTextbox: text,
        secondaryLoginTextbox: code,
      });
      assert.equal(member((await step(5, factor(state, ""))).json, "State"), state);
      assert.equal(member((await step(5, factor("", SECOND_FACTOR_CODE))).json, "State"), undefined);
      const url = String(member((await step(6, full)).json, "RelyingPartyUrl"));
      await exchange(new URLSearchParams(new URL(url).hash.slice(1)).get("access_token"));
    } finally {
      replay.lab.faults.off("spp-second-factor");
      await session.close();
    }
  });

  it("Get-SafeguardStatus and Get-SafeguardVersion need no token", async () => {
    const status = await replay.spp.send("GET /service/notification/v4/Status", { headers: JSON_HEADERS });
    assert.deepEqual(
      ["ApplianceCurrentState", "IsPrimary", "ApplianceId"].map((name) => typeof member(status.json, name)),
      ["string", "boolean", "string"],
    );
    const version = await replay.spp.send(`GET ${APPLIANCE}/Version`, { headers: JSON_HEADERS });
    assert.equal(member(version.json, "Major"), 8);
  });

  it("Get-SafeguardClusterSummary finds only the sessions module not healthy", async () => {
    const primary = `fields=${encodeURIComponent("Id,Name,Ipv4Address,Ipv6Address")}&filter=${encodeURIComponent("IsLeader eq true")}`;
    assert.equal(((await ask(`GET ${CORE}/Cluster/Members?${primary}`)).json as Row[]).length, 1);
    const fields = encodeURIComponent("Id,Name,Ipv4Address,Ipv6Address,Health,EnrolledSince");
    const [row] = (await ask(`GET ${CORE}/Cluster/Members?fields=${fields}`)).json as Row[];
    const parts = ["ClusterCommunication", "ClusterConnectivity", "AccessWorkflow", "PolicyData"];
    assert.deepEqual(
      parts.map((name) => member(row, "Health", name, "Status")),
      Array(4).fill("Healthy"),
    );
    assert.equal(member(row, "Health", "SessionsModule", "Status"), "Unknown");
    const connectivity = member(row, "Health", "ClusterConnectivity", "NodeConnectivity", 0);
    assert.deepEqual([member(connectivity, "ApplianceId"), member(connectivity, "IsReachable")], [row?.Id, true]);
    assert.ok(row?.EnrolledSince && member(row, "Health", "CheckDate"));
    assert.equal(member((await ask(`GET ${CORE}/Cluster/Status`)).json, "Operation"), "None");
  });

  it("Invoke-SafeguardPing and Invoke-SafeguardTelnet return the output of the tool as text", async () => {
    const { address } = replay.spsDescription;
    const ping = await ask(`POST ${APPLIANCE}/NetworkDiagnostics/Ping`, { NetworkAddress: address });
    assert.equal(/Average = (\d+)ms/.exec(String(ping.json))?.[1], "0");
    const telnet = await ask(`POST ${APPLIANCE}/NetworkDiagnostics/Telnet`, { Port: 8649, NetworkAddress: address });
    assert.match(String(telnet.json), /^Could not open a connection/);
  });

  it("New-SafeguardBackup polls its backup, and Export-SafeguardBackup downloads it", async () => {
    const made = (await ask(`POST ${APPLIANCE}/Backups`)).json as Row;
    assert.equal(made.Status, "InProcess");
    let backup = made;
    while (backup.Status === "InProcess") {
      await replay.lab.clock.wait(5);
      backup = (await ask(`GET ${APPLIANCE}/Backups/${made.Id}`)).json as Row;
    }
    assert.equal(backup.Status, "Complete");
    const path = `GET ${APPLIANCE}/Backups/${made.Id}/Download`;
    const file = await ask(path, undefined, "application/octet-stream");
    assert.deepEqual([file.status, file.headers["content-type"]], [200, "application/octet-stream"]);
  });

  it("Get-SafeguardSupportBundle downloads a zip archive, and QuickGlance a text", async () => {
    const query = "includeEventLogs=False&includeSessionLogs=False";
    const bundle = await ask(`GET ${APPLIANCE}/SupportBundle?${query}`, undefined, "application/octet-stream");
    assert.deepEqual([bundle.status, bundle.bytes.toString("latin1", 0, 2)], [200, "PK"]);
    const glance = await ask(`GET ${APPLIANCE}/SupportBundle/QuickGlance`, undefined, "application/octet-stream");
    assert.match(glance.text, /^Appliance: /);
  });

  it("a filter with an unknown property is refused in the words of the appliance", async () => {
    const answer = await ask(`GET ${CORE}/Cluster/Members?filter=${encodeURIComponent("This eq 'broken'")}`);
    assert.deepEqual(answer.json, {
      Code: 70009,
      Message: "Invalid filter property - 'This' is not a valid filter property name.",
      InnerError: null,
    });
  });

  describe("on SPS", () => {
    const headers = { ...JSON_HEADERS, "User-Agent": "PowerShell/6.0.0" };

    it("Connect-SafeguardSps logs in, and Get-SafeguardSpsInfo, -Firmware and the root answer", async () => {
      const sps = await replay.newSps();
      const login = { headers: { Authorization: basic(replay.spsDescription) } };
      assert.equal((await sps.send("GET /api/authentication", login)).status, 200);
      assert.equal(
        typeof member((await sps.send("GET /api/info", { headers })).json, "body", "firmware_version"),
        "string",
      );
      const slots = (await sps.send("GET /api/firmware/slots", { headers })).json;
      assert.deepEqual(Object.keys(member(slots, "items", 0, "body") as Row), [
        "version",
        "current",
        "after_reboot",
        "upgrade_notes",
      ]);
      assert.deepEqual([(await sps.send("GET /api//", { headers })).status], [200]);
      assert.equal((await sps.send("GET /api/configuration/management/email", { headers })).status, 200);
    });

    it("Get-SafeguardSpsSupportBundle starts, polls, downloads and removes a bundle", async () => {
      const path = "/api/troubleshooting/support-bundle";
      const started = await replay.sps.send(`POST ${path}`, { headers, body: "" });
      const one = `${path}/${member(started.json, "key")}`;
      let status: unknown;
      while (status !== "finished") {
        await replay.lab.clock.wait(10);
        status = member((await replay.sps.send(`GET ${one}`, { headers })).json, "body", "status");
      }
      const file = await replay.sps.send(`GET ${one}/download`, { headers });
      assert.deepEqual([...file.bytes.subarray(0, 2)], [0x1f, 0x8b]);
      assert.equal((await replay.sps.send(`DELETE ${one}`, { headers })).status, 200);
    });
  });
});
