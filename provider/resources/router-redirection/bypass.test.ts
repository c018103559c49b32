import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { rulesOf } from "../../../tests/support/planned-rules";
import { BACKENDS } from "../../router/linux/model/backend-names";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionState } from "./schema";

/** ARP takes some three seconds to give up, a port that nobody serves refuses at once. */
const ARP = { bypass: "when-sps-silent", watchdog: { intervalSeconds: 1, missedProbes: 1 } };
const WATCHDOG = { bypass: "when-sps-silent", watchdog: { intervalSeconds: 1, missedProbes: 1, port: 3389 } };

describe("RouterRedirection on a Linux router: the bypass watchdog", function () {
  this.timeout(60_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("bypass");
  });
  after(async () => {
    await router.stop();
  });
  afterEach(async () => {
    await router.network.setLink("sps0", "up");
    await router.network.setRelayServing(true);
    await router.assertClean();
  });

  /** Waits until the server sees somebody else, at most for 12 s. */
  async function awaitSeen(wanted: string): Promise<void> {
    let seen = "";
    for (const end = performance.now() + 12_000; performance.now() < end && seen !== wanted; ) {
      seen = await router.seenAs();
      await pause(100);
    }
    assert.equal(seen, wanted);
  }

  async function reread(id: string, state: RouterRedirectionState): Promise<RouterRedirectionState> {
    return (await resource.read(id, state, router.context()))?.state ?? assert.fail("it is gone");
  }

  for (const backend of BACKENDS) {
    it(`bypasses a silent SPS, reports the bypass and redirects again with ${backend}`, async () => {
      const failMode = backend === "nftables" ? "open" : "closed";
      const [asking, how] = backend === "iptables-nft" ? [ARP, "ARP"] : [WATCHDOG, "TCP port 3389"];
      const inputs = await router.inputsWith(
        { existingConnections: "cut", failMode },
        { ...asking, linux: { backend } },
      );
      assert.equal(
        rulesOf(inputs).at(-1),
        `watchdog: table 10302 lets traffic pass after 1 probe of ${how} without an answer, 1 s apart`,
      );
      const { id, state } = await resource.create(inputs, router.context());
      assert.deepEqual([state.rules, state.linuxStatus?.bypassed], [rulesOf(inputs), []]);
      assert.equal(await router.seenAs(), "sps");
      const setAnswering = async (isAnswering: boolean) =>
        asking === ARP
          ? await router.network.setLink("sps0", isAnswering ? "up" : "down")
          : await router.network.setRelayServing(isAnswering);
      await setAnswering(false);
      await awaitSeen("client");
      const passing = await reread(id, state);
      assert.deepEqual(
        resource.diff(id, passing, inputs).map(({ path }) => path),
        [],
      );
      assert.deepEqual(
        passing.linuxStatus?.bypassed.map(({ spsAddress }) => spsAddress),
        ["172.16.9.2"],
      );
      const since = passing.linuxStatus?.bypassed[0]?.since ?? "";
      assert.ok(Math.abs(Date.parse(since) - Date.now()) < 20_000, since);
      assert.match(
        router.log.at(-1) ?? "",
        /^warn: router \S+: SPS 172\.16\.9\.2 has not answered since \S+Z: traffic of redirection rdp passes directly and is not recorded until SPS answers/,
      );
      await setAnswering(true);
      await awaitSeen("sps");
      assert.deepEqual((await reread(id, state)).linuxStatus?.bypassed, []);
      const log = await router.run("cut -d' ' -f2- /run/sps-redirect/watchdog.10302/log");
      assert.equal(
        log,
        "SPS 172.16.9.2 does not answer: its traffic passes directly and is not recorded\nSPS 172.16.9.2 answers again: its traffic is redirected\n",
      );
      await resource.delete(id, state, router.context());
    });
  }

  it("keeps a bypass through other updates and ends it when the watchdog is turned off", async () => {
    const { id, state } = await resource.create(await router.inputs(WATCHDOG), router.context());
    await router.network.setRelayServing(false);
    await awaitSeen("client");
    const ports = await router.inputsWith({ ports: [3389, 8080] }, WATCHDOG);
    const changed = await resource.update(id, await reread(id, state), ports, router.context());
    assert.deepEqual(changed.state.rules, rulesOf(ports));
    assert.equal(changed.state.linuxStatus?.bypassed.length, 1);
    assert.match((changed.state.confirmedUnproven ?? []).join(), /its watchdog bypasses SPS/);
    assert.deepEqual([await router.seenAs(3389), await router.seenAs(8080)], ["client", "client"]);
    const never = await resource.update(id, changed.state, await router.inputs(), router.context());
    assert.deepEqual(never.state.linuxStatus?.bypassed, []);
    assert.notEqual(await router.seenAs(), "client");
    await resource.delete(id, never.state, router.context());
  });

  it("removes a bypassed redirection while SPS is gone and its link is down", async () => {
    const { id, state } = await resource.create(await router.inputs(WATCHDOG), router.context());
    await router.network.setLink("rsps", "down");
    await awaitSeen("client");
    await resource.delete(id, await reread(id, state), router.context());
    await router.network.setLink("rsps", "up");
  });

  it("restarts a killed watchdog, and shows drift when its supervisor is killed too", async () => {
    const inputs = await router.inputs(WATCHDOG);
    const { id, state } = await resource.create(inputs, router.context());
    const dog = "$(cat /run/sps-redirect/watchdog.10302/pid)";
    const keeper = `$(sed -n 's/^PPid:[^0-9]*//p' /proc/${dog}/status)`;
    await router.run(
      `old=${dog}; kill -9 $old; n=0; until [ "${dog}" != $old ] || [ $n = 50 ]; do n=$((n+1)); sleep 0.1; done`,
    );
    assert.deepEqual((await reread(id, state)).rules, rulesOf(inputs));
    await router.run(`kill -9 ${keeper} ${dog}`);
    const dead = await reread(id, state);
    assert.match(dead.rules.at(-1) ?? "", /\(does not run\)$/);
    assert.deepEqual(
      resource.diff(id, dead, inputs).map(({ path }) => path),
      ["rules[7]"],
    );
    const repaired = await resource.update(id, dead, inputs, router.context());
    assert.deepEqual(repaired.state.rules, rulesOf(inputs));
    await resource.delete(id, repaired.state, router.context());
  });

  it("redirects traffic again that a dead watchdog bypasses", async () => {
    const inputs = await router.inputs(WATCHDOG);
    const { id, state } = await resource.create(inputs, router.context());
    await router.network.setRelayServing(false);
    await awaitSeen("client");
    await router.run("kill -9 $(pgrep -f sps-redirect/watchdog)");
    router.log.length = 0;
    const dead = await reread(id, state);
    assert.match(dead.rules.join("\n"), /route: throw default table 10302/);
    assert.deepEqual(
      dead.linuxStatus?.bypassed.map(({ spsAddress }) => spsAddress),
      ["172.16.9.2"],
    );
    assert.equal(router.log.length, 1);
    assert.match(
      router.log[0] ?? "",
      /^warn: router \S+: traffic of redirection rdp to SPS 172\.16\.9\.2 passes directly and is not recorded since \S+Z, even if SPS answers: its watchdog does not run; run `pulumi up` to redirect it again$/,
    );
    const repaired = await resource.update(id, dead, inputs, router.context());
    assert.deepEqual(repaired.state.linuxStatus?.bypassed, []);
    assert.notEqual(await router.seenAs(), "client");
    await resource.delete(id, repaired.state, router.context());
  });

  it("watches the configured TCP port and refuses a check that the router cannot run", async () => {
    const tcp = { ...WATCHDOG, watchdog: { intervalSeconds: 1, missedProbes: 2, port: 3389 } };
    const { id, state } = await resource.create(await router.inputs(tcp), router.context());
    await router.network.setRelayServing(false);
    await awaitSeen("client");
    await router.network.setRelayServing(true);
    await awaitSeen("sps");
    await router.run("ip neigh replace 172.16.9.2 lladdr 02:00:00:00:00:01 dev rsps nud permanent");
    const arp = resource.update(id, state, await router.inputs(ARP), router.context());
    await assert.rejects(
      arp,
      /the watchdog cannot probe SPS 172\.16\.9\.2: the neighbour entry is static; set watchdog\.port.*\[SG3301\]/,
    );
    await router.run("ip neigh del 172.16.9.2 dev rsps");
    assert.deepEqual((await reread(id, state)).rules, state.rules);
    await resource.delete(id, state, router.context());
  });

  it("keeps the audit on and reports a mistyped watchdog port that SPS never answers", async () => {
    const mistyped = { ...WATCHDOG, watchdog: { intervalSeconds: 1, missedProbes: 1, port: 3390 } };
    const { id, state } = await resource.create(await router.inputs(mistyped), router.context());
    const told = state.confirmedUnproven ?? [];
    assert.match(told.join(), /SPS 172\.16\.9\.2 accepts TCP on port 3390 \(watchdog\)/);
    await pause(2000);
    assert.equal(await router.seenAs(), "sps");
    assert.equal(await router.run("ls /run/sps-redirect/watchdog.10302/log 2>/dev/null || true"), "");
    const required = { ...mistyped, probe: { path: "required" }, commitConfirm: { windowSeconds: 5 } };
    await resource.delete(id, state, router.context());
    await assert.rejects(resource.create(await router.inputs(required), router.context()), /port 3390.*\[SG3306\]/);
  });

  it("shares one watchdog per SPS and refuses a resource with other watchdog settings", async () => {
    const one = await resource.create(await router.inputs(WATCHDOG), router.context());
    const other = await router.inputsWith({ name: "web", ports: [8080] });
    await assert.rejects(
      resource.create(other, router.context()),
      /packet mark 2 is shared with redirection rdp of another resource, which has another watchdog.*\[SG3203\]/,
    );
    const alike = await resource.create(
      await router.inputsWith({ name: "web", ports: [8080] }, WATCHDOG),
      router.context(),
    );
    await resource.delete(one.id, one.state, router.context());
    assert.deepEqual((await reread(alike.id, alike.state)).rules, alike.state.rules);
    await resource.delete(alike.id, alike.state, router.context());
  });

  it("removes the watchdog when its changes are rolled back", async () => {
    const inputs = await router.inputs({
      ...WATCHDOG,
      commitConfirm: { windowSeconds: 5 },
      probe: { path: "required" },
    });
    await router.network.setLink("sps0", "down");
    await assert.rejects(resource.create(inputs, router.context()), /everything was rolled back.*\[SG3306\]/);
  });
});
