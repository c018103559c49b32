import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { routerConfig } from "../../lab/cli/site-config";
import { Lab } from "../../lab/lab";
import { LabNetwork } from "../../lab/network/network";
import { routerByHand } from "../../tools/start/router-by-hand";
import { skipTests } from "../contract/skip";
import { findCli } from "./cli";
import { TestStack } from "./test-stack";

const SERVER = "10.0.0.5";

/** Each example, and the ports that it redirects. */
const EXAMPLES = [
  { platform: "cisco-ios", program: "../../examples/router-cisco-ios/index", ports: [3389, 22] },
  { platform: "check-point", program: "../../examples/router-check-point/index", ports: [3389, 22] },
  { platform: "sophos-utm", program: "../../examples/router-sophos-utm/index", ports: [3389, 8080] },
] as const;

describe("the examples of emulated routers through the real engine", function () {
  this.timeout(240_000);
  let stack: TestStack | undefined;

  before(async function () {
    const cli = findCli();
    const reason = "reason" in cli ? cli.reason : await LabNetwork.unavailableReason();
    if (reason !== undefined) skipTests(this, reason);
    stack = await TestStack.inline("router-examples");
  });
  after(() => stack?.close());

  for (const { platform, program, ports } of EXAMPLES) {
    it(`redirects and records traffic on ${platform}, and destroy leaves the router as it was`, async () => {
      assert.ok(stack);
      const lab = await Lab.start({ name: `examples-${process.pid}`, spsCount: 1, router: platform });
      try {
        const { network, description } = lab;
        const router = routerByHand(description);
        assert.ok(network && router);
        const peerAt = async (port: number) => (await network.connectFromClient(SERVER, port)).peerSeenByServer;
        const found = await router.configuration();
        await stack.configure(routerConfig(description));

        const up = await stack.run("up", async () => require(program));
        assert.deepEqual([up.failure, up.changes], [undefined, { create: 2 }]);
        for (const port of ports) assert.equal(await peerAt(port), description.network?.sps.address);
        const audited = (await network.auditRecords()).map(({ server }) => server);
        assert.deepEqual(
          audited,
          ports.map((port) => `${SERVER}:${port}`),
        );
        const recorded = await stack.find("RouterRedirection");
        assert.deepEqual(
          recorded?.outputs?.confirmedUnproven,
          platform === "sophos-utm"
            ? [`SPS ${description.network?.sps.address}: the API of the router has no probe`]
            : [],
        );

        const destroyed = await stack.run("destroy");
        assert.deepEqual([destroyed.failure, destroyed.changes], [undefined, { delete: 2 }]);
        assert.equal(await peerAt(3389), description.network?.client.address);
        assert.equal(await router.configuration(), found);
      } finally {
        await lab.stop();
      }
    });
  }
});
