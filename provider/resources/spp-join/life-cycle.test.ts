import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import { changesIn, Site } from "../../../tests/support/site";
import { UNKNOWN } from "../../core/unknown";
import { describeSteps } from "../../join/steps";
import { spsCluster } from "../sps-cluster/operations";
import { sppJoin } from "./operations";
import type { SppJoinKnown, SppJoinState } from "./schema";
import { NOTHING_READ } from "./state";

const LOGIN = [
  "POST /RSTS/UserLogin/LoginController",
  "POST /RSTS/UserLogin/LoginController",
  "POST /RSTS/UserLogin/LoginController",
  "POST /RSTS/oauth2/token",
  "POST /service/core/v4/Token/LoginResponse",
];
const LOGOUT = "POST /service/core/v4/Token/Logout";
/** What SPS, not this program, sends to SPP for a join. */
const HANDSHAKE = ["POST /service/core/v3/Cluster/SessionModules", "POST /service/a2a/v2/PsmValidation"];

const POLICIES = [
  "safeguard_default",
  "safeguard_default_aa",
  "safeguard_default_aa_plugin",
  "safeguard_default_credentialstore",
  "safeguard_default_credentialstore_plugin",
  "safeguard_default_rdp",
  "safeguard_default_ssh",
];

/** Runs through in order: each test begins where the one before ended. */
describe("SppJoin life cycle", () => {
  let site: Site;
  let inputs: SppJoinKnown;
  let id: string;
  let state: SppJoinState;
  /** As it was read after its entry was removed on SPP. */
  let broken: SppJoinState;

  before(async () => {
    site = await Site.startWithCluster({ spsCount: 1 });
    // A person may type it in capitals.
    inputs = await site.join({ clusterId: site.lab.sps[0].nodeId.toUpperCase() });
  });
  after(() => site.stop());
  beforeEach(() => {
    site.clearTraffic();
    site.log.clear();
  });

  const spsChanges = () => changesIn(site.lab.sps[0].traffic);
  const sppChanges = () => changesIn(site.lab.spp.traffic);
  const requestCount = () => site.lab.sps[0].traffic.requests.length + site.lab.spp.traffic.requests.length;

  /** A state as the engine hands it back. */
  const recorded = (): SppJoinState => JSON.parse(JSON.stringify(state));

  /** What the preview says once the engine shows it the state. */
  const previewOf = (olds: SppJoinState, news: SppJoinKnown) =>
    sppJoin.preview({ inputs: { ...olds }, state: olds, isRepeated: true }, news, site.context());

  /** The session module of the node on SPP. */
  function moduleOnSpp() {
    const { modules } = site.lab.spp.context;
    return { modules, entry: modules.find(state.nodeId) ?? assert.fail("SPP does not know the node") };
  }

  it("starts with two appliances that are not joined", () => {
    assert.equal(site.lab.spp.openAccessRequests, 2);
    assert.deepEqual(site.lab.spp.sessionModules, []);
  });

  it("creates the join with one request to SPS outside any transaction", async () => {
    ({ id, state } = await sppJoin.create(inputs, site.context()));
    assert.deepEqual(spsChanges(), ["POST /api/cluster/spp"]);
    assert.deepEqual(
      sppChanges().filter((request) => !HANDSHAKE.includes(request)),
      [...LOGIN, LOGOUT],
    );
    assert.deepEqual(
      sppChanges().filter((request) => HANDSHAKE.includes(request)),
      HANDSHAKE,
    );
    assert.equal(site.lab.spp.openAccessRequests, 0);
    assert.equal(site.openTransactions, 0);
  });

  it("records the state of both appliances and no token", () => {
    const [row] = site.lab.spp.sessionModules;
    assert.equal(id, site.sps(0).address);
    assert.deepEqual(state, {
      ...inputs,
      steps: describeSteps({ sps: id, spp: site.spp().address, backups: inputs.backups, isRejoin: false }),
      nodeId: site.lab.sps[0].nodeId,
      sppApplianceId: site.lab.description.spp.applianceId,
      connectionId: row?.Id,
      joinedAt: row?.CreatedDate,
      spsStatus: { joined: true, version: "8.0.0" },
      sppStatus: {
        listed: true,
        trusted: true,
        connected: true,
        version: "8.0.0.21662",
        knownAs: [row?.SpsNetworkAddress, row?.SpsHostName],
        certificateUserThumbprint: row?.CertificateUserThumbprint,
        certificateExpiresAt: state.sppStatus.certificateExpiresAt,
      },
      policies: POLICIES,
      health: "joined",
      drift: [],
      phase: "verified",
      lastAttemptAt: "",
      sppBackupId: "",
      spsBackupPolicy: "",
    });
    assert.ok(Date.parse(state.sppStatus.certificateExpiresAt) > Date.now());
    const withoutPasswords = JSON.stringify({ ...state, sps: 0, spp: 0 });
    site.assertNoSecret(withoutPasswords);
    assert.doesNotMatch(JSON.stringify(state), /eyJ|session_id/);
  });

  it("sends no changing request when the join is created again", async () => {
    const again = await sppJoin.create(inputs, site.context());
    assert.deepEqual(spsChanges(), []);
    assert.deepEqual(sppChanges(), [...LOGIN, LOGOUT]);
    assert.deepEqual(again.state, state);
  });

  it("reports no difference against its own state", async () => {
    assert.deepEqual(
      sppJoin.diff(id, recorded(), inputs).map(({ path }) => path),
      [],
    );
  });

  it("reports a difference for a new input that is still unknown", async () => {
    const { clusterId: _left, ...without } = recorded();
    const news = { ...inputs, clusterId: UNKNOWN } as never;
    assert.deepEqual(
      sppJoin.diff(id, without as never, news).map(({ path }) => path),
      ["clusterId"],
    );
  });

  it("records new credentials, time limits and onDelete without a request", async () => {
    const passwordEnv = "SAFEGUARD_TEST_UNSET";
    const changes = {
      spp: { ...site.spp(), password: undefined, passwordEnv, username: "other" },
      timeouts: { trustSeconds: 7 },
    };
    const news = await site.join({ clusterId: inputs.clusterId, ...changes, onDelete: "forget" });
    const updated = await sppJoin.update(id, recorded(), news, site.context());
    assert.equal(requestCount(), 0);
    assert.deepEqual(updated.state, {
      ...state,
      ...news,
    });
  });

  it("verifies a resumed join without a change when nothing differs", async () => {
    const updated = await sppJoin.update(id, recorded(), inputs, site.context());
    assert.deepEqual(spsChanges(), []);
    assert.deepEqual(updated.state, state);
  });

  it("reads an unchanged join without a change or a warning", async () => {
    assert.deepEqual(await sppJoin.read(id, recorded(), site.context()), { id, state, inputs });
    assert.deepEqual(spsChanges(), []);
    assert.deepEqual(sppChanges(), [...LOGIN, LOGOUT]);
    assert.deepEqual(site.log.of("warn"), []);
  });

  it("reports an outdated address on SPP as drift and re-joins only when acknowledged", async () => {
    const { row } = moduleOnSpp().entry;
    const address = row.SpsNetworkAddress;
    row.SpsNetworkAddress = "10.9.9.9";
    try {
      const read = await sppJoin.read(id, recorded(), site.context());
      assert.match(
        read?.state.drift[0] ?? "",
        /^SPP knows the node as 10\.9\.9\.9, .*, and the node calls itself [\d., ]+$/,
      );
      const olds = { ...recorded(), sps: { ...recorded().sps, address: "10.9.9.9" } };
      const expected = { code: "SG2117", message: /removed and re-created/ };
      await assert.rejects(sppJoin.update(id, olds, inputs, site.context()), expected);
      assert.deepEqual(spsChanges(), []);
    } finally {
      row.SpsNetworkAddress = address;
    }
  });

  it("fails a read when an appliance is unreachable instead of dropping the join", async () => {
    const broken: [string, (joined: SppJoinState) => SppJoinState][] = [
      ["SG1013", (joined) => ({ ...joined, sps: { ...joined.sps, password: "wrong" } })],
      ["SG1010", (joined) => ({ ...joined, sps: { ...joined.sps, port: 1 } })],
      ["SG1011", (joined) => ({ ...joined, spp: { ...joined.spp, ca: undefined } })],
      ["SG2001", (joined) => ({ ...joined, spp: { ...joined.spp, password: "wrong" } })],
    ];
    for (const [code, change] of broken) {
      await assert.rejects(sppJoin.read(id, change(recorded()), site.context()), { code });
    }
    for (const [fault, code] of [
      ["spp-5xx", "SG2005"],
      ["sps-5xx", "SG1015"],
      ["spp-not-spp", "SG2004"],
    ] as const) {
      site.lab.faults.on(fault);
      await assert.rejects(sppJoin.read(id, recorded(), site.context()), { code });
      site.lab.faults.clear();
    }
  });

  it("refuses to delete the join and sends no request", async () => {
    await assert.rejects(sppJoin.delete(id, recorded(), site.context()), {
      code: "SG2118",
      message: `sps ${id}: delete join: the join to spp ${site.spp().address} cannot be undone; nothing was sent; to drop only the record, set onDelete: "forget" and protect: false; to disconnect the node on SPP, set onDelete: "unlink", disconnects: true in acknowledge, and protect: false; run pulumi up, then delete [SG2118]`,
    });
    assert.equal(requestCount(), 0);
  });

  it("forgets the join without a request", async () => {
    await sppJoin.delete(id, { ...recorded(), onDelete: "forget" }, site.context());
    assert.equal(requestCount(), 0);
    assert.deepEqual(site.log.of("warn"), [
      `sps ${id}: the record of the join to spp ${site.spp().address} goes; both appliances stay joined`,
    ]);
  });

  it("reports a join split on SPP as drift and forgets or joins it again as asked", async () => {
    const { modules, entry } = moduleOnSpp();
    modules.split(entry);
    const read = await sppJoin.read(id, recorded(), site.context());
    assert.ok(read);
    assert.deepEqual(
      [read.state.health, read.state.sppStatus.listed, read.state.sppStatus.trusted, read.state.sppStatus.connected],
      ["disconnected", true, false, false],
    );
    assert.deepEqual(site.log.of("warn"), [`sps ${id}: the join to spp ${site.spp().address} is disconnected now`]);
    assert.deepEqual(
      sppJoin.diff(id, read.state, inputs).map(({ path }) => path),
      ["health"],
    );
    assert.deepEqual(read.inputs, inputs);

    site.clearTraffic();
    const forgetting = { ...inputs, onDelete: "forget" as const };
    const forgotten = await sppJoin.update(id, read.state, forgetting, site.context());
    assert.equal(requestCount(), 0);
    assert.deepEqual([forgotten.state.onDelete, forgotten.state.health], ["forget", "disconnected"]);

    const updated = await sppJoin.update(id, read.state, inputs, site.context());
    assert.deepEqual(spsChanges(), ["POST /api/cluster/spp"]);
    assert.equal(updated.state.health, "joined");
    assert.equal(updated.state.connectionId, state.connectionId);
  });

  it("reports an entry removed on SPP as drift while SPS still has its policies", async () => {
    const { modules, entry } = moduleOnSpp();
    modules.remove(entry);
    const read = await sppJoin.read(id, recorded(), site.context());
    assert.ok(read);
    assert.deepEqual([read.state.health, read.state.sppStatus.listed], ["not joined", false]);
    broken = read.state;
  });

  it("runs preflight in the preview of a repair and warns why the repair would fail", async () => {
    const proved = { ...inputs, preflight: "enforce" as const };
    const { failures, notes } = await previewOf(broken, proved);
    assert.deepEqual(failures, []);
    assert.match(site.log.of("info").join("\n"), /preflight repeated: \d+ pass, \d+ warn, 1 fail/);
    const [warning = "", ...others] = notes.map(({ text }) => text);
    assert.deepEqual(others, []);
    assert.match(
      warning,
      /is not joined; a new join request .* refused: sps\.address: check "no object of SPS .* \[SG2205\]; acknowledge: .* overwrites: \[/,
    );
    assert.deepEqual([spsChanges(), sppChanges()], [[], [...LOGIN, LOGOUT]]);

    await assert.rejects(sppJoin.update(id, broken, proved, site.context()), { code: "SG2117" });
    assert.deepEqual(spsChanges(), []);
  });

  it("fails the preview of a repair when SPP refuses the login", async () => {
    const proved = { ...inputs, preflight: "enforce" as const, spp: { ...inputs.spp, password: "wrong" } };
    const { failures, notes } = await previewOf(broken, proved);
    const [reason = "", ...others] = failures.map((failure) => failure.reason);
    assert.match(
      reason,
      /the update would fail: spp\.password: .* was refused; .* \[SG2001\]; fix this, .* \[SG2119\]$/,
    );
    assert.deepEqual([others, notes, site.log.of("warn"), spsChanges()], [[], [], [], []]);
  });

  it("sends no request in the preview of an intact join or of onDelete forget", async () => {
    const nothing = { failures: [], notes: [] };
    for (const { outputs: _steps, ...told } of [
      await previewOf(recorded(), inputs),
      await previewOf(broken, { ...inputs, onDelete: "forget" }),
    ]) {
      assert.deepEqual(told, nothing);
    }
    assert.equal(requestCount(), 0);
  });
});

describe("detection of a deleted join", () => {
  let site: Site;
  before(async () => {
    site = await Site.start({ spsCount: 2 });
  });
  after(() => site.stop());

  const state = async (): Promise<SppJoinState> => {
    return {
      ...(await site.join()),
      ...NOTHING_READ,
      nodeId: "6d5c9a10",
      sppApplianceId: "00155D26E342",
      connectionId: 3,
      joinedAt: "2026-05-20T08:20:11Z",
      policies: POLICIES,
      health: "joined",
      phase: "verified",
    };
  };

  it("treats a join that neither appliance knows as deleted", async () => {
    await spsCluster.create(await site.cluster({ members: [] }), site.context());
    assert.equal(await sppJoin.read("10.0.0.1", await state(), site.context()), undefined);
  });

  it("keeps a join whose policies the user is not allowed to read", async () => {
    site.lab.sps[0].traffic.inject({
      path: /^\/api\/configuration\/policies$/,
      effect: { kind: "status", status: 403 },
    });
    const read = await sppJoin.read("10.0.0.1", await state(), site.context());
    assert.equal(read?.state.health, "not joined");
    assert.match(site.log.of("warn")[0] ?? "", /not allowed to read \/api\/configuration\/policies$/);
  });

  it("fails when another node answers while SPP still lists the joined one", async () => {
    const { id, state: joined } = await sppJoin.create(await site.join(), site.context());
    const other = { ...joined, sps: { ...joined.sps, ...site.sps(1) } };
    await assert.rejects(sppJoin.read(id, other, site.context()), {
      code: "SG2111",
      message: new RegExp(
        `the node that answers is in no cluster, and spp .* still lists the joined one, ${joined.nodeId}; `,
      ),
    });
  });
});
