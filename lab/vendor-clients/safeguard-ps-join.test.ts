import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type Replay, withReplay } from "./replay";
import { basic, member, type Wire, type WireReply } from "./wire";

/** The headers of `Invoke-SafeguardMethod`. */
const JSON_HEADERS = { Accept: "application/json", "Content-type": "application/json" };
/** SPS takes the standard agent of PowerShell for a browser, so the module names another one. */
const SPS_HEADERS = { ...JSON_HEADERS, "User-Agent": "PowerShell/6.0.0" };
const CORE = "/service/core/v4";
const FIELDS = "Id,NodeId,Description,SpsNetworkAddress,SpsHostName,Trusted,UseHostNameForLaunch";

type Row = Record<string, unknown>;

/** The commands run one after the other on one lab, as an administrator runs them. */
describe("requests of safeguard-ps to join, change and split SPS", () => {
  let replay: Replay;
  let token: string;
  let sppCertificates: string;

  withReplay({}, async (started) => {
    replay = started;
    token = await replay.userToken();
  });

  const ask = (target: string, body?: object) =>
    replay.spp.send(target, {
      headers: { ...JSON_HEADERS, Authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body, undefined, 2) }),
    });
  const filterOf = (name: string) =>
    encodeURIComponent(`(SpsHostName eq '${name}') or (SpsNetworkAddress eq '${name}')`);

  async function connectSps(): Promise<Wire> {
    const sps = await replay.newSps();
    const headers = { Authorization: basic(replay.spsDescription) };
    assert.equal((await sps.send("GET /api/authentication", { headers })).status, 200);
    return sps;
  }

  async function changeInTransaction(sps: Wire, change: (sps: Wire) => Promise<WireReply>): Promise<Wire> {
    assert.equal((await sps.send("POST /api/transaction", { headers: SPS_HEADERS, body: "" })).status, 200);
    assert.equal((await change(sps)).status, 200);
    const commit = { headers: SPS_HEADERS, body: '{\n  "status": "commit"\n}' };
    assert.equal((await sps.send("PUT /api/transaction", commit)).status, 200);
    await replay.lab.clock.wait(10);
    return connectSps();
  }

  /** Like `Get-NicRefForIp`: finds the address by comparing texts. */
  async function nicReference(sps: Wire): Promise<string> {
    for (const nic of ["nic1", "nic2", "nic3"]) {
      const answer = await sps.send(`GET /api/configuration/network/nics/${nic}`, { headers: SPS_HEADERS });
      const interfaces = member(answer.json, "body", "interfaces");
      for (const id of member(interfaces, "@order") as string[]) {
        for (const address of member(interfaces, id, "addresses", "@order") as string[]) {
          const text = String(member(interfaces, id, "addresses", address));
          if (text.startsWith(replay.spsDescription.address)) return `${nic}.interfaces.${id}.addresses.${address}`;
        }
      }
    }
    throw new Error("no address found");
  }

  function joinBody(): string {
    const { address } = replay.lab.description.spp;
    return JSON.stringify({ spp: address, spp_api_token: token, spp_cert_chain: sppCertificates }, undefined, 2);
  }

  it("Get-SafeguardSslCertificateForAppliance finds the certificate by the id in the status", async () => {
    const status = await replay.spp.send("GET /service/notification/v4/Status", { headers: JSON_HEADERS });
    const id = member(status.json, "ApplianceId");
    const certificates = (await ask(`GET ${CORE}/SslCertificates`)).json as Row[];
    const found = certificates.find((row) => (row.Appliances as Row[]).some((appliance) => appliance.Id === id));
    const issuers = (found?.IssuerCertificates ?? []) as string[];
    sppCertificates = `${found?.Base64CertificateData}${issuers.join("")}`;
    assert.equal(sppCertificates.match(/BEGIN CERTIFICATE/g)?.length, 2);
  });

  it("Join-SafeguardSessionCluster enables clustering, promotes and joins a fresh SPS", async () => {
    let sps = await connectSps();
    const service = await sps.send("GET /api/configuration/local_services/cluster", { headers: SPS_HEADERS });
    assert.equal(member(service.json, "body", "enabled"), false);
    const listen_address = await nicReference(sps);
    sps = await changeInTransaction(sps, (wire) =>
      wire.send("PUT /api/configuration/local_services/cluster", {
        headers: SPS_HEADERS,
        body: JSON.stringify({ enabled: true, listen_address }),
      }),
    );
    const agent = { "User-Agent": SPS_HEADERS["User-Agent"] };
    assert.ok((await sps.send("GET /api/cluster/status", { headers: agent })).status >= 400);
    sps = await changeInTransaction(sps, (wire) =>
      wire.send("POST /api/cluster/promote", { headers: SPS_HEADERS, body: "" }),
    );
    const joined = await sps.send("POST /api/cluster/spp", { headers: SPS_HEADERS, body: joinBody() });
    assert.equal(joined.status, 200, joined.text);
    await replay.lab.clock.wait(30);
    const { address, nodeId } = replay.spsDescription;
    const query = `filter=${filterOf(address)}&fields=${encodeURIComponent(FIELDS)}`;
    const rows = (await ask(`GET ${CORE}/Cluster/SessionModules?${query}`)).json as Row[];
    assert.deepEqual(
      rows.map((row) => [row.NodeId, row.SpsNetworkAddress, row.Trusted, Object.keys(row).sort().join()]),
      [[nodeId, address, true, FIELDS.split(",").sort().join()]],
    );
    const [node] = replay.lab.sps;
    assert.deepEqual(node.nodes, [{ nodeId, address, roles: ["central-management"] }]);
    assert.deepEqual(
      node.traffic.requests.map(({ method, path, status }) => `${method} ${path} ${status}`),
      [
        "GET /api/authentication 200",
        "GET /api/configuration/local_services/cluster 200",
        "GET /api/configuration/network/nics/nic1 200",
        "POST /api/transaction 200",
        "PUT /api/configuration/local_services/cluster 200",
        "PUT /api/transaction 200",
        "GET /api/authentication 200",
        "GET /api/cluster/status 400",
        "POST /api/transaction 200",
        "POST /api/cluster/promote 200",
        "PUT /api/transaction 200",
        "GET /api/authentication 200",
        "POST /api/cluster/spp 200",
      ],
    );
  });

  it("Join-SafeguardSessionCluster finds the code of SPP in the error of a second join", async () => {
    const sps = await connectSps();
    const again = await sps.send("POST /api/cluster/spp", { headers: SPS_HEADERS, body: joinBody() });
    assert.deepEqual([again.status >= 400, member(again.json, "error", "details", "response", "Code")], [true, 60657]);
  });

  it("Get-SafeguardSessionCluster lists all clusters, or one by its id", async () => {
    const fields = encodeURIComponent(FIELDS);
    const rows = (await ask(`GET ${CORE}/Cluster/SessionModules?fields=${fields}`)).json as Row[];
    const one = (await ask(`GET ${CORE}/Cluster/SessionModules/${rows[0]?.Id}?fields=${fields}`)).json;
    assert.deepEqual(rows, [one]);
  });

  it("Set-SafeguardSessionCluster sends the seven fields back and reads them again", async () => {
    const query = `fields=${encodeURIComponent(FIELDS)}`;
    const [row] = (await ask(`GET ${CORE}/Cluster/SessionModules?${query}`)).json as Row[];
    const changed = { ...row, Description: "Secure Env", UseHostNameForLaunch: true };
    const answer = await ask(`PUT ${CORE}/Cluster/SessionModules/${row?.Id}`, changed);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual((await ask(`GET ${CORE}/Cluster/SessionModules?${query}`)).json, [changed]);
  });

  it("Get-SafeguardSessionClusterAccessRequestBroker reads the switch, and Enable sets it", async () => {
    const path = `${CORE}/Cluster/SessionModules/AccessRequestBroker`;
    assert.equal(member((await ask(`GET ${path}`)).json, "Enabled"), false);
    assert.equal((await ask(`PUT ${path}`, { Enabled: true })).status, 200);
    assert.equal(member((await ask(`GET ${path}`)).json, "Enabled"), true);
  });

  it("Split-, Get-…Split… and Remove-SafeguardSessionSplitCluster delete in two stages", async () => {
    const all = `GET ${CORE}/Cluster/SessionModules?includeDisconnected=True`;
    const [joined] = (await ask(`GET ${CORE}/Cluster/SessionModules`)).json as Row[];
    assert.equal(typeof joined?.CertificateUserThumbprint, "string");
    const remove = () => ask(`DELETE ${CORE}/Cluster/SessionModules/${joined?.Id}`);
    assert.equal((await remove()).status, 204);
    assert.deepEqual((await ask(`GET ${CORE}/Cluster/SessionModules`)).json, []);
    const [split] = (await ask(all)).json as Row[];
    assert.deepEqual([split?.Id, split?.CertificateUserThumbprint], [joined?.Id, null]);
    assert.equal((await remove()).status, 204);
    assert.deepEqual((await ask(all)).json, []);
  });
});
