import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { RequestRecord } from "../../lab/common/traffic";
import { getClusterStatusFunction, getJoinStatusFunction } from "../../provider/diagnosis/status/functions";
import { sppJoin } from "../../provider/resources/spp-join/operations";
import { changesIn, Site } from "../../tests/support/site";
import { getClusterStatus, getJoinStatus } from "./status";

describe("functions that read a cluster and a join", () => {
  let site: Site;

  before(async () => {
    site = await Site.startWithCluster({ spsCount: 2 });
  });
  after(() => site.stop());

  const connections = () => ({ sps: site.sps(0), spp: site.spp() });

  it("return the cluster as its Central Management node knows it, with reads alone", async () => {
    const status = await getClusterStatus({ sps: site.sps(0) });
    assert.deepEqual(getClusterStatusFunction.outputs.parse(status), status);
    assert.equal(status.clusterId, site.lab.sps[0].nodeId);
    assert.deepEqual(
      status.nodes.map(({ address, roles, synchronized, problem }) => [address, roles, synchronized, problem]),
      [
        [site.sps(0).address, ["central-management", "search-local"], true, ""],
        [site.sps(1).address, ["managed-host", "search-local"], true, ""],
      ],
    );
    assert.deepEqual(changesIn(site.lab.sps[0].traffic), []);
    site.assertNoSecret(JSON.stringify(status));
  });

  it("name the problem of a member that is not synchronized", async () => {
    site.lab.sps[1]?.reportIssues({ errors: [{ message: "collision", paths: [] }] });
    const problem = async () => (await getClusterStatus({ sps: site.sps(0) })).nodes[1]?.problem ?? "";
    for (let attempt = 1; (await problem()) === "" && attempt < 50; attempt += 1);
    assert.match(await problem(), /, with 1 error$/);
    site.lab.sps[1]?.reportIssues({});
  });

  it("refuse a member, and name the node to ask", async () => {
    await assert.rejects(getClusterStatus({ sps: site.sps(1) }), ({ message }: Error) => {
      const central = site.sps(0).address;
      return message.includes("[SG2110]") && message.includes(`set sps.address to ${central}`);
    });
  });

  it("return the join from both sides before and after it, equal to the outputs of SppJoin", async () => {
    const { health, connectionId } = await getJoinStatus(connections());
    assert.deepEqual([health, connectionId], ["not joined", 0]);
    const { state } = await sppJoin.create(await site.join(), site.context());
    site.clearTraffic();
    const status = await getJoinStatus(connections());
    assert.deepEqual(getJoinStatusFunction.outputs.parse(status), status);
    for (const [name, value] of Object.entries(status)) {
      if (name !== "unreadable") assert.deepEqual(value, Reflect.get(state, name), name);
    }
    assert.deepEqual([status.health, status.drift, status.unreadable], ["joined", [], []]);
    assert.deepEqual(changesIn(site.lab.sps[0].traffic), []);
    assert.deepEqual(writesOf(site.lab.spp.traffic.requests), []);
    site.assertNoSecret(JSON.stringify(status));
  });

  it("fail where one side cannot be read", async () => {
    site.clearTraffic();
    await assert.rejects(
      getJoinStatus({ sps: site.sps(0), spp: site.spp({ port: 1 }) }),
      /^SafeguardError: spp .*\[SG1010\]/,
    );
  });

  it("name invalid options and send nothing", async () => {
    site.clearTraffic();
    await assert.rejects(getClusterStatus({ sps: { ...site.sps(0), port: 70000 } }), TypeError);
    await assert.rejects(getJoinStatus({ ...connections(), clusterID: "x" } as never), TypeError);
    assert.equal(site.lab.sps[0].traffic.requests.length, 0);
  });
});

const writesOf = (requests: readonly RequestRecord[]) =>
  requests
    .filter(({ method, path }) => method !== "GET" && !/^\/RSTS\/|\/Token\/(LoginResponse|Logout)$/i.test(path))
    .map(({ method, path }) => `${method} ${path}`);
