import assert from "node:assert/strict";
import { CiscoLab, failureOf } from "./cisco-lab.test";
import { ENDS } from "./firewall-ends.test";
import { routerRedirection as resource } from "./operations";

const SERVER = "10.0.0.5";
const OPEN = 3389;
const CLOSED = 9;

/** On the vty lines: the router then opens no connections. */
const NO_CONNECTIONS = "transport output none";

describe("RouterRedirection on a Cisco router: probes of ports", function () {
  this.timeout(60_000);
  let lab: CiscoLab;
  let clean: string;
  let connectWhen: Promise<void> | undefined;

  before(async () => {
    lab = await CiscoLab.start("cisco-probes", true);
    clean = lab.running;
    const { effects } = lab.router.device;
    const { openTcp } = effects;
    effects.openTcp = async (...parts) => {
      await connectWhen;
      return await openTcp(...parts);
    };
  });
  beforeEach(() => {
    lab.log.clear();
    lab.router.device.commands.length = 0;
  });
  afterEach(async () => {
    lab.router.device.faultFor = () => undefined;
    connectWhen = undefined;
    permitConnections(true);
    await onServer("iptables -F INPUT");
  });
  after(async () => {
    await lab.stop();
  });

  async function onServer(script: string): Promise<void> {
    const ended = await lab.network?.exec("server", ["sh", "-c", script]);
    assert.equal(ended?.status, 0, ended?.stderr);
  }

  function permitConnections(isPermitted: boolean): void {
    const [vty] = lab.router.device.running.lines;
    assert.ok(vty);
    vty.settings = vty.settings.filter((one) => one !== NO_CONNECTIONS);
    if (!isPermitted) vty.settings.push(NO_CONNECTIONS);
  }

  /** Something that happens once the change has begun. */
  function duringTheChange(happens: () => Promise<void> | undefined): void {
    lab.router.device.faultFor = (command) => {
      if (command === "end") connectWhen ??= happens();
      return undefined;
    };
  }

  const create = async (port = OPEN) => {
    const inputs = await lab.inputs({ probe: { hosts: [{ address: SERVER, port }] } });
    return await resource.create(inputs, lab.context());
  };
  const telnets = () => lab.router.device.commands.filter((line) => /^(telnet|disconnect)\b/.test(line));
  const warningsOf = (port: number) => lab.log.of("warn").filter((text) => text.includes(`port ${port}`));

  it("opens a port before and after the change, and closes each connection", async () => {
    const { state } = await create();
    assert.deepEqual(telnets(), [`telnet ${SERVER} ${OPEN}`, "disconnect", `telnet ${SERVER} ${OPEN}`, "disconnect"]);
    assert.deepEqual(warningsOf(OPEN), []);
    await resource.delete("", state, lab.context());
    assert.equal(lab.running, clean);
  });

  it("warns of a port that was closed before, and does not ask for it afterwards", async () => {
    const { state } = await create(CLOSED);
    assert.deepEqual(telnets(), [`telnet ${SERVER} ${CLOSED}`]);
    const [warning = "", ...more] = warningsOf(CLOSED);
    assert.match(
      warning,
      /^router \S+: host 10\.0\.0\.5 port 9 did not answer before the changes either: the connection was refused$/,
    );
    assert.deepEqual(more, []);
    await onServer(`iptables -I INPUT -p tcp --dport ${CLOSED} -j DROP`);
    await resource.delete("", state, lab.context());
    assert.equal(warningsOf(CLOSED).filter((text) => text.endsWith("either: no answer came")).length, 1);
    assert.equal(lab.running, clean);
  });

  for (const [title, { target, detail }] of Object.entries(ENDS))
    it(`rolls back when connections to an open port are ${title} after the change`, async () => {
      duringTheChange(() => onServer(`iptables -I INPUT -p tcp --dport ${OPEN} -j ${target}`));
      const failure = await failureOf(create());
      assert.deepEqual([failure.code, failure.isPartial, lab.running], ["SG3306", false, clean]);
      assert.ok(
        failure.message.includes(
          `confirm the changes: host ${SERVER} port ${OPEN} does not answer any more: ${detail}`,
        ),
        failure.message,
      );
    });

  it("warns that a port is not checked when the router opens no connections", async () => {
    permitConnections(false);
    const { state } = await create();
    const [warning = "", ...more] = warningsOf(OPEN);
    const words = "telnet connections not permitted from this terminal";
    assert.match(warning, /: host 10\.0\.0\.5 port 3389 is not checked: the router answered `telnet` with /);
    assert.ok(warning.endsWith(`"${words}"`), warning);
    assert.deepEqual(more, []);
    await resource.delete("", state, lab.context());
  });

  it("rolls back when the router opens no connections any more", async () => {
    duringTheChange(() => {
      permitConnections(false);
      return undefined;
    });
    const failure = await failureOf(create());
    assert.deepEqual([failure.code, failure.isPartial], ["SG3306", false]);
    assert.match(
      failure.message,
      /host 10\.0\.0\.5 port 3389 cannot be checked any more: the router answered `telnet`/,
    );
  });

  it("changes nothing when the session is lost while it probes, and confirms again when that comes later", async () => {
    const losing = (count: number) => {
      let left = count;
      lab.router.device.faultFor = (command) => {
        if (!command.startsWith("telnet")) return undefined;
        left -= 1;
        return left === 0 ? "drop-before" : undefined;
      };
    };
    losing(1);
    const failure = await failureOf(create());
    assert.deepEqual([failure.code, failure.isPartial, lab.running], ["SG3007", false, clean]);
    assert.deepEqual(
      lab.router.device.commands.filter((line) => line.startsWith("configure")),
      [],
    );
    losing(2);
    const { state } = await create();
    assert.equal(lab.router.device.pendingRollback, undefined);
    await resource.delete("", state, lab.context());
    assert.equal(lab.running, clean);
  });
});
