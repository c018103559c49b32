import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { RecordingLog } from "../../../tests/support/recording-log";
import { operationContext } from "../../core/context";
import { UNKNOWN } from "../../core/unknown";
import { spsCluster } from "./operations";

const central = { address: "10.0.0.1", password: "hunter2" };
const member = { connection: { address: "10.0.0.2", password: "hunter2" } };

async function run(news: Record<string, unknown>, log = new RecordingLog()) {
  return checkAndPreview(spsCluster, {}, news, operationContext({ log, settings: { preflight: "off" } }));
}

async function reasons(news: Record<string, unknown>): Promise<string[]> {
  return (await run(news)).failures.map(({ reason }) => reason);
}

describe("SpsCluster check and preview", () => {
  it("fills in every default, the members' search roles and the steps", async () => {
    const defaults = { port: 443, username: "admin", insecureSkipVerify: false };
    assert.deepEqual(await run({ centralManagement: central, members: [member] }), {
      inputs: {
        centralManagement: { ...central, ...defaults },
        searchRole: "search-local",
        members: [{ connection: { ...member.connection, ...defaults }, searchRole: "search-local" }],
        timeouts: { stepSeconds: 120, synchronizationSeconds: 300 },
      },
      outputs: {
        steps: [
          "10.0.0.1: enable the cluster interface on 10.0.0.1",
          "10.0.0.2: enable the cluster interface on 10.0.0.2",
          "10.0.0.1: promote to Central Management node (cannot be undone)",
          "10.0.0.1: roles central-management, search-local",
          "10.0.0.2: join the cluster of 10.0.0.1",
          "10.0.0.2: roles managed-host, search-local (takes over the whole configuration)",
          "wait for the configuration synchronization of 1 managed host(s)",
        ],
      },
      failures: [],
    });
  });

  it("gives the same inputs when it checks its own result", async () => {
    const first = await run({ centralManagement: central, members: [member], searchRole: "search-master" });
    assert.deepEqual((await run(first.inputs)).inputs, first.inputs);
    assert.deepEqual((await run(JSON.parse(JSON.stringify(first.inputs)))).inputs, first.inputs);
  });

  it("refuses steps as an input", async () => {
    assert.deepEqual(await reasons({ centralManagement: central, steps: ["nothing"] }), [
      "Unknown property steps. Remove it or correct its name.",
    ]);
  });

  it("names each invalid property as the program writes it", async () => {
    assert.deepEqual(
      await reasons({
        centralManagement: { ...central, address: "::1", password: 7 },
        members: [member, { ...member, searchRole: "search-mini", listenAddress: "sps2" }],
        timeouts: { stepSeconds: 0 },
        clusterid: "x",
      }),
      [
        "Invalid value for centralManagement.address: ::1. Allowed values are: an IPv4 address or a host name (IPv6 is not supported).",
        "Invalid value for centralManagement.password. Allowed values are: text that is not empty; or set passwordEnv or passwordFile instead.",
        "Invalid value for members[1].listenAddress: sps2. Allowed values are: an IPv4 address such as 10.0.0.1 (IPv6 is not supported).",
        "Invalid value for members[1].searchRole: search-mini. Allowed values are: search-local, search-master, search-minion.",
        "Invalid value for timeouts.stepSeconds: 0. Allowed values are: 1 to 3600.",
        "Unknown property clusterid. Remove it or correct its name.",
      ],
    );
  });

  it("returns invalid inputs unchanged", async () => {
    const news = { centralManagement: { ...central, port: 0 } };
    assert.deepEqual((await run(news)).inputs, news);
  });

  it("refuses a search master without another node", async () => {
    assert.deepEqual(await reasons({ centralManagement: central, searchRole: "search-master" }), [
      "Invalid value for searchRole: search-master. A search master records no sessions, and there is no other node; use search-local.",
    ]);
  });

  it("shows the steps when only credentials are unknown", async () => {
    const known = await run({ centralManagement: central, members: [member] });
    const unknown = { ...member.connection, password: UNKNOWN };
    const { outputs, failures } = await run({
      centralManagement: { ...central, password: UNKNOWN },
      members: [{ connection: unknown }],
    });
    assert.deepEqual(outputs.steps, known.outputs.steps);
    assert.deepEqual(failures, []);
  });

  const parts: [string, Record<string, unknown>][] = [
    ["the connection", { centralManagement: UNKNOWN }],
    ["an address", { centralManagement: { ...central, address: UNKNOWN } }],
    ["the list of members", { members: UNKNOWN }],
    ["a member", { members: [member, UNKNOWN] }],
    ["the connection of a member", { members: [{ connection: UNKNOWN }] }],
    ["a role", { searchRole: UNKNOWN }],
    ["the listen address", { listenAddress: UNKNOWN }],
  ];
  for (const [name, changes] of parts) {
    it(`accepts an unknown value of ${name} and leaves the steps unknown`, async () => {
      const { outputs, failures } = await run({ centralManagement: central, ...changes });
      assert.deepEqual(failures, []);
      assert.equal(outputs.steps, UNKNOWN);
    });
  }

  for (const [name, changes] of [
    ["the time limits are", { timeouts: UNKNOWN }],
    ["a time limit is", { timeouts: { stepSeconds: UNKNOWN } }],
    ["a port is", { centralManagement: { ...central, port: UNKNOWN } }],
  ] as const) {
    it(`shows the steps when ${name} unknown`, async () => {
      const known = await run({ centralManagement: central });
      const { inputs, failures } = await run({ centralManagement: central, ...changes });
      assert.deepEqual([inputs.steps, failures], [known.inputs.steps, []]);
    });
  }

  it("leaves a default role unknown when an unknown role may still change it", async () => {
    const roleOf = async (news: Record<string, unknown>) => {
      const { inputs } = await run({ centralManagement: central, ...news });
      return (inputs.members as { searchRole: unknown }[])[0]?.searchRole;
    };
    assert.equal(await roleOf({ members: [member, UNKNOWN] }), UNKNOWN);
    assert.equal(await roleOf({ members: [member], searchRole: UNKNOWN }), UNKNOWN);
    assert.equal(await roleOf({ members: [member, UNKNOWN], searchRole: "search-master" }), "search-minion");
    assert.equal(await roleOf({ members: [{ ...member, searchRole: "search-local" }, UNKNOWN] }), "search-local");
  });

  it("warns of each connection that skips verification and names the risk", async () => {
    const log = new RecordingLog();
    const open = { connection: { ...member.connection, insecureSkipVerify: true } };
    await run({ centralManagement: { ...central, insecureSkipVerify: true }, members: [member, open] }, log);
    const rest = "is not verified; anyone who intercepts the connection can read the credentials";
    assert.deepEqual(log.lines, [
      { level: "warn", message: `centralManagement.insecureSkipVerify is true: the identity of 10.0.0.1 ${rest}` },
      { level: "warn", message: `members[1].connection.insecureSkipVerify is true: the identity of 10.0.0.2 ${rest}` },
    ]);
  });
});
