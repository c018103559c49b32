import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Lab } from "../../lab/lab";
import { LabNetwork } from "../../lab/network/network";
import { runOnRouter } from "../contract/router-snapshot";
import { skipTests } from "../contract/skip";
import { findCli } from "./cli";
import { routerArgs } from "./programs";
import { PROGRAM, RolloutProject, siteArgs } from "./rollout-project";

/** The server behind the router to which clients connect. */
const PORT = 3389;

/* Two sites of one SPP: berlin with a router that real packets cross, and oslo without. */
describe("the gates of a rollout through the real engine", function () {
  this.timeout(600_000);
  let lab: Lab;
  let project: RolloutProject;

  before(async function () {
    const cli = findCli();
    const reason = "reason" in cli ? cli.reason : await LabNetwork.unavailableReason();
    if (reason !== undefined || "reason" in cli) return skipTests(this, reason ?? "");
    lab = await Lab.start({ name: `gates-${process.pid}`, speed: 20, spsCount: 2 });
    project = new RolloutProject(cli);
    const { sps, spp } = lab.description;
    const [berlin, oslo] = sps.map((node) => siteArgs(node, spp));
    assert.ok(berlin && oslo);
    const definition = `name: branches
program: site
sites:
  - { name: berlin, spp: ${spp.address} }
  - { name: oslo, spp: ${spp.address} }
waves:
  - { name: first, count: 1, trafficSeconds: 3 }
  - { name: rest, rest: true, approval: true }
`;
    project.writeProject(definition, { berlin: { ...berlin, routers: { edge: routerArgs(lab) } }, oslo });
  });

  after(async () => {
    await lab?.stop();
    project?.remove();
  });

  const joins = () => lab.sps.map(({ traffic }) => traffic.count("POST", "/api/cluster/spp"));

  it("makes no join of a wave without an approval gate that its start did not accept", async () => {
    const start = await project.run("start", "--exit-when-held");
    assert.equal(start.code, 2, start.text);
    const [, id = ""] =
      /wave first, because its joins cannot be undone: 1 site so far, and start accepted none with --accept-joins; run: rollout approve (\S+) /.exec(
        start.text,
      ) ?? assert.fail(start.text);
    assert.deepEqual(joins(), [0, 0]);
    assert.equal((await project.run("approve", id, "--reason", "join it")).code, 0, project.output);
  });

  it("holds a site without new sessions as unknown, and passes it when clients connect through SPS", async () => {
    const start = await project.run("resume", "--exit-when-held");
    assert.equal(start.code, 2, start.text);
    assert.match(
      start.text,
      /berlin: verification unknown \(\d+ s\): no traffic seen: .*no packet of a client was counted within 3 s/,
    );
    assert.deepEqual(joins(), [1, 0]);

    assert.equal((await project.run("retry", "berlin", "--reason", "clients connect now")).code, 0, project.output);
    const { network } = lab;
    const { server } = lab.description.network ?? assert.fail("no network");
    assert.ok(network);
    let isResumed = false;
    const connecting = (async () => {
      while (!isResumed) await network.connectRepeatedly(server.address, PORT, { seconds: 1, attempts: 5 });
    })();
    const resume = await project.run("resume", "--exit-when-held");
    isResumed = true;
    await connecting;
    assert.equal(resume.code, 2, resume.text);
    assert.match(
      resume.text,
      /berlin: verification done, attempt 2 \(\d+ s\): traffic: \d+ packets went to SPS within 3 s, \d+ new sessions? within [0123] s/,
    );
    assert.match(resume.text, /waiting for approval of wave rest; .*\n {2}1 site: oslo\n(?: {4}create .*\n)+$/);
  });

  it("asks again when the program was edited while an approval was awaited", async () => {
    project.write("site/index.js", `${PROGRAM}pulumi.log.info("edited");\n`);
    assert.equal((await project.run("approve", "--reason", "looked at it")).code, 0, project.output);
    const changed = await project.run("resume", "--exit-when-held");
    assert.equal(changed.code, 2, changed.text);
    assert.match(changed.text, /waiting for approval, because program or definition changed to [0-9a-f]{16}/);
    assert.deepEqual(joins(), [1, 0], "nothing was done");

    assert.equal((await project.run("approve", "--reason", "the edit is right")).code, 0, project.output);
    const checked = await project.run("resume", "--exit-when-held");
    assert.equal(checked.code, 2, checked.text);
    assert.match(checked.text, /oslo: check done, attempt \d+ /);
    assert.match(checked.text, /\n.*waiting for approval of wave rest; /);
    assert.equal((await project.run("approve", "--reason", "looked at it again")).code, 0, project.output);
    const last = await project.run("resume");
    assert.equal(last.code, 0, last.text);
    assert.deepEqual(joins(), [1, 1]);
  });

  it("reports by site what was changed by hand since, and changes nothing", async () => {
    const { network } = lab;
    assert.ok(network);
    await runOnRouter(network, "iptables -t mangle -D SPS-R-rdp 1");
    const refresh = await project.run("refresh");
    assert.equal(refresh.code, 2, refresh.text);
    assert.match(refresh.text, /\n {2}1 site: berlin\n {4}\w+ RouterRedirection SITE-edge/);
    assert.match(refresh.text, /refresh of branches: 2 sites, 1 drifted, 1 unchanged; nothing was changed\n$/);
    assert.deepEqual(joins(), [1, 1]);
  });
});
