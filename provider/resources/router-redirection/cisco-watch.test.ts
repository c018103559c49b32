import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { loadText } from "../../../lab/cisco-ios/load-text";
import { rulesOf } from "../../../tests/support/planned-rules";
import { ciscoIos } from "../../router/cisco-ios/platform";
import { CiscoLab, failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionState } from "./schema";

/** A second of the device takes 200 ms; a port that nobody serves refuses at once. */
const WATCHDOG = { intervalSeconds: 5, missedProbes: 2, port: 3389 };
const BYPASS = { bypass: "when-sps-silent", watchdog: WATCHDOG };

describe("RouterRedirection on a Cisco router: watching SPS with IP SLA", function () {
  this.timeout(60_000);
  let lab: CiscoLab;

  before(async () => {
    lab = await CiscoLab.start("cisco-watch", true, { secondMilliseconds: 200 });
  });
  after(async () => {
    await lab.stop();
  });
  afterEach(async () => {
    await lab.network?.setRelayServing(true);
  });

  /** Waits until the server sees somebody else. */
  async function awaitSeen(wanted: string): Promise<void> {
    let seen = "";
    for (const end = performance.now() + 30_000; performance.now() < end && seen !== wanted; ) {
      seen = await lab.seenAs(3389, 0.5);
      await pause(50);
    }
    assert.equal(seen, wanted);
  }

  async function reread(id: string, state: RouterRedirectionState): Promise<RouterRedirectionState> {
    return (await resource.read(id, state, lab.context()))?.state ?? assert.fail("it is gone");
  }

  it("lets traffic pass while SPS is silent, reports it, redirects again and leaves no trace", async () => {
    const clean = lab.running;
    const inputs = await lab.inputsWith({ failMode: "open" }, BYPASS);
    const rules = [
      "ip sla SPS-172.16.9.2: tcp-connect 172.16.9.2 3389 control disable, threshold 2000, timeout 2000, frequency 5, delay down 6 up 6",
      "ip access-list extended SPS-rdp-IN: permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.255 eq 3389",
      "interface GigabitEthernet1: match ip address SPS-rdp-IN, set ip next-hop verify-availability 172.16.9.2 track SPS-172.16.9.2",
    ];
    assert.deepEqual(rulesOf(inputs, ciscoIos), rules);
    let id = "";
    let state = {} as RouterRedirectionState;
    const commands = await lab.commandsDuring(async () => {
      ({ id, state } = await resource.create(inputs, lab.context()));
    });
    assert.deepEqual(commands.slice(1, 14), [
      "ip sla 400",
      "tcp-connect 172.16.9.2 3389 control disable",
      `tag SPS-${state.ownerId}`,
      "threshold 2000",
      "timeout 2000",
      "frequency 5",
      "exit",
      "ip sla schedule 400 life forever start-time now",
      "track 400 ip sla 400 reachability",
      "exit",
      "track 400 ip sla 400 reachability",
      "delay down 6 up 6",
      "exit",
    ]);
    const watch = { redirection: "rdp", spsAddress: "172.16.9.2", number: 400, state: "up" };
    assert.deepEqual([state.rules, state.confirmedUnproven], [rules, []]);
    assert.deepEqual([state.ciscoIosStatus?.watches, state.ciscoIosStatus?.bypassed], [[watch], []]);
    assert.equal(await lab.seenAs(), "sps");

    await lab.network?.setRelayServing(false);
    await awaitSeen("client");
    const passing = await reread(id, state);
    assert.deepEqual(resource.diff(id, passing, inputs), []);
    assert.deepEqual(passing.ciscoIosStatus?.bypassed, ["172.16.9.2"]);
    const warning =
      /SPS 172\.16\.9\.2 does not answer: traffic of redirection rdp passes directly and is not recorded until track 400 is up/;
    assert.match(lab.log.all.at(-1) ?? "", warning);
    const preview = await resource.preview(
      { inputs: { ...passing }, state: passing },
      { ...inputs, preview: "always" },
      lab.context(),
    );
    assert.ok(preview.notes.some(({ severity, text }) => severity === "warning" && warning.test(text)));

    await lab.network?.setRelayServing(true);
    await awaitSeen("sps");
    assert.deepEqual((await reread(id, state)).ciscoIosStatus?.bypassed, []);
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, clean);
    assert.equal(await lab.seenAs(), "client");
  });

  it("reports a strict source check towards SPS, which drops its answers, and local policy routing", async () => {
    const { device } = lab.router;
    const clean = device.running;
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    const redirected = device.running;
    const enter = async (text: string) => await device.replaceRunning(loadText(redirected, text).configuration);
    const check = "interface GigabitEthernet3\n ip verify unicast source reachable-via";
    await enter(`${check} rx`);
    assert.equal(await lab.seenAs(3389, 0.5), "ETIMEDOUT");
    const inputs = { ...(await lab.inputs()), preview: "always" as const };
    const previewed = async () => await resource.preview({ inputs: { ...state }, state }, inputs, lab.context());
    assert.deepEqual(
      (await previewed()).failures.map(({ code }) => code),
      ["SG3111"],
    );
    await enter(`${check} any\nip local policy route-map OTHER`);
    assert.equal(await lab.seenAs(), "sps");
    const { failures, notes } = await previewed();
    assert.deepEqual(failures, []);
    assert.ok(
      notes.some(({ text }) => text.includes("`ip local policy route-map OTHER` also routes the router's own")),
    );
    await device.replaceRunning(redirected);
    await resource.delete(id, state, lab.context());
    await device.replaceRunning(clean);
  });

  it("rolls an update back whose new watch does not come up, and audits all the time", async () => {
    const { device } = lab.router;
    const clean = lab.running;
    const watchdog = { ...WATCHDOG, intervalSeconds: 1 };
    const inputs = await lab.inputsWith({ failMode: "open" }, { ...BYPASS, watchdog });
    const { id, state } = await resource.create(inputs, lab.context());
    const watched = lab.running;
    const port = { bypass: "when-sps-silent", watchdog: { ...watchdog, port: 4443 } };
    const wrong = await lab.inputsWith({ failMode: "open" }, port);
    const update = async () => await failureOf(resource.update(id, state, wrong, lab.context()));
    const { code, message, isPartial } = await lab.whileConnecting(update);
    assert.deepEqual([code, isPartial, lab.running], ["SG3301", false, watched]);
    assert.match(
      message,
      /track 401 did not come up in 5 s: SPS 172\.16\.9\.2 does not answer tcp-connect 4443; check watchdog\.port/,
    );
    assert.deepEqual([device.monitor.isUp(400), await lab.seenAs()], [true, "sps"]);

    await lab.network?.setRelayServing(false);
    await awaitSeen("client");
    const { state: silent } = await resource.update(id, state, wrong, lab.context());
    assert.deepEqual(silent.ciscoIosStatus?.bypassed, ["172.16.9.2"]);
    await resource.delete(id, silent, lab.context());
    assert.equal(lab.running, clean);
  });

  it("keeps the live watch up when an update is rolled back after its last command", async () => {
    const { device } = lab.router;
    const clean = lab.running;
    const { id, state } = await resource.create(await lab.inputsWith({ failMode: "open" }, BYPASS), lab.context());
    const watched = lab.running;
    const slower = { bypass: "when-sps-silent", watchdog: { ...WATCHDOG, missedProbes: 3 } };
    const inputs = await lab.inputsWith({ failMode: "open" }, slower);
    device.faultFor = (command) => (command === "end" ? { prints: "% Error" } : undefined);
    const update = async () => await failureOf(resource.update(id, state, inputs, lab.context()));
    const failure = lab.whileConnecting(async () => {
      const failed = await update();
      device.faultFor = () => undefined;
      return failed;
    });
    const { code, isPartial } = await failure;
    assert.deepEqual([code, isPartial, lab.running], ["SG3301", false, watched]);
    assert.deepEqual([device.monitor.isUp(400), device.monitor.changesOf(400)], [true, 1]);
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, clean);
  });

  it("drops traffic while SPS is silent with failMode closed, and says what it could not prove", async () => {
    const clean = lab.running;
    lab.router.device.spelling = "ios";
    await lab.network?.setRelayServing(false);
    const inputs = await lab.inputs({ ciscoIos: { trackSps: true }, watchdog: { ...WATCHDOG, intervalSeconds: 1 } });
    assert.match(
      rulesOf(inputs, ciscoIos)[2] ?? "",
      /verify-availability .* track SPS-172.16.9.2, set interface Null0$/,
    );
    const required = { ...inputs, probe: { ...inputs.probe, path: "required" as const } };
    const { code, message } = await failureOf(resource.create(required, lab.context()));
    assert.equal(code, "SG3306", message);
    assert.match(message, /SPS 172\.16\.9\.2 does not answer: traffic of redirection rdp is dropped until track 400/);
    const { id, state } = await resource.create(inputs, lab.context());
    assert.deepEqual([state.ciscoIosStatus?.watches[0]?.state, state.ciscoIosStatus?.bypassed], ["down", []]);
    assert.match(state.confirmedUnproven?.join() ?? "", /is dropped until track 400 is up/);
    assert.equal(await lab.seenAs(3389, 0.5), "ETIMEDOUT");
    await lab.network?.setRelayServing(true);
    await awaitSeen("sps");
    await resource.delete(id, state, lab.context());
    lab.router.device.spelling = "ios-xe";
    assert.equal(lab.running, clean);
  });
});
