import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { Lab } from "../../lab/lab";
import { LabNetwork } from "../../lab/network/network";
import { RouterRedirection } from "../../sdk/nodejs/router-redirection";
import { recordedText } from "../contract/dynamic-front";
import { routerSnapshot, runOnRouter } from "../contract/router-snapshot";
import { skipTests } from "../contract/skip";
import { EngineLab } from "./engine-lab";
import { inputsShown, lastingLines } from "./events";
import { routerArgs, routerProgram, siteProgram } from "./programs";
import type { LabSecrets } from "./secrets";
import type { TestStack } from "./test-stack";

const SERVER = "10.0.0.5";

/** Rules made by hand, under the name that the program uses. */
const HANDMADE_RULES = `
iptables -t mangle -N SPS-R-rdp
iptables -t mangle -A SPS-R-rdp -d 10.9.9.0/24 -p tcp --dport 3389 -j RETURN
`;

const RULES = [
  "route: default via 172.16.9.2 dev rsps table 10302 proto 103",
  "route: unreachable default metric 4294967295 table 10302 proto 103",
  "rp_filter: rsps not strict",
  "rule: pref 10302 fwmark 0x2/0xff lookup 10302 protocol 103",
  'mangle: -A SPS-R-rdp -s 192.168.50.0/24 -d 10.0.0.0/24 -i rcli -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m multiport --dports 3389 -m comment --comment "sps:rdp:client" -j CONNMARK --set-xmark 0x2/0xff',
  'mangle: -A SPS-R-rdp ! -i rsps -m connmark --mark 0x2/0xff -m comment --comment "sps:rdp:restore" -j MARK --set-xmark 0x2/0xff',
  'mangle: -A PREROUTING -m comment --comment "sps:rdp" -j SPS-R-rdp',
];

describe("RouterRedirection through the real engine", function () {
  this.timeout(120_000);
  let lab: Lab;
  let network: LabNetwork;
  let stack: TestStack;
  let secrets: LabSecrets;
  let untouched = "";
  let engine: EngineLab;

  before(async function () {
    const reason = await LabNetwork.unavailableReason();
    if (reason !== undefined) skipTests(this, reason);
    engine = await EngineLab.start(this, "engine-router", { spsCount: 1, network: true });
    ({ lab, stack, secrets } = engine);
    if (!lab.network) throw new Error("the lab has no network");
    network = lab.network;
    untouched = await routerSnapshot(network);
  });
  after(() => engine?.stop());

  const run: EngineLab["run"] = (...given) => engine.run(...given);

  /** Whom the server takes for its client. */
  const peerAt = async (port: number) => (await network.connectFromClient(SERVER, port)).peerSeenByServer;

  it("shows the rules in the preview as known values and leaves the router unchanged", async () => {
    const preview = await run("preview", routerProgram(lab));
    assert.deepEqual([preview.failure, preview.changes], [undefined, { create: 2 }]);
    assert.deepEqual(inputsShown(preview, "RouterRedirection").rules, RULES);
    assert.equal(await routerSnapshot(network), untouched);
  });

  it("refuses to take over existing rules unless adopt is set", async () => {
    await runOnRouter(network, HANDMADE_RULES);
    const withHandmadeRules = await routerSnapshot(network);
    const refused = await run("up", routerProgram(lab));
    const { address, port } = lab.description.network?.router ?? assert.fail("no router");
    const sentence = `router ${address}:${port}: check the router: redirection rdp exists already, and the router records no owner for it; choose another name, or set adopt: true to take it over [SG3201]`;
    assert.ok(
      lastingLines(refused, "error").some((line) => line.includes(sentence)),
      refused.output,
    );
    assert.equal(await routerSnapshot(network), withHandmadeRules);
    assert.equal(await stack.find("RouterRedirection"), undefined);

    const adopted = await run("up", routerProgram(lab, { adopt: true }));
    assert.deepEqual([adopted.failure, adopted.changes], [undefined, { create: 1, same: 1 }]);
    const recorded = await stack.find("RouterRedirection");
    assert.deepEqual(recorded?.outputs?.rules, RULES);
    assert.equal(recorded?.outputs?.__provider, recordedText("RouterRedirection"));
    secrets.assertAbsent(stack.stateText(), "the state");
    assert.ok(secrets.count("private key of the router") > 0);

    assert.equal(await peerAt(3389), lab.description.network?.sps.address);
    assert.equal((await network.auditRecords()).length, 1);
    assert.equal(await peerAt(8080), lab.description.network?.client.address);
  });

  it("changes nothing on a second up and does not contact the router", async () => {
    await network.stopSshd();
    const again = await run("up", routerProgram(lab, { adopt: true }));
    await network.startSshd();
    assert.deepEqual([again.failure, again.changes], [undefined, { same: 2 }]);
  });

  it("detects a deleted rule on refresh, and the next up restores it", async () => {
    const made = await routerSnapshot(network);
    await runOnRouter(network, "iptables -t mangle -D SPS-R-rdp 1");
    const refresh = await run("refresh");
    assert.deepEqual([refresh.failure, refresh.changes], [undefined, { same: 1, update: 1 }]);
    const seen = (await stack.find("RouterRedirection"))?.outputs?.rules;
    assert.deepEqual(
      seen,
      RULES.filter((rule) => !rule.includes("sps:rdp:client")),
    );
    secrets.assertAbsent(stack.stateText(), "the state after a refresh");

    const repaired = await run("up", routerProgram(lab));
    assert.deepEqual([repaired.failure, repaired.changes], [undefined, { same: 1, update: 1 }]);
    assert.equal(await routerSnapshot(network), made);
    assert.equal(await peerAt(3389), lab.description.network?.sps.address);
  });

  it("shows the faults of all changed routers in one preview", async () => {
    const edges = (ports: number[], hostKey?: string) => async () => {
      for (const [index, port] of ports.entries()) {
        const { router, redirections, ...args } = routerArgs(lab);
        const named = redirections.map((one) => ({ ...one, name: `edge${index}`, ports: [port] }));
        new RouterRedirection(`edge${index}`, {
          ...args,
          router: { ...router, ...(hostKey && { hostKey }) },
          redirections: named,
        });
      }
    };
    const up = await run("up", edges([3390, 3391]));
    assert.equal(up.failure, undefined, up.output);
    const made = await routerSnapshot(network);
    const OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBdSBJYWgbj6kBvVyZsYyEiYPmvRsP4Uu0VGMlEw5Gc1";
    const preview = await run("preview", edges([3392, 3393], OTHER_KEY));
    assert.notEqual(preview.failure, undefined);
    for (const name of ["edge0", "edge1"]) {
      const own = lastingLines(preview, "error").filter((line) => line.includes(`${name}: router `));
      assert.match(own.join("\n"), /^[^\n]*its host key is not the pinned one[^\n]*\[SG3003\][^\n]*$/, preview.output);
    }
    assert.equal(await routerSnapshot(network), made);
  });

  it("leaves nothing on the router after a destroy and shows no secret", async () => {
    const destroy = await run("destroy");
    assert.deepEqual([destroy.failure, destroy.changes], [undefined, { delete: 3 }]);
    assert.equal(await routerSnapshot(network), untouched);
    assert.equal(await peerAt(3389), lab.description.network?.client.address);
    assert.deepEqual(await stack.recorded(), []);
    secrets.assertAbsent(stack.stateText(), "the history of the state");
    secrets.assertAbsent(engine.output, "the output");
  });

  it("promotes no node of a new site whose router would be refused", async () => {
    const edge = routerArgs(lab);
    for (const one of edge.redirections) one.spsInterface = "eth99";
    const up = await run("up", siteProgram(lab, { routers: { edge } }));
    assert.match(lastingLines(up, "error").join("\n"), /interface eth99 does not exist.*\[SG3103\]/, up.output);
    const { traffic } = lab.sps[0] ?? assert.fail("no SPS");
    const changes = ["/api/cluster/promote", "/api/cluster/spp"].map((path) => traffic.count("POST", path));
    assert.deepEqual(changes, [0, 0]);
    assert.equal(await routerSnapshot(network), untouched);
  });
});
