import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { Lab } from "../../lab/lab";
import { type Company, companySites } from "./company";
import { NewcomerLab } from "./newcomer-lab";
import type { CommandResult, NewcomerProject } from "./project";

/** The walk of a new user: a project of their own from the packed package, and the plain Pulumi CLI. */
describe("a newcomer's first two sites", function () {
  this.timeout(240_000);
  let lab: Lab;
  let newcomer: NewcomerLab;
  let commonJs: NewcomerProject;
  let esm: NewcomerProject;
  let company: Company;

  before(async function () {
    newcomer = await NewcomerLab.start(this, "newcomer");
    ({ lab } = newcomer);
    company = companySites(lab);
    commonJs = await newcomer.project("CommonJS");
    esm = await newcomer.project("ESM");
  });
  after(() => newcomer?.stop());

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
