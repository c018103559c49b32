import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import type { Lab } from "../../lab/lab";
import { INTERNAL } from "../../lab/sps/state/store";
import { recordedText } from "../contract/dynamic-front";
import { stepsOfTwoNodes } from "../support/cluster-steps";
import { EngineLab } from "./engine-lab";
import { inputsShown, lastingLines, order, shownLines } from "./events";
import { endOfProvider } from "./processes";
import { siteProgram } from "./programs";
import type { LabSecrets } from "./secrets";
import type { Run, TestStack } from "./test-stack";

/** The only change of search roles that a cluster joined to SPP may make: what its members have recorded stays with them. */
const CENTRAL_SEARCH = { searchRole: "search-master", memberSearchRole: "search-local" } as const;
const TYPES = ["SpsCluster", "SppJoin"] as const;

describe("cluster and join through the real engine", function () {
  this.timeout(120_000);
  let lab: Lab;
  let stack: TestStack;
  let secrets: LabSecrets;
  let engine: EngineLab;

  before(async function () {
    engine = await EngineLab.start(this, "engine-site");
    ({ lab, stack, secrets } = engine);
  });
  after(() => engine?.stop());

  const run: EngineLab["run"] = (...given) => engine.run(...given);

  /** Runs the engine where the appliances must not get a single request. */
  async function runWithoutRequests(...given: Parameters<TestStack["run"]>): Promise<Run> {
    const traffic = [...lab.sps, lab.spp].map((appliance) => appliance.traffic.requests);
    const before = traffic.map((requests) => requests.length);
    const result = await run(...given);
    assert.deepEqual(
      traffic.map((requests, index) => requests.slice(before[index]).map(({ method, path }) => `${method} ${path}`)),
      traffic.map(() => []),
    );
    return result;
  }

  it("shows all planned steps in the preview as known values and changes nothing", async () => {
    const preview = await run("preview", siteProgram(lab));
    const changing = [...lab.sps, lab.spp].flatMap(({ traffic }) =>
      traffic.requests.filter(({ method, path }) => method !== "GET" && !path.startsWith("/RSTS/")),
    );
    assert.deepEqual(changing, []);
    assert.equal(preview.failure, undefined);
    assert.deepEqual(preview.changes, { create: 5 });
    const [a = "", b = ""] = lab.description.sps.map(({ address }) => address);
    assert.deepEqual(inputsShown(preview, "SpsCluster").steps, stepsOfTwoNodes(a, b));
    const steps = inputsShown(preview, "SppJoin").steps;
    assert.ok(Array.isArray(steps), "the steps of the join are not known in the preview");
    assert.ok(steps.includes(`wait until ${lab.description.spp.address} lists and trusts ${a}`));
  });

  it("creates the cluster, then the join, and shows the steps of each and one line of its result", async () => {
    const [up, ended] = await Promise.all([run("up", siteProgram(lab)), endOfProvider()]);
    assert.equal(up.failure, undefined);
    assert.deepEqual(up.changes, { create: 5 });
    // The engine waits 5 s for the provider to end before it kills it.
    const milliseconds = ended - up.summarizedAt;
    assert.ok(milliseconds < 3000, `the provider ended ${milliseconds} ms after the summary`);
    assert.deepEqual(order(up), ["+SpsCluster", "-SpsCluster", "+SppJoin", "-SppJoin", "+JoinGuard", "-JoinGuard"]);
    assert.equal(lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 1);

    const [a, b] = lab.description.sps.map(({ address }) => address);
    const spp = lab.description.spp.address;
    const join = `site-join: join ${a} to ${spp}: `;
    const steps = shownLines(up).map(({ message }) => message.replace(/ \(\d+ s so far\)$/, ""));
    const expected = [
      `site-cluster: sps ${a}: promoting to Central Management node`,
      `site-cluster: sps ${b}: joining the cluster of ${a}`,
      `site-cluster: sps ${a}: 1 managed host(s) have the configuration`,
      `${join}1/12 examine: reading both appliances`,
      `${join}4/12 back up: backing up SPP (take) and SPS (require), at most 1800 s`,
      `${join}7/12 request: sending the join request (once)`,
      `${join}9/12 trusted: waiting for SPP to trust the node, at most 330 s`,
      `${join}11/12 synchronized: waiting for the cluster members to synchronize, at most 600 s`,
    ];
    assert.deepEqual(
      steps.filter((line) => expected.includes(line)),
      expected,
    );
    const [planned = "", cluster = "", joined = "", ...more] = lastingLines(up, "info");
    assert.match(planned, /^site-cluster: CANNOT BE UNDONE: .*: promote to Central Management node; /);
    assert.match(cluster, /^site-cluster: sps [\d.]+: Central Management node; 2 of 2 cluster nodes in sync, version /);
    assert.match(joined, /^site-join: join .*: joined; /);
    assert.deepEqual(more, [], "one line stays of each result");
    assert.ok(shownLines(up).some(({ message }) => /: waiting for .+ \(\d+ s of \d+ s\)$/.test(message)));
  });

  it("records both resources, protects only the join and encrypts every credential", async () => {
    for (const type of TYPES) {
      const recorded = await stack.find(type);
      assert.equal(recorded?.inputs?.__provider, recordedText(type));
      assert.equal(recorded?.outputs?.__provider, recordedText(type));
      assert.equal(recorded?.protect ?? false, type === "SppJoin");
      assert.deepEqual(recorded?.initErrors ?? [], []);
    }
    const join = await stack.find("SppJoin");
    assert.equal(join?.outputs?.nodeId, lab.sps[0].nodeId);
    assert.equal(join?.outputs?.health, "joined");
    assert.equal((await stack.find("SpsCluster"))?.outputs?.clusterId, lab.sps[0].nodeId);
    for (const what of ["SPS password", "SPP password"]) assert.ok(secrets.count(what) > 0, what);
    secrets.assertAbsent(stack.stateText(), "the state");
  });

  it("is examined by doctor --stack with what the stack has recorded, secrets included, and shows none", async () => {
    const command = `${process.execPath} ${path.resolve(__dirname, "../../dist/cli/bin.js")}`;
    const shown = await stack.shell(`${command} doctor --stack test --json`);
    const { sites } = JSON.parse(shown) as { sites: { site: string; status: string }[] };
    assert.deepEqual(
      sites.map(({ site, status }) => [site, status]),
      [["site", "fine"]],
      shown,
    );
    secrets.assertAbsent(shown, "the report");
  });

  it("changes nothing on a second up and after a refresh", async () => {
    const again = await runWithoutRequests("up", siteProgram(lab));
    assert.deepEqual([again.failure, again.changes], [undefined, { same: 5 }]);
    const refresh = await run("refresh");
    assert.deepEqual([refresh.failure, refresh.changes], [undefined, { same: 5 }]);
    secrets.assertAbsent(stack.stateText(), "the state after a refresh");
    const preview = await runWithoutRequests("preview", siteProgram(lab));
    assert.deepEqual([preview.failure, preview.changes], [undefined, { same: 5 }]);
  });

  it("records changed passwords without a request and refuses to destroy a protected join", async () => {
    const [spsPassword, sppPassword] = ["new-sps-password-nobody-tries", "new-spp-password-nobody-tries"];
    secrets.add("new SPS password", spsPassword);
    secrets.add("new SPP password", sppPassword);
    const up = await runWithoutRequests("up", siteProgram(lab, { spsPassword, sppPassword }));
    assert.deepEqual([up.failure, up.changes], [undefined, { same: 3, update: 2 }]);

    const destroy = await runWithoutRequests("destroy");
    assert.match(destroy.failure ?? "", /protect/);
    assert.notEqual(await stack.find("SppJoin"), undefined);
  });

  it("updates the cluster and refuses to delete an unprotected join without a request", async () => {
    const up = await run("up", siteProgram(lab, { protect: false, ...CENTRAL_SEARCH }));
    assert.deepEqual([up.failure, up.changes], [undefined, { same: 3, update: 2 }]);
    assert.deepEqual(lab.sps[0].roles.toSorted(), ["central-management", "search-master"]);
    assert.equal((await stack.find("SppJoin"))?.protect ?? false, false);

    const destroy = await runWithoutRequests("destroy");
    const [a] = lab.description.sps;
    const sentence = `sps ${a?.address}: delete join guard: the join to spp ${lab.description.spp.address} cannot be undone, and its guard is deleted only with it; nothing was sent; to drop only the record, set onDelete: "forget" and protect: false; to disconnect the node on SPP, set onDelete: "unlink", disconnects: true in acknowledge, and protect: false; run pulumi up, then delete; after a rename, `;
    const shown = shownLines(destroy).filter(({ message }) => message.includes(sentence));
    assert.deepEqual(
      shown.map(({ severity, isEphemeral }) => [severity, isEphemeral]),
      [["error", false]],
      destroy.output,
    );
    assert.notEqual(await stack.find("SppJoin"), undefined);
    assert.notEqual(await stack.find("SpsCluster"), undefined);
  });

  it("forgets a join without a request when onDelete is forget", async () => {
    const forgetting = siteProgram(lab, { protect: false, ...CENTRAL_SEARCH, join: { onDelete: "forget" } });
    const up = await runWithoutRequests("up", forgetting);
    assert.deepEqual([up.failure, up.changes], [undefined, { same: 3, update: 2 }]);
    const destroy = await runWithoutRequests("destroy");
    assert.deepEqual([destroy.failure, destroy.changes], [undefined, { delete: 5 }]);
    assert.deepEqual(await stack.recorded(), []);
    assert.equal(lab.spp.sessionModules.length, 1);
    assert.deepEqual(lastingLines(destroy, "warning").length, 2, destroy.output);
  });

  it("sends one join request in all and writes no secret to output or state", () => {
    assert.equal(lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 1);
    const [central, member] = lab.sps;
    const psk = central.object(`${INTERNAL}psk/${member?.nodeId}`)?.psk;
    secrets.add("pre-shared key of the cluster", typeof psk === "string" ? psk : assert.fail("there is no key"));
    for (const what of ["SPS session cookie", "SPS X-Token", "SPS Basic header", "SPP user token", "SPP login token"]) {
      assert.ok(secrets.count(what) > 0, what);
    }
    secrets.assertAbsent(stack.stateText(), "the history of the state");
    secrets.assertAbsent(engine.output, "the output");
    // Pulumi's own SDK writes every answer it gets into its debug lines, whatever is in it.
    const events = engine.runs.flatMap((given) =>
      given.events.filter((event) => String(event.diagnosticEvent?.severity) !== "debug"),
    );
    secrets.assertAbsent(JSON.stringify(events), "the events");
  });
});
