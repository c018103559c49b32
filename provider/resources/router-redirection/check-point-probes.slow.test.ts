import assert from "node:assert/strict";
import { CheckPointLab } from "./check-point-lab.test";
import { failureOf } from "./cisco-lab.test";
import { ENDS } from "./firewall-ends.test";
import { routerRedirection as resource } from "./operations";

const SERVER = "10.0.0.5";
const OPEN = 3389;
const CLOSED = 9;

const NO_SHELL =
  "Clish opens no TCP connections, and there is no shell: the login shell is Clish, and no router.expertPassword is set";

/** On the server: counts the connections that the gateway begins to a port. */
const COUNTED = `-s 10.0.0.1 -p tcp --dport ${OPEN} --syn`;

describe("RouterRedirection on a Check Point gateway: probes of ports", function () {
  this.timeout(60_000);
  let lab: CheckPointLab;
  let clean: string;
  let duringTheChange: (() => Promise<unknown>) | undefined;

  const start = async (hasBashLogin = false) => {
    lab = await CheckPointLab.start("gaia-probes", true, { hasBashLogin });
    clean = lab.running;
    const { effects } = lab.router.device;
    const { configurationChanged } = effects;
    effects.configurationChanged = async (configuration) => {
      const happens = duringTheChange;
      duringTheChange = undefined;
      await happens?.();
      await configurationChanged(configuration);
    };
  };

  async function onServer(script: string): Promise<string> {
    const ended = await lab.network?.exec("server", ["sh", "-c", script]);
    assert.equal(ended?.status, 0, ended?.stderr);
    return ended.stdout;
  }
  /** How many connections the gateway has begun while work was done. */
  const connectionsDuring = async (work: () => Promise<unknown>) => {
    await onServer(`iptables -I INPUT ${COUNTED}`);
    await work();
    const listed = await onServer("iptables -L INPUT 1 -v -x -n");
    await onServer(`iptables -D INPUT ${COUNTED}`);
    return Number(/^ *(\d+)/m.exec(listed.split("\n").slice(-2)[0] ?? "")?.[1]);
  };
  const inputsOf = async (port: number, connection: Record<string, unknown> = {}) => {
    const probe = { hosts: [{ address: SERVER }, { address: SERVER, port }] };
    return await lab.inputs({ probe, ...lab.withExpertPassword(connection) });
  };
  const create = async (port = OPEN) => await resource.create(await inputsOf(port), lab.context());
  const warningsOf = (port: number) => lab.log.of("warn").filter((text) => text.includes(`port ${port}`));
  const object = () => `router ${lab.router.server.address}:${lab.router.server.port}`;
  const leavesNothing = async () => {
    assert.deepEqual([lab.running, lab.saved], [clean, clean]);
    const left = await lab.network?.exec("router", ["sh", "-c", "ls -d /run/sps-redirect* 2>/dev/null"]);
    assert.equal(left?.stdout, "");
  };

  describe("with the password of expert mode", () => {
    before(() => start());
    beforeEach(() => lab.log.clear());
    afterEach(async () => {
      duringTheChange = undefined;
      await onServer("iptables -F INPUT");
    });
    after(async () => {
      await lab.stop();
    });

    it("opens a port before and after the change, also when it removes the redirection", async () => {
      let made: Awaited<ReturnType<typeof create>> | undefined;
      const created = await connectionsDuring(async () => {
        made = await create();
      });
      const removed = await connectionsDuring(() => resource.delete("", (made ?? assert.fail()).state, lab.context()));
      assert.deepEqual([created, removed, warningsOf(OPEN)], [2, 2, []]);
      await leavesNothing();
    });

    for (const [title, { target, detail }] of Object.entries(ENDS))
      it(`warns of a port whose connections were ${title} before, and makes the change`, async () => {
        await onServer(`iptables -I INPUT -p tcp --dport ${CLOSED} -j ${target}`);
        const { state } = await create(CLOSED);
        const warning = `${object()}: host ${SERVER} port ${CLOSED} did not answer before the changes either: ${detail}`;
        assert.deepEqual(warningsOf(CLOSED), [warning]);
        assert.equal(await lab.seenAs(), "sps");
        await resource.delete("", state, lab.context());
        await leavesNothing();
      });

    for (const [title, { target, detail }] of Object.entries(ENDS))
      it(`rolls back when connections to an open port are ${title} after the change`, async () => {
        duringTheChange = () => onServer(`iptables -I INPUT -p tcp --dport ${OPEN} -j ${target}`);
        const { code, isPartial, message } = await failureOf(create());
        assert.deepEqual([code, isPartial], ["SG3306", false]);
        const cause = `confirm the changes: host ${SERVER} port ${OPEN} does not answer any more: ${detail}`;
        assert.ok(message.includes(cause), message);
        await leavesNothing();
      });

    it("refuses the port without the password, in previews and in changes, and opens no connection", async () => {
      const inputs = await inputsOf(OPEN, { expertPassword: undefined });
      const refused = `${object()}: check the router: probe.hosts[1].port: ${NO_SHELL}; leave it out (the host is then pinged), set router.expertPassword, or log in as root with bash as login shell [SG3101]`;
      const tried = await connectionsDuring(async () => {
        const { failures } = await resource.preview(undefined, { ...inputs, preview: "always" }, lab.context());
        assert.deepEqual(
          failures.map(({ reason }) => reason),
          [refused],
        );
        const { code, message } = await failureOf(resource.create(inputs, lab.context()));
        assert.deepEqual([code, message], ["SG3101", refused]);
      });
      assert.equal(tried, 0);
      assert.equal(lab.router.device.lockHolder, undefined);
      await leavesNothing();
    });

    it("removes a redirection without the password, and warns of the port that it does not check", async () => {
      const { state } = await create();
      const { router, ...rest } = state;
      const { expertPassword: _expertPassword, ...connection } = router as typeof router & { expertPassword: string };
      await resource.delete("", { ...rest, router: connection }, lab.context());
      assert.deepEqual(warningsOf(OPEN), [`${object()}: host ${SERVER} port ${OPEN} is not checked: ${NO_SHELL}`]);
      await leavesNothing();
    });
  });

  describe("with bash as login shell", () => {
    before(() => start(true));
    after(async () => {
      await lab.stop();
    });

    it("needs no password", async () => {
      let made: Awaited<ReturnType<typeof create>> | undefined;
      const connections = await connectionsDuring(async () => {
        made = await resource.create(await inputsOf(OPEN, { expertPassword: undefined }), lab.context());
      });
      assert.deepEqual([connections, warningsOf(OPEN)], [2, []]);
      await resource.delete("", (made ?? assert.fail()).state, lab.context());
      await leavesNothing();
    });
  });
});
