import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, describe, it } from "mocha";
import { Lab } from "../../lab/lab";
import { skipTests } from "../contract/skip";
import { findCli } from "../engine/cli";
import { type Company, companySites, secretsOf } from "./company";
import { type CommandResult, NewcomerProject, unpackPackage } from "./project";

/** The walk of a new user: a project of their own from the packed package, and the plain Pulumi CLI. */
describe("a newcomer's first two sites", function () {
  this.timeout(240_000);
  let lab: Lab;
  let folder = "";
  let commonJs: NewcomerProject;
  let esm: NewcomerProject;
  let company: Company;

  before(async function () {
    const cli = findCli();
    if ("reason" in cli) skipTests(this, cli.reason);
    lab = await Lab.start({ name: `newcomer-${process.pid}`, speed: 50, spsCount: 3 });
    if (!lab.description.network) skipTests(this, lab.description.networkUnavailable ?? "no network");
    company = companySites(lab);
    folder = await unpackPackage();
    commonJs = await NewcomerProject.create("CommonJS", folder, secretsOf(lab));
    esm = await NewcomerProject.create("ESM", folder, secretsOf(lab));
  });
  after(async () => {
    if (folder !== "") fs.rmSync(folder, { recursive: true, force: true });
    await lab?.stop();
  });

  const joinRequests = () => lab.sps.map(({ traffic }) => traffic.count("POST", "/api/cluster/spp"));
  const succeed = ({ status, output }: CommandResult) => {
    assert.equal(status, 0, output);
    return output;
  };

  /** The address from which the server sees a connection of the client; SPS uses its own. */
  const peerOfServer = async () => {
    const { network, description } = lab;
    const server = description.network?.server.address ?? assert.fail();
    return (await network?.connectFromClient(server, 3389))?.peerSeenByServer;
  };

  it("are previewed without a change on any appliance", async () => {
    commonJs.write(company);
    assert.match(succeed(await commonJs.pulumi("preview")), /\+ 10 to create/);
    assert.deepEqual(joinRequests(), [0, 0, 0]);
  });

  it("are joined with one request each, and the next preview is unchanged", async () => {
    succeed(await commonJs.pulumi("up", "--yes", "--skip-preview"));
    assert.deepEqual(joinRequests(), [1, 1, 0]);
    assert.equal(await peerOfServer(), lab.description.network?.sps.address);
    succeed(await commonJs.pulumi("preview", "--expect-no-changes"));
  });

  it("are adopted by an ESM project that has no state of them, without another join request", async () => {
    const { alpha, beta } = structuredClone(company);
    Object.assign(alpha.routers.edge, { adopt: true });
    esm.write({ alpha, beta });
    succeed(await esm.pulumi("up", "--yes", "--skip-preview"));
    assert.deepEqual(joinRequests(), [1, 1, 0]);
    succeed(await esm.pulumi("preview", "--expect-no-changes"));
  });
});
