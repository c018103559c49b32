import assert from "node:assert/strict";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource, routerRedirection } from "./operations";

describe("RouterRedirection on a Linux router: live preview", function () {
  this.timeout(30_000);
  let router: LabRouter;
  const live = { preview: "always" };

  before(async () => {
    // The router tracks connections as soon as any rule asks for their state.
    router = await LabRouter.start("live", "iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP");
  });
  after(async () => {
    await router.stop();
  });
  beforeEach(() => {
    router.log.length = 0;
  });
  afterEach(async () => {
    await router.assertClean();
  });

  /** The lines of a check, free of the router's address. */
  async function preview(parts: Record<string, unknown>, olds: Record<string, unknown> = {}) {
    const { failures } = await checkAndPreview(
      routerRedirection,
      olds,
      router.raw({ ...live, ...parts }),
      router.context(),
    );
    const lines = router.log.map((line) => line.replace(/router [\d.:]+: live preview: /, ""));
    return { lines, reasons: failures.map(({ reason }) => reason) };
  }

  it("shows existing rules, planned changes and current connections that match", async () => {
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const { lines, reasons } = await preview({});
    await session.close();
    assert.deepEqual(reasons, []);
    assert.deepEqual(lines, [
      "info: router 127.0.0.1: redirection rdp is lost when the router restarts, until the next pulumi up; set persist to true to keep it, or to false to accept that",
      "info: interface rcli (192.168.50.1/24) exists",
      "info: interface rsps (172.16.9.1/24) exists",
      "info: backend iptables-nft: the router's command iptables uses it",
      "info: would add the unreachable route behind 172.16.9.2 (table 10302)",
      "info: would add the default route to 172.16.9.2 (table 10302)",
      "info: would add the policy rule for mark 2 (table 10302)",
      "info: would change the rules of SPS-R-rdp",
      "info: SPS 172.16.9.2 answers ARP",
      "info: SPS 172.16.9.2 accepts TCP on port 3389",
      "info: redirection rdp: 1 of the connections that the router tracks now match it; they stay direct",
    ]);
  });

  it("finds nothing to change after create, and confirms that the route to SPS works", async () => {
    const inputs = await router.inputs();
    const { id, state } = await resource.create(inputs, router.context());
    router.log.length = 0;
    const { lines } = await preview({}, { ...state });
    assert.ok(lines.includes("info: in sync, nothing to change"), lines.join("\n"));
    assert.ok(lines.includes("info: router routes packets of redirection rdp to SPS 172.16.9.2"), lines.join("\n"));
    await resource.delete(id, state, router.context());
  });

  it("fails when the router refuses, and warns about a silent SPS or interfering rules", async () => {
    const missing = await preview({ redirections: [router.redirection({ clientInterfaces: ["eth9"] })] });
    assert.match(missing.reasons.join(), /interface eth9 does not exist; correct the name; .* \[SG3103\]$/);
    await router.run("ip rule add pref 100 from 10.9.0.0/16 lookup main; ip rule add pref 101 lookup main");
    const silent = await preview({ redirections: [router.redirection({ spsAddress: "172.16.9.9" })] });
    await router.run("ip rule del pref 100; ip rule del pref 101");
    assert.deepEqual(silent.reasons, []);
    const warnings = silent.lines.filter((line) => line.startsWith("warn: "));
    assert.match(warnings[0] ?? "", /^warn: policy rule "priority 101 .*" precedes the rule of the redirection/);
    assert.match(warnings[1] ?? "", /^warn: failed: SPS 172\.16\.9\.9 answers ARP \(no answer to ARP\)$/);
  });

  it("skips the live preview of an unreachable router and says so", async () => {
    const { address, port, hostKey } = router.network.description.router;
    const unreachable = { address, port: 1, hostKey, username: "root", password: "x" };
    const { lines, reasons } = await preview({ router: unreachable });
    assert.deepEqual(reasons, []);
    assert.equal(lines.length, 2);
    assert.match(lines[1] ?? "", new RegExp(`^warn: live preview: left out: router ${address}:1: .*\\[SG3001\\]$`));
    assert.notEqual(port, 1);
  });
});
