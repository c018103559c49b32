import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { afterEach, describe, it } from "mocha";
import { Harness } from "../testing/harness";
import type { SessionModule } from "./session-module";

const MODULES = "/service/core/v4/Cluster/SessionModules";
const NODE = "46f97a58-4028-467d-9a22-9cfe78ae3e1c";
const OTHER_NODE = "00000000-4028-467d-9a22-9cfe78ae3e1c";

describe("join to the simulated SPP", () => {
  let harness: Harness;
  afterEach(() => harness.stop());

  const joinedStatus = async (): Promise<unknown> =>
    ((await harness.request("GET", "/service/notification/v4/Status")).json as Record<string, unknown>)
      .IsSessionModuleJoined;

  it("joins a session module in two requests and trusts it later", async () => {
    harness = await Harness.start({}, 10);
    const token = await harness.login();
    assert.equal(await joinedStatus(), false);
    assert.equal(harness.spp.openAccessRequests, 2);
    const begun = await harness.beginJoin(token, NODE);
    assert.equal(begun.status, 200);
    const row = begun.json as SessionModule;
    assert.deepEqual([row.NodeId, row.Trusted, row.FirmwareVersion], [NODE, false, "8.0.0"]);
    const certificate = new X509Certificate(row.CertificateUserPemEncodedCertificate ?? "");
    assert.equal(certificate.subject, `CN=SPS ${NODE}`);
    assert.equal(certificate.fingerprint.replaceAll(":", ""), row.CertificateUserThumbprint);
    assert.equal(row.SppSslPemEncodedCertificateChain, harness.spp.certificate.chainPem);
    assert.equal(await harness.clusterOperation(token), "JoinSessionsModule");
    assert.equal((await harness.validate(NODE, row.OneTimeToken ?? "")).status, 200);
    const [listed] = await harness.sessionModules(token);
    assert.deepEqual([listed?.Trusted, listed?.OneTimeToken, listed?.CertificateUserCsr], [false, null, null]);
    assert.equal(harness.spp.openAccessRequests, 2);
    const trusted = await harness.until(async () =>
      (await harness.sessionModules(token)).find((candidate) => candidate.Trusted),
    );
    assert.equal(trusted.Id, row.Id);
    assert.equal(await joinedStatus(), true);
    assert.equal(await harness.clusterOperation(token), "None");
    assert.equal(harness.spp.openAccessRequests, 0);
    assert.equal(harness.spp.traffic.count("POST", "/service/core/v3/Cluster/SessionModules"), 1);
  });

  it("serves session modules in API versions 3 and 4", async () => {
    harness = await Harness.start();
    const token = await harness.login();
    const json = { NodeId: NODE, CertificateUserCsr: "no request" };
    for (const version of ["v3", "v4"]) {
      const path = `/service/core/${version}/Cluster/SessionModules`;
      assert.deepEqual(await harness.statusAndCode("POST", path, { token, json }), [400, 60657]);
      assert.deepEqual((await harness.request("GET", path, { token })).json, []);
    }
    assert.equal(await harness.clusterOperation(token), "None");
  });

  it("refuses a join with missing values or of a node that is already joined", async () => {
    harness = await Harness.start({}, 100);
    const token = await harness.login();
    const answer = await harness.request("POST", MODULES, { token, json: { CertificateUserCsr: "x" } });
    assert.match((answer.json as { Message: string }).Message, /\[ NodeId \]/);
    assert.deepEqual(await harness.statusAndCode("POST", MODULES, { token, json: {} }), [400, 60657]);
    assert.deepEqual(await harness.statusAndCode("POST", MODULES, { token, json: { NodeId: NODE } }), [400, 60657]);
    assert.deepEqual(await harness.statusAndCode("POST", MODULES, { token, json: { NodeId: 5 } }), [400, 70000]);
    assert.deepEqual(await harness.statusAndCode("POST", MODULES, { token }), [400, 60245]);
    await harness.join(token, NODE);
    const again = await harness.beginJoin(token, NODE.toUpperCase());
    assert.deepEqual([again.status, (again.json as { Code: number }).Code], [400, 60657]);
    assert.equal(await harness.clusterOperation(token), "None");
  });

  it("refuses a join without both ApplianceAdmin and OperationsAdmin", async () => {
    harness = await Harness.start();
    for (const role of ["ApplianceAdmin", "OperationsAdmin", "PolicyAdmin"] as const) {
      harness.spp.addUser(role, "secret", [role]);
      const begun = await harness.beginJoin(await harness.login(role, "secret"), NODE);
      assert.deepEqual([begun.status, (begun.json as { Code: number }).Code], [403, 60108]);
    }
    assert.deepEqual(harness.spp.sessionModules, []);
  });

  it("accepts a join with ApplianceAdmin only when the variant says so", async () => {
    harness = await Harness.start({ roles: ["ApplianceAdmin"], variants: { joinNeedsOperationsAdmin: false } });
    assert.equal((await harness.beginJoin(await harness.login(), NODE)).status, 200);
  });

  it("accepts a one-time token once and only with its node id", async () => {
    harness = await Harness.start({}, 10);
    const token = await harness.login();
    const { OneTimeToken: oneTimeToken } = (await harness.beginJoin(token, NODE)).json as SessionModule;
    const validate = async (nodeId: string, secret: string | null) => {
      const answer = await harness.validate(nodeId, secret ?? "");
      return [answer.status, (answer.json as { Code?: number }).Code];
    };
    assert.deepEqual(await validate(OTHER_NODE, oneTimeToken), [403, 60108]);
    assert.deepEqual(await validate(NODE, "guessed"), [403, 60108]);
    assert.deepEqual(await validate(NODE, oneTimeToken), [200, undefined]);
    assert.deepEqual(await validate(NODE, oneTimeToken), [403, 60108]);
  });

  it("splits at the first deletion, removes at the second and answers 404 to a third", async () => {
    harness = await Harness.start({}, 100);
    const token = await harness.login();
    const { Id: id } = await harness.join(token, NODE);
    assert.deepEqual(await harness.statusAndCode("DELETE", `${MODULES}/${id}`, { token }), [204, undefined]);
    assert.deepEqual(await harness.sessionModules(token), []);
    const [split] = await harness.sessionModules(token, "?includeDisconnected=true");
    assert.deepEqual([split?.Id, split?.CertificateUserThumbprint, split?.Trusted], [id, null, false]);
    assert.equal(await joinedStatus(), false);
    assert.deepEqual(await harness.statusAndCode("DELETE", `${MODULES}/${id}`, { token }), [204, undefined]);
    assert.deepEqual(await harness.sessionModules(token, "?includeDisconnected=true"), []);
    assert.deepEqual(await harness.statusAndCode("DELETE", `${MODULES}/${id}`, { token }), [404, undefined]);
    assert.deepEqual(await harness.statusAndCode("GET", `${MODULES}/${id}`, { token }), [404, undefined]);
    const status = (await harness.request("GET", "/service/notification/v4/Status")).json as Record<string, unknown>;
    assert.equal(status.IsSessionsExternal, true);
  });

  it("reuses the row of a split node at its next join when the variant says so", async () => {
    for (const rejoinKeepsRow of [true, false]) {
      harness = await Harness.start(
        { variants: { rejoinKeepsRow, splitRowTrusted: true, deleteUnknownStatus: 400 } },
        100,
      );
      const token = await harness.login();
      const row = await harness.join(token, NODE);
      const json = { ...row, Description: "Production", UseHostNameForLaunch: true };
      await harness.request("PUT", `${MODULES}/${row.Id}`, { token, json });
      await harness.request("DELETE", `${MODULES}/${row.Id}`, { token });
      assert.equal((await harness.sessionModules(token, "?includeDisconnected=true"))[0]?.Trusted, true);
      const again = await harness.join(token, NODE);
      const kept = [again.Id === row.Id, again.Description, again.UseHostNameForLaunch];
      assert.deepEqual(kept, rejoinKeepsRow ? [true, "Production", true] : [false, null, false]);
      assert.deepEqual(await harness.statusAndCode("DELETE", `${MODULES}/999`, { token }), [400, 60657]);
      if (rejoinKeepsRow) await harness.stop();
    }
  });

  it("changes description, address and host name switch; an omitted switch is off", async () => {
    harness = await Harness.start({}, 100);
    const token = await harness.login();
    const { Id } = await harness.join(token, NODE);
    await harness.join(token, OTHER_NODE);
    const path = `${MODULES}/${Id}`;
    const put = (json: unknown) => harness.request("PUT", path, { token, json });
    const change = { Id, NodeId: NODE, Description: "new", SpsNetworkAddress: "127.0.0.9", UseHostNameForLaunch: true };
    const changed = (await put(change)).json as SessionModule;
    assert.deepEqual(
      [
        changed.Description,
        changed.SpsNetworkAddress,
        changed.SpsHostName,
        changed.UseHostNameForLaunch,
        changed.Trusted,
      ],
      ["new", "127.0.0.9", "sps1.lab.example", true, true],
    );
    const blanked = (await put({ Id, NodeId: NODE })).json as SessionModule;
    assert.deepEqual([blanked.Description, blanked.UseHostNameForLaunch], [null, false]);
    const refused = (json: unknown) => harness.statusAndCode("PUT", path, { token, json });
    assert.deepEqual(await refused(undefined), [400, 60245]);
    assert.deepEqual(await refused({ ...change, Id: Id + 1 }), [400, 60102]);
    assert.deepEqual(await refused({ Id }), [400, 60657]);
    assert.deepEqual(await refused({ Id, NodeId: OTHER_NODE }), [400, 60657]);
    assert.deepEqual(await refused({ ...change, Description: "x".repeat(256) }), [400, 60657]);
    assert.deepEqual(await refused({ ...change, UseHostNameForLaunch: "yes" }), [400, 70000]);
    const unknownRow = await harness.statusAndCode("PUT", `${MODULES}/999`, { token, json: change });
    assert.deepEqual(unknownRow, [404, undefined]);
  });

  it("ignores changes of the host name switch when the variant says so", async () => {
    harness = await Harness.start({ variants: { hostNameForLaunchSettable: false } }, 100);
    const token = await harness.login();
    const { Id } = await harness.join(token, NODE);
    const json = { Id, NodeId: NODE, UseHostNameForLaunch: true };
    const changed = (await harness.request("PUT", `${MODULES}/${Id}`, { token, json })).json as SessionModule;
    assert.equal(changed.UseHostNameForLaunch, false);
  });

  it("finds rows by filters in both kinds of quotes and URL encodings", async () => {
    harness = await Harness.start({}, 100);
    const token = await harness.login();
    const { Id: id } = await harness.join(token, NODE);
    for (const query of [
      `?filter=NodeId%20eq%20%27${NODE}%27`,
      `?filter=NodeId+eq+'${NODE}'`,
      "?filter=(SpsHostName%20eq%20%22x%22)%20or%20(SpsNetworkAddress%20eq%20%22127.88.3.5%22)",
    ]) {
      assert.deepEqual(
        (await harness.sessionModules(token, query)).map((row) => row.Id),
        [id],
        query,
      );
    }
    assert.equal((await harness.request("GET", `${MODULES}?count=true`, { token })).json, 1);
    const partial = await harness.sessionModules(token, "?fields=Id,NodeId&orderby=-Id");
    assert.deepEqual(partial, [{ Id: id, NodeId: NODE }]);
    assert.deepEqual((await harness.request("GET", `${MODULES}/accessrequestbroker`, { token })).json, {
      Enabled: false,
    });
    assert.deepEqual(await harness.statusAndCode("GET", `${MODULES}/abc`, { token }), [400, 70000]);
    assert.deepEqual(await harness.statusAndCode("GET", `${MODULES}?filter=X eq 1`, { token }), [400, 70009]);
  });

  it("shows members and, 30 s later, one connection policy for each protocol", async () => {
    harness = await Harness.start({}, 100);
    const token = await harness.login();
    const { Id: id } = await harness.join(token, NODE);
    const members = async () =>
      (await harness.request("GET", `${MODULES}/${id}/Members`, { token })).json as { SessionMemberStatus: string }[];
    const names = async (query: string) =>
      (
        (await harness.request("GET", `${MODULES}/ConnectionPolicies${query}`, { token })).json as { Name: string }[]
      ).map(({ Name }) => Name);
    assert.deepEqual(
      (await members()).map((member) => member.SessionMemberStatus),
      ["Unavailable"],
    );
    harness.addressBook.add("127.88.3.5", { address: "127.88.3.5", port: 443 });
    assert.deepEqual(
      (await members()).map((member) => member.SessionMemberStatus),
      ["Available"],
    );
    const found = await harness.until(async () => ((await names("")).length > 0 ? names("") : undefined));
    assert.deepEqual(found, ["safeguard_default_ssh"]);
    assert.deepEqual(await names("?protocol=rdp&refresh=true"), ["safeguard_default_rdp"]);
    assert.deepEqual(await names("?protocol=Telnet"), []);
    assert.deepEqual(
      await harness.statusAndCode("GET", `${MODULES}/ConnectionPolicies?protocol=x`, { token }),
      [400, 70008],
    );
    const policy = await harness.request("GET", `${MODULES}/${id}/ConnectionPolicies/ssh-${NODE}`, { token });
    assert.equal((policy.json as { SpsNetworkPort: string }).SpsNetworkPort, "22");
    const member = await harness.request("GET", `${MODULES}/${id}/Members/${NODE}`, { token });
    assert.equal((member.json as { Id: string }).Id, NODE);
    assert.deepEqual(
      (await harness.request("GET", `${MODULES}/${id}/Members/${NODE}/ManagedNetworks`, { token })).json,
      [],
    );
    assert.equal(((await harness.request("GET", `${MODULES}/Members`, { token })).json as unknown[]).length, 1);
    await harness.request("DELETE", `${MODULES}/${id}`, { token });
    assert.deepEqual(await names(""), []);
    assert.deepEqual(await members(), []);
  });
});
