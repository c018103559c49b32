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
  const disconnections = () => lab.spp.traffic.count("DELETE", /\/Cluster\/SessionModules\/\d+$/);
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

  it("are not taken over by an ESM project that has no state of them, unless it says so", async () => {
    esm.write(company);
    const refused = await esm.pulumi("preview");
    assert.notEqual(refused.status, 0, refused.output);
    assert.match(refused.output, /error: alpha-edge: .*belongs to .*set adopt: true.*\[SG3201\]/);
    assert.equal(await peerOfServer(), lab.description.network?.sps.address);
  });

  it("are adopted by the ESM project without another join request", async () => {
    Object.assign(company.alpha.routers.edge, { adopt: true });
    esm.write(company);
    const preview = succeed(await esm.pulumi("preview"));
    for (const site of ["alpha", "beta"]) assert.match(preview, new RegExp(`${site}-join: .*already joined`));
    succeed(await esm.pulumi("up", "--yes", "--skip-preview"));
    assert.deepEqual(joinRequests(), [1, 1, 0]);
    succeed(await esm.pulumi("preview", "--expect-no-changes"));
  });

  it("keep recording when a destroy is refused, also after pulumi state unprotect", async () => {
    for (const prepare of [undefined, ["state", "unprotect", "--all", "--yes"]]) {
      if (prepare) succeed(await esm.pulumi(...prepare));
      const { status, output } = await esm.pulumi("destroy", "--yes", "--skip-preview");
      assert.notEqual(status, 0, output);
      assert.equal(await peerOfServer(), lab.description.network?.sps.address);
    }
  });

  it("leave the program one by one, as docs/join.md says, and stay joined", async () => {
    const { alpha, beta } = structuredClone(company);
    Object.assign(alpha, { onDelete: "forget", protect: false });
    esm.write({ alpha, beta });
    succeed(await esm.pulumi("up", "--yes", "--skip-preview"));
    esm.write({ beta });
    const output = succeed(await esm.pulumi("up", "--yes", "--skip-preview"));
    assert.match(output, /alpha-edge: .*redirection rdp removed: new connections go direct and are NOT recorded/);
    assert.equal(await peerOfServer(), lab.description.network?.client.address);
    assert.deepEqual([joinRequests(), disconnections()], [[1, 1, 0], 0]);
  });

  it("are disconnected on SPP by pulumi destroy when the program allows it", async () => {
    const { beta } = structuredClone(company);
    Object.assign(beta, { onDelete: "unlink", protect: false });
    Object.assign(beta.join.acknowledge, { disconnects: true });
    esm.write({ beta });
    succeed(await esm.pulumi("up", "--yes", "--skip-preview"));
    succeed(await esm.pulumi("destroy", "--yes", "--skip-preview"));
    assert.deepEqual([joinRequests(), disconnections()], [[1, 1, 0], 1]);
  });
});
