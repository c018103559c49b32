import assert from "node:assert/strict";
import { CheckPointLab } from "./check-point-lab.test";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

const PRIORITY = "set pbr rule priority";

describe("RouterRedirection on a Check Point gateway: protection", function () {
  this.timeout(60_000);
  let lab: CheckPointLab;

  const start = async (options = {}) => {
    lab = await CheckPointLab.start("gaia-protection", false, options);
  };
  afterEach(async () => {
    await lab.stop();
  });

  const create = async (parts = {}) => await resource.create(await lab.inputs(parts), lab.context());
  const refusalOf = async (redirection: Record<string, unknown>, parts = {}) => {
    const { code, message } = await failureOf(resource.create(await lab.inputsWith(redirection, parts), lab.context()));
    return `${code} ${/check the router: (.*?);/.exec(message)?.[1] ?? message}`;
  };
  const notesOf = async (parts: Record<string, unknown> = {}) => {
    const inputs = await lab.inputs({ preview: "always", ...parts });
    const { notes } = await resource.preview(undefined, inputs, lab.context());
    const { address, port } = lab.router.server;
    return notes.map(({ text }) => text.replace(`router ${address}:${port}: `, ""));
  };

  it("counts a rollback as complete although others changed the configuration meanwhile", async () => {
    await start();
    lab.router.device.faultFor = (command) => {
      if (!command.includes("1000 match protocol")) return undefined;
      lab.router.device.faultFor = () => undefined;
      void lab.enter("set pbr table Other static-route default nexthop reject");
      return { prints: "CLINFR0329  Invalid command:'set'." };
    };
    const { code, isPartial } = await failureOf(create());
    assert.deepEqual([code, isPartial], ["SG3301", false]);
    assert.match(lab.running, /^set pbr table Other /m);
    assert.doesNotMatch(lab.running, /SPSrdp| 1000 /);
  });

  it("says at preview what would change, what it cannot see and who rolls back, and changes nothing", async () => {
    await start();
    const before = lab.running;
    const notes = await notesOf({
      redirections: [lab.redirection({ serverCidrs: ["10.0.0.5/32"], failMode: "open" })],
    });
    assert.deepEqual(
      notes.map((text) => text.replace(/SPSrdpO[0-9a-f]*U[0-9a-f]{16}N1/g, "TABLE")),
      [
        "redirection rdp takes traffic from PBR rule 4000, because its rules are evaluated first",
        "anti-spoofing of interface eth3 cannot be read here: it drops the answers of SPS, which have the addresses of servers, unless the topology of this interface in SmartConsole contains them",
        "the access policy cannot be read here: it must accept clients to servers, and SPS to servers, on the ports of the redirections",
        "interface eth1 (192.168.50.1/24) exists",
        "interface eth3 (172.16.9.1/24) exists",
        "only this program rolls back unconfirmed changes, while it runs and reaches the gateway: the login shell is Clish, and no router.expertPassword is set",
        "would create PBR table TABLE for redirection rdp: default gateway address 172.16.9.2 on",
        "would add PBR rule 1000: from 192.168.50.0/24 to 10.0.0.5/32 on interface eth1, tcp 3389, table TABLE",
        "SPS 172.16.9.2 answers",
      ],
    );
    assert.equal(lab.running, before);
    assert.equal(lab.router.device.lockHolder, undefined);
  });

  it("refuses at check what PBR cannot do, with the reason", async () => {
    await start();
    const refusals = (parts: Record<string, unknown>) =>
      resource.check(lab.raw(parts), lab.context()).failures.map(({ reason }) => reason);
    const ofRedirection = (parts: Record<string, unknown>) => refusals({ redirections: [lab.redirection(parts)] });
    assert.deepEqual(ofRedirection({ addressMode: "client", serverInterfaces: ["eth2"] }), [
      "redirections[0].addressMode: platform check-point does not support client; set it to own",
    ]);
    assert.deepEqual(ofRedirection({ existingConnections: "leave" }), [
      "redirections[0].existingConnections: PBR rules of platform check-point also apply to existing connections; set it to cut",
    ]);
    assert.deepEqual(ofRedirection({ ports: ["1000-1999"] }), [
      "redirections: they need 1000 PBR rules, one for each interface, network and port, and checkPoint.firstPriority to lastPriority have room for 500; use fewer or larger networks, fewer ports, or a larger range of priorities",
    ]);
    assert.deepEqual(refusals({ checkPoint: { firstPriority: 2000 } }), [
      "checkPoint.lastPriority: 1999 is not above firstPriority 2000; set it to a higher number",
    ]);
    assert.deepEqual(refusals({ probe: { traffic: "required" }, commitConfirm: {} }), [
      "probe.traffic: Clish shows no connections, so client traffic proves nothing; set it to whenPossible",
    ]);
    assert.deepEqual(ofRedirection({ spsInterface: "towards:10.0.0.0/24" }), [
      'Invalid value for redirections[0].spsInterface: towards:10.0.0.0/24. Allowed values are: the name of an interface, such as eth1 or bond0.100, "address:10.0.0.1" for the one with that address.',
    ]);
  });

  it("refuses what would not work or would break something, before it changes anything", async () => {
    await start();
    const { device } = lab.router;
    const before = lab.running;
    assert.equal(await refusalOf({ clientInterfaces: ["eth9"] }), "SG3103 interface eth9 does not exist");
    assert.equal(
      await refusalOf({ spsAddress: "172.16.8.2" }),
      "SG3106 spsAddress 172.16.8.2 is in no network of interface eth3 (172.16.9.1/24)",
    );
    assert.equal(
      await refusalOf({ spsAddress: "172.16.9.1" }),
      "SG3107 spsAddress 172.16.9.1 is the address of interface eth3",
    );
    assert.equal(
      await refusalOf({ ports: [443] }),
      "SG3112 redirection rdp may also send connections to SSH or the Gaia Portal at the router's own address 10.0.0.1 to SPS",
    );
    assert.equal(
      await refusalOf({ clientInterfaces: ["address:172.16.9.1"] }),
      "SG3103 redirection rdp.clientInterfaces: eth3 is also spsInterface",
    );
    const [first] = device.running.interfaces;
    assert.ok(first);
    first.isOn = false;
    assert.equal(await refusalOf({}), "SG3104 interface eth1 is turned off");
    first.isOn = true;
    assert.equal(lab.running, before);
  });

  it("refuses the ports of the login and of the Gaia Portal at its own addresses", async () => {
    await start();
    const { device, server } = lab.router;
    const refused =
      "SG3112 redirection rdp may also send connections to SSH or the Gaia Portal at the router's own address 10.0.0.1 to SPS";
    assert.equal(await refusalOf({ ports: [server.port] }), refused);
    const { id, state } = await resource.create(await lab.inputsWith({ ports: [4434] }), lab.context());
    await resource.delete(id, state, lab.context());
    device.running.others.push("set web ssl-port 4434");
    assert.equal(await refusalOf({ ports: [4434] }), refused);
  });

  it("does not take a configuration that cannot be shown for one without redirections", async () => {
    await start();
    const { device } = lab.router;
    const { id, state } = await create();
    const redirected = lab.running;
    device.faultFor = (command) => (command === "show configuration" ? { prints: "" } : undefined);
    for (const work of [
      () => resource.read(id, state, lab.context()),
      () => resource.delete(id, state, lab.context()),
      () => create(),
    ]) {
      const { code, message } = await failureOf(work());
      assert.equal(code, "SG3102");
      assert.match(message, /: read the router: `show configuration` shows no interface; /);
    }
    assert.equal(lab.running, redirected);
  });

  it("removes a redirection from the saved configuration too when others have saved it", async () => {
    await start();
    const clean = lab.saved;
    const { device } = lab.router;
    const { id, state } = await create({ persist: false });
    assert.equal(lab.saved, clean);
    device.save();
    await resource.delete(id, state, lab.context());
    assert.deepEqual([lab.running, lab.saved], [clean, clean]);
    await device.reboot();
    assert.equal(lab.running, clean);
  });

  it("saves nothing with a removal while the configuration has changes of others that are not saved", async () => {
    await start();
    const { id, state } = await create({ persist: false });
    lab.router.device.save();
    const saved = lab.saved;
    await lab.enter("set pbr table Other static-route default nexthop reject");
    await resource.delete(id, state, lab.context());
    assert.equal(lab.saved, saved);
    assert.match(
      lab.log.of("warn").join("\n"),
      /: the saved configuration may still contain redirections that a restart brings back; enter `save config`/,
    );
  });

  it("refuses versions whose rules match no ports, and virtual systems", async () => {
    await start({ version: "R77.20" });
    assert.equal(await refusalOf({}), "SG3101 PBR rules of Gaia R77.20 match no ports");
    await lab.stop();
    await start({ virtualSystems: ["vs-1"] });
    assert.equal(await refusalOf({}), "SG3101 it has virtual systems, which this platform cannot select");
  });

  it("warns that each member of a cluster is a router of its own", async () => {
    await start({ clusterMembers: ["gw-1", "gw-2"] });
    const notes = await notesOf();
    assert.ok(
      notes.includes(
        "it is a member of a cluster, and PBR is set on each member; declare the same redirections for every member",
      ),
    );
    assert.equal((await create()).state.checkPointStatus?.isClusterMember, true);
  });

  it("warns once that traffic goes direct after a removal, and claims nothing about SPS then", async () => {
    await start();
    const { id, state } = await create();
    lab.log.clear();
    await resource.delete(id, state, lab.context());
    const removed = lab.log.all.filter((line) => line.includes("redirection rdp removed: new connections go direct"));
    assert.equal(removed.length, 1);
    assert.ok(lab.log.all.some((line) => line.endsWith("the configuration reads back as planned")));
    assert.ok(!lab.log.all.some((line) => line.includes("that clients reach SPS")));
    lab.log.clear();
    await resource.delete(id, state, lab.context());
    assert.ok(!lab.log.all.some((line) => line.includes("removed")));
    assert.ok(lab.log.all.some((line) => line.endsWith("no part of redirection rdp was left")));
  });

  it("undoes a rule of which only the first line was refused", async () => {
    await start();
    const before = lab.running;
    const { device } = lab.router;
    device.faultFor = (command) => {
      if (!command.includes("priority 1000 match from")) return undefined;
      device.faultFor = () => undefined;
      return { prints: "CLINFR0329  Invalid command:'set'." };
    };
    const first = device.commands.length;
    const { code } = await failureOf(create());
    assert.deepEqual([code, lab.running], ["SG3301", before]);
    const entered = device.commands.slice(first);
    assert.ok(entered.includes("set pbr rule priority 1000 match protocol tcp"), "it was sent behind the refused line");
    assert.ok(entered.includes("set pbr rule priority 1000 off"));
  });

  it("refuses a change while another session holds the lock, and takes the lock when it may", async () => {
    await start();
    const { device } = lab.router;
    const other = { user: "webadmin" };
    device.lockHolder = other;
    const before = lab.running;
    assert.equal((await notesOf()).at(-1), "SPS 172.16.9.2 answers", "reading needs no lock");
    const { code, message } = await failureOf(create());
    assert.equal(code, "SG3010");
    assert.match(
      message,
      /: CLINFR0771 +Config lock is owned by webadmin; wait for the other session to end, or set checkPoint\.overrideLock to true/,
    );
    assert.deepEqual([device.lockHolder, lab.running], [other, before]);
    await create({ checkPoint: { overrideLock: true } });
    assert.equal(device.running.rules.length, 3);
  });

  it("names who holds the lock also where a refusal does not", async () => {
    await start({ namesLockHolder: false });
    const { device } = lab.router;
    device.lockHolder = { user: "webadmin" };
    const { code, message } = await failureOf(create());
    assert.equal(code, "SG3010");
    assert.match(message, /lock the configuration: CLINFR0771 +Config lock is owned by webadmin; wait for the other/);
    assert.ok(!message.includes("lock database override"), message);
  });

  it("waits a little for the lock, and plans anew with what the other session has changed", async () => {
    await start();
    const { device } = lab.router;
    device.lockHolder = { user: "webadmin" };
    const inputs = await lab.inputs();
    device.faultFor = (command) => {
      if (command !== "set config-lock on") return undefined;
      device.lockHolder = undefined;
      device.running.rules.push({ priority: 1000, match: { to: "10.9.0.0/16" }, action: "main-table" });
      device.faultFor = () => undefined;
      return undefined;
    };
    const { state } = await resource.create(inputs, lab.context());
    assert.deepEqual(
      state.checkPointStatus?.rules.map(({ priority }) => priority),
      [1001, 1500],
    );
  });

  it("works with each spelling of rules, double echoes and locks that outlive their sessions", async () => {
    for (const options of [{ matchLines: "single" }, { echoesTwice: true }, { keepsLockOfLostSession: true }]) {
      await start(options);
      const before = lab.running;
      const { id, state } = await create();
      const inputs = await lab.inputsWith({ ports: [22], serverCidrs: ["10.0.0.5/32"] });
      const updated = await resource.update(id, state, inputs, lab.context());
      assert.equal(updated.state.rules.length, 1);
      await resource.delete(id, updated.state, lab.context());
      assert.equal(lab.running, before);
      await lab.stop();
    }
    await start();
  });

  it("takes over what was typed by hand after the guide, without a trace of it", async () => {
    await start();
    const before = lab.running;
    await lab.enter(
      "set pbr table SPS static-route default nexthop gateway address 172.16.9.2 on",
      `${PRIORITY} 100 match from 192.168.50.0/24 to 10.0.0.0/24 interface eth1`,
      `${PRIORITY} 100 match protocol tcp`,
      `${PRIORITY} 100 match port 3389`,
      `${PRIORITY} 100 action table SPS`,
    );
    assert.equal(await refusalOf({}), "SG3205 PBR rule 100 already sends traffic of redirection rdp to SPS");
    const { id, state } = await create({ adopt: true });
    assert.ok(!lab.running.includes("table SPS ") && !lab.running.includes("priority 100 "), lab.running);
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, before);
  });

  it("does not touch rules of others, and says which of them decide before its own", async () => {
    await start();
    await lab.enter(
      "set pbr table Direct static-route default nexthop gateway address 10.0.0.6 on",
      `${PRIORITY} 50 match to 10.0.0.5/32 interface eth1`,
      `${PRIORITY} 50 action table Direct`,
    );
    const before = lab.running;
    const warning = "PBR rule 50 takes traffic from redirection rdp, because its priority is lower than 1000";
    assert.ok((await notesOf()).includes(warning));
    const { id, state } = await create();
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, before);
  });

  it("refuses the redirections of another resource until it may adopt them", async () => {
    await start();
    await create();
    const inputs = await lab.inputsWith({ failMode: "open" });
    const { code, message } = await failureOf(resource.create(inputs, lab.context("other")));
    assert.equal(code, "SG3201");
    assert.match(message, /redirection rdp exists and belongs to resource \(id [0-9a-f]{12}\) of stack tests\/lab/);
    const { state } = await resource.create(await lab.inputs({ adopt: true }), lab.context("other"));
    assert.deepEqual(
      state.checkPointStatus?.rules.map(({ table }) => table.includes(state.ownerId)),
      [true, true],
    );
  });

  it("refuses a change when no priority is free", async () => {
    await start();
    const { state, id } = await create({ checkPoint: { firstPriority: 10, lastPriority: 11 } });
    const inputs = await lab.inputsWith(
      { ports: [22], serverCidrs: ["10.0.0.5/32"] },
      {
        checkPoint: { firstPriority: 10, lastPriority: 11 },
      },
    );
    const { code, message } = await failureOf(resource.update(id, state, inputs, lab.context()));
    assert.deepEqual(
      [code, /check the router: (.*?);/.exec(message)?.[1]],
      ["SG3202", "all priorities from 10 to 10 are in use"],
    );
  });

  it("rolls back when the new login fails, when SPS must answer and does not, or when it is cancelled", async () => {
    await start();
    const { device } = lab.router;
    const before = lab.running;
    device.faultFor = (command) => {
      if (command.includes("1500 action")) device.isLoginPossible = false;
      return undefined;
    };
    const cut = await failureOf(create());
    assert.deepEqual([cut.code, cut.isPartial, lab.running], ["SG3306", false, before]);
    assert.match(cut.message, /no new login after the changes/);
    device.isLoginPossible = true;
    device.faultFor = () => undefined;
    const { probe } = device.effects;
    device.effects.probe = async () => ({ kind: "lost" });
    const silent = await failureOf(create({ probe: { path: "required" } }));
    assert.deepEqual([silent.code, lab.running], ["SG3306", before]);
    device.effects.probe = probe;
    const controller = new AbortController();
    device.faultFor = (command) => {
      if (command.includes("1000 action")) controller.abort(new Error("cancelled"));
      return undefined;
    };
    const inputs = await lab.inputs();
    const cancelled = await failureOf(resource.create(inputs, { ...lab.context(), signal: controller.signal }));
    assert.deepEqual([cancelled.code, cancelled.isPartial, lab.running], ["SG3301", false, before]);
  });

  it("says that a restart would lose what could not be saved, and saves it in the next run", async () => {
    await start();
    const { device } = lab.router;
    device.faultFor = (command) =>
      command === "save config"
        ? { prints: "CLINFR0519  Configuration lock present. Can not execute this command." }
        : undefined;
    const inputs = await lab.inputs({ persist: true });
    const { code, isPartial } = await failureOf(resource.create(inputs, lab.context()));
    assert.deepEqual([code, isPartial], ["SG3309", true]);
    assert.equal(device.running.rules.length, 3);
    device.faultFor = () => undefined;
    const commands = await lab.commandsDuring(() => resource.create(inputs, lab.context()));
    assert.equal(commands.at(-1), "save config");
    assert.equal(lab.saved, lab.running);
  });
});
