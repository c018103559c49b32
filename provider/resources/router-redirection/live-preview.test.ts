import assert from "node:assert/strict";
import { sshKeyPair } from "../../../lab/common/ssh-keys";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import type { Recorded } from "../operations";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource, routerRedirection } from "./operations";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";

describe("RouterRedirection on a Linux router: live preview", function () {
  this.timeout(30_000);
  let router: LabRouter;

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

  /** The lines of a check and preview, free of the router's address. */
  async function preview(parts: Record<string, unknown>, olds: Record<string, unknown> = {}) {
    const { failures } = await checkAndPreview(
      routerRedirection,
      olds,
      router.raw({ preview: "always", ...parts }),
      router.context(),
    );
    const lines = router.log.map((line) => line.replace(/router [\d.:]+: /, ""));
    return { lines, reasons: failures.map(({ reason }) => reason) };
  }

  it("shows existing rules, planned changes and current connections that match", async () => {
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const { lines, reasons } = await preview({});
    await session.close();
    assert.deepEqual(reasons, []);
    assert.deepEqual(lines, [
      "info: redirection rdp is lost when the router restarts, until the next pulumi up; set persist to true to keep it, or to false to accept that",
      "info: interface rcli (192.168.50.1/24) exists",
      "info: interface rsps (172.16.9.1/24) exists",
      "info: backend iptables-nft: the router's command iptables uses it",
      "info: would add the unreachable route behind 172.16.9.2 (table 10302)",
      "info: would add the default route to 172.16.9.2 (table 10302)",
      "info: would add the policy rule for mark 2 (table 10302)",
      "info: would change the rules of SPS-R-rdp",
      "info: would record the owner of redirection rdp",
      "info: SPS 172.16.9.2 answers ARP",
      "info: SPS 172.16.9.2 accepts TCP on port 3389",
      "info: redirection rdp: 1 current connection matches; it stays direct",
    ]);
  });

  for (const [backend, addressMode, said] of [
    ["nftables", "client", "1 current connection goes to SPS already"],
    ["ip-rule", "own", "1 current connection goes to SPS or past it; the router does not tell"],
  ] as const) {
    it(`counts a session through SPS as one and not as direct: ${backend}, address mode ${addressMode}`, async () => {
      await router.network.setAddressMode(addressMode);
      const client = { clientCidrs: ["192.168.50.0/24"], serverInterfaces: ["rsrv"] };
      const traffic = { addressMode, ...(addressMode === "client" && client) };
      const redirection = router.redirection({
        ...traffic,
        ...(backend === "ip-rule" && { existingConnections: "cut" }),
      });
      const parts = { linux: { backend }, redirections: [redirection] };
      const { id, state } = await resource.create(await router.inputs(parts), router.context());
      const session = await router.network.openFromClient("10.0.0.5", 3389);
      router.log.length = 0;
      const { lines } = await preview(parts, { ...state });
      await session.close();
      await resource.delete(id, state, router.context());
      await router.network.setAddressMode("own");
      assert.equal(lines.at(-1), `info: redirection rdp: ${said}`);
    });
  }

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
    assert.match(warnings[1] ?? "", /^warn: not proved: SPS 172\.16\.9\.9 answers ARP \(no answer to ARP\)$/);
  });

  it("reports one line and the warnings with preview auto, and nothing with never", async () => {
    const { lines, reasons } = await preview({ preview: "auto", persist: false });
    assert.deepEqual(reasons, []);
    assert.deepEqual(lines, [
      "info: checked: 5 changes, backend iptables-nft, SPS 172.16.9.2 answers ARP, SPS 172.16.9.2 accepts TCP on port 3389",
    ]);
    router.log.length = 0;
    assert.deepEqual((await preview({ preview: "never", persist: false })).lines, []);
  });

  it("checks an existing redirection with preview auto only when the router would change", async () => {
    const auto = { preview: "auto", persist: false };
    const given = (parts: Record<string, unknown> = {}) =>
      resource.check(router.raw({ ...auto, ...parts }), router.context()).inputs as unknown as RouterRedirectionKnown;
    const { id, state } = await resource.create(given(), router.context());
    router.log.length = 0;
    const recorded = { inputs: { ...state }, state };
    const linesFor = async (news: RouterRedirectionKnown, olds: Recorded<RouterRedirectionState> = recorded) =>
      (await resource.preview(olds, news, router.context())).notes.map(({ text }) => text);
    assert.deepEqual(await linesFor(given()), [], "nothing differs");
    assert.deepEqual(await linesFor(given({ adopt: true, commitConfirm: { windowSeconds: 30 } })), []);
    const credential = { ...(router.raw().router as object), privateKeyFile: undefined, password: "new" };
    assert.deepEqual(await linesFor(given({ router: credential })), [], "no login with the new password");
    const changed = given({ redirections: [router.redirection({ ports: [22, 3389] })] });
    assert.deepEqual(await linesFor(changed, { inputs: { ...state } }), [], "the state is not known yet");
    const [change = "", removed = "", added = "", line = "", ...more] = await linesFor(changed);
    assert.match(change, /^router \S+: ~ redirection rdp: ports 3389 -> 22, 3389$/);
    assert.match(removed, /^router \S+: - mangle: -A SPS-R-rdp .* --dports 3389 /);
    assert.match(added, /^router \S+: \+ mangle: -A SPS-R-rdp .* --dports 22,3389 /);
    assert.match(line, /^router \S+: checked: 1 change, backend iptables-nft, SPS 172\.16\.9\.2 answers ARP, /);
    assert.deepEqual(more, []);
    const drifted = { inputs: { ...state }, state: { ...state, rules: state.rules.slice(1) } };
    assert.match((await linesFor(given(), drifted)).join(), /: checked: in sync, nothing to change, /);
    await resource.delete(id, state, router.context());
  });

  it("fails for each definite fault with preview auto", async () => {
    const { public: strange } = sshKeyPair();
    const connection = (parts: Record<string, unknown>) => ({
      router: { ...(router.raw().router as object), ...parts },
    });
    const password = { privateKeyFile: undefined, password: "open sesame" };
    await router.network.addRouterUser({ username: "operator", password: "open sesame" });
    await router.noteClean();
    const faults: [parts: Record<string, unknown>, code: string][] = [
      [connection({ hostKey: undefined }), "SG3002"],
      [connection({ hostKey: strange }), "SG3003"],
      [connection({ privateKeyFile: undefined, password: "wrong" }), "SG3004"],
      [connection({ ...password, username: "operator" }), "SG3006"],
      [{ redirections: [router.redirection({ clientInterfaces: ["eth9"] })] }, "SG3103"],
      [{ redirections: [router.redirection({ spsAddress: "172.16.99.2" })] }, "SG3106"],
    ];
    for (const [parts, code] of faults) {
      const { reasons } = await preview({ preview: "auto", ...parts });
      assert.equal(reasons.length, 1, code);
      assert.match(reasons[0] ?? "", new RegExp(`^router 127\\.0\\.0\\.1:\\d+: .*\\[${code}\\]$`));
    }
    const several = await preview({
      preview: "auto",
      redirections: [
        router.redirection({ clientInterfaces: ["eth9", "eth8"], ports: [22] }),
        router.redirection({ name: "web", clientInterfaces: ["eth9"], ports: [443], spsAddress: "172.16.99.3" }),
      ],
    });
    assert.deepEqual(
      several.reasons.map((reason) => reason.replace(/^router \S+: check the router: | on rsps.*|;.*/g, "")),
      [
        "redirection rdp: interface eth8 does not exist",
        "redirections rdp, web: interface eth9 does not exist",
        "redirection web: spsAddress 172.16.99.3 is not directly reachable",
      ],
      "each fault of one router once, in one preview",
    );
    await router.run("ip rule add pref 500 fwmark 0x2/0xff lookup 103");
    const { reasons } = await preview({ preview: "auto" });
    await router.run("ip rule del pref 500");
    assert.match(reasons.join(), /policy rule "priority 500 .*\[SG3202\]$/);
  });

  it("warns that an unreachable router is not checked", async () => {
    const { address, port, hostKey } = router.network.description.router;
    const unreachable = { address, port: 1, hostKey, username: "root", password: "x" };
    const { lines, reasons } = await preview({ preview: "auto", persist: false, router: unreachable });
    assert.deepEqual(reasons, []);
    assert.match(
      lines.join("\n"),
      /^warn: host key, login, rights, interfaces, SPS and foreign rules are not checked: log in over SSH: .*ECONNREFUSED.* \[SG3001\]$/,
    );
    assert.notEqual(port, 1);
  });
});
