import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { RouterRedirectionArgs } from "pulumi-safeguard";
import { routerOf } from "../../lab/cli/site-config";
import { Lab } from "../../lab/lab";
import { LabNetwork } from "../../lab/network/network";
import { skipTests } from "../contract/skip";
import { findCli } from "./cli";
import { RolloutProject, siteArgs } from "./rollout-project";

/** The sites, and the platform of the router of each; undefined is Linux. */
const SITES = { berlin: "check-point", madrid: "cisco-ios", oslo: undefined } as const;
type SiteName = keyof typeof SITES;
const NAMES = Object.keys(SITES) as SiteName[];
const PORT = 3389;

/** One redirection on the router of a lab, whatever its platform. */
function redirectionOf({ description }: Lab): RouterRedirectionArgs {
  const { network } = description;
  assert.ok(network);
  const { platform, connection, credential, clientInterface, spsInterface } = routerOf(description, network);
  const { routerPrivateKey, routerPassword } = credential;
  return {
    platform,
    router: { ...connection, privateKey: routerPrivateKey?.value, password: routerPassword?.value } as never,
    redirections: [
      {
        name: "rdp",
        clientInterfaces: [clientInterface],
        clientCidrs: [network.client.network],
        serverCidrs: [network.server.network],
        ports: [PORT],
        spsAddress: network.sps.address,
        spsInterface,
        existingConnections: platform === "linux" ? "leave" : "cut",
      },
    ],
  };
}

/* Three whole sites, each with an SPP and a router of its own that real packets cross. */
describe("a rollout to sites with routers of three platforms", function () {
  this.timeout(900_000);
  const labs = new Map<SiteName, Lab>();
  let project: RolloutProject;

  before(async function () {
    const cli = findCli();
    const reason = "reason" in cli ? cli.reason : await LabNetwork.unavailableReason();
    if (reason !== undefined || "reason" in cli) return skipTests(this, reason ?? "");
    for (const name of NAMES) {
      const router = SITES[name] && { router: SITES[name] };
      labs.set(name, await Lab.start({ name: `${name}-${process.pid}`, speed: 20, spsCount: 1, ...router }));
    }
    project = new RolloutProject(cli);
    const sites = NAMES.map((name) => {
      const { sps, spp } = labOf(name).description;
      assert.ok(sps[0]);
      return [name, { ...siteArgs(sps[0], spp), routers: { edge: redirectionOf(labOf(name)) } }] as const;
    });
    const listed = NAMES.map((name) => `  - { name: ${name}, spp: ${labOf(name).description.spp.address} }\n`);
    const waves = "waves:\n  - { name: first, count: 1, doctor: true }\n  - { name: rest, rest: true, doctor: true }\n";
    const definition = `name: platforms\nprogram: site\nparallelism: 2\nonFailure: hold\nsites:\n${listed.join("")}${waves}`;
    project.writeProject(definition, Object.fromEntries(sites));
  });
  after(async () => {
    for (const lab of labs.values()) await lab.stop();
    project?.remove();
  });

  function labOf(name: SiteName): Lab {
    return labs.get(name) ?? assert.fail(name);
  }
  const joins = () =>
    NAMES.flatMap((name) => labOf(name).sps.map(({ traffic }) => traffic.count("POST", "/api/cluster/spp")));

  /** Whom the server of each site sees: the client itself, or SPS. */
  const peers = async () =>
    Promise.all(
      NAMES.map(async (name) => {
        const { network, description } = labOf(name);
        const { server, sps, client } = description.network ?? assert.fail("no network");
        const seen = (await network?.connectFromClient(server.address, PORT))?.peerSeenByServer;
        return seen === sps.address ? "SPS" : seen === client.address ? "client" : seen;
      }),
    );

  it("joins and redirects all of them, and takes a site whose SPS does not answer for done only once it does", async () => {
    assert.deepEqual(await peers(), ["client", "client", "client"]);
    const { network } = labOf("oslo");
    assert.ok(network);
    await network.setRelayServing(false);
    const start = await project.run("start", "--accept-joins", "3", "--exit-when-held");
    assert.equal(start.code, 2, start.text);
    assert.match(
      start.text,
      /oslo: verification unreachable .*not proved: SPS [\d.]+ accepts TCP on port 3389 .*\[SG2505\]/,
    );
    await network.setRelayServing(true);
    assert.deepEqual(await peers(), ["SPS", "SPS", "SPS"]);
    assert.deepEqual(joins(), [1, 1, 1]);

    assert.equal((await project.run("retry", "oslo", "--reason", "SPS answers")).code, 0, project.output);
    const resumed = await project.run("resume");
    assert.equal(resumed.code, 0, resumed.text);
    assert.match(resumed.text, /oslo: verification done, attempt 2/);
    assert.deepEqual(joins(), [1, 1, 1]);
  });
});
