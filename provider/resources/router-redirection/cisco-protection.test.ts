import assert from "node:assert/strict";
import { CiscoLab, failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

describe("RouterRedirection on a Cisco router: protection", function () {
  this.timeout(60_000);
  let lab: CiscoLab;

  const start = async (options: Parameters<typeof CiscoLab.start>[2] = {}) => {
    lab = await CiscoLab.start("cisco-protection", false, options);
    return lab.router.device;
  };
  afterEach(async () => {
    await lab.stop();
  });

  it("confirms again when the answer to the confirmation is lost", async () => {
    const device = await start();
    for (const fault of ["drop-after", "drop-before"] as const) {
      let isFirst = true;
      device.faultFor = (command) => {
        if (command !== "configure confirm" || !isFirst) return undefined;
        isFirst = false;
        return fault;
      };
      const { state } = await resource.create(await lab.inputs(), lab.context());
      assert.equal(device.pendingRollback, undefined);
      assert.equal(state.rules.length, 2);
      await resource.delete("", state, lab.context());
    }
  });

  it("rolls back over the old session when no new login works", async () => {
    const device = await start();
    const clean = lab.running;
    device.faultFor = (command) => {
      if (command === "end") device.isLoginPossible = false;
      return undefined;
    };
    const failure = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.deepEqual([failure.code, failure.isPartial, lab.running], ["SG3306", false, clean]);
    assert.match(failure.message, /confirm the changes: no new login after the changes: user admin was refused/);
  });

  it("waits for the router's own rollback when all sessions are cut off", async () => {
    const device = await start({ minuteMilliseconds: 1500 });
    const clean = lab.running;
    device.faultFor = (command) => {
      if (command !== "end" || lab.running === clean) return undefined;
      device.isLoginPossible = false;
      setTimeout(() => {
        device.isLoginPossible = true;
      }, 2000);
      return "drop-after";
    };
    const failure = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.deepEqual([failure.code, failure.isPartial, lab.running], ["SG3301", false, clean]);
    assert.match(failure.message, /the session was lost/);
  });

  it("finds the router as it was after a restart in the middle of a change", async () => {
    const device = await start();
    const clean = lab.running;
    device.faultFor = (command) => {
      if (command.startsWith("ip policy")) void device.reload();
      return undefined;
    };
    const failure = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.deepEqual([failure.code, failure.isPartial, lab.running], ["SG3301", false, clean]);
    device.faultFor = () => undefined;
    const { state } = await resource.create(await lab.inputs({ persist: true }), lab.context());
    await device.reload();
    assert.deepEqual((await resource.read("", state, lab.context()))?.state.rules, state.rules);
  });

  it("rolls back with inverse commands where the archive is off, and says so in the preview", async () => {
    const device = await start({ hasArchive: false });
    const clean = lab.running;
    const inputs = await lab.inputs();
    const preview = await resource.preview(undefined, { ...inputs, preview: "always" }, lab.context());
    assert.deepEqual(
      preview.notes
        .filter(({ severity }) => severity === "warning")
        .map(({ text }) => text.replace(/^router \S+ /, "")),
      [
        "redirection rdp also sends connections to the router's own address 10.0.0.1 to SPS",
        "the configuration archive of the router is off, so it has no revert timer: changes are rolled back only while this program runs and reaches the router; enter `archive` and `path flash:archive` on the router",
      ],
    );
    device.faultFor = (command) => (command.startsWith("ip policy") ? { prints: "% Error: no resources" } : undefined);
    const failure = await failureOf(resource.create(inputs, lab.context()));
    assert.deepEqual([failure.code, lab.running], ["SG3301", clean]);
    assert.match(
      failure.message,
      /attach route-map SPS-GigabitEthernet1 to interface GigabitEthernet1: `ip policy .*` was refused: % Error/,
    );
    device.faultFor = () => undefined;
    const { state } = await resource.create(inputs, lab.context());
    assert.equal(state.ciscoIosStatus?.protection, "provider");
  });

  it("does not undo an access list whose first line was refused, because another session may have made it", async () => {
    const device = await start({ hasArchive: false });
    const clean = lab.running;
    const both = [lab.redirection(), lab.redirection({ name: "ssh", serverCidrs: ["10.0.0.9/32"], ports: [8080] })];
    const inputs = await lab.inputs({ redirections: both });
    const lists: string[] = [];
    device.faultFor = (command) => {
      if (!command.startsWith("ip access-list")) return undefined;
      lists.push(command);
      return lists.length === 2 ? { prints: "% Error: no resources" } : undefined;
    };
    const commands = await lab.commandsDuring(async () => {
      const { code, isPartial } = await failureOf(resource.create(inputs, lab.context()));
      assert.deepEqual([code, isPartial, lab.running], ["SG3301", false, clean]);
    });
    assert.deepEqual([lists.length, commands.includes(`no ${lists[0]}`)], [2, true]);
    assert.ok(!commands.includes(`no ${lists[1]}`), commands.join("\n"));
  });

  it("schedules a reload where the archive is off and the program allows it, and cancels it", async () => {
    const device = await start({ hasArchive: false });
    const inputs = await lab.inputs({ ciscoIos: { reloadFallback: true }, commitConfirm: { windowSeconds: 90 } });
    const commands = await lab.commandsDuring(() => resource.create(inputs, lab.context()));
    assert.deepEqual(
      [commands[0], commands[1], commands.at(-1)],
      ["reload in 2", "configure terminal", "reload cancel"],
    );
    assert.equal(device.pendingReload, undefined);
    const second = await lab.inputsWith({ ports: [80] }, { ciscoIos: { reloadFallback: true } });
    device.faultFor = (command) => (command.startsWith("permit") ? "drop-before" : undefined);
    const before = lab.running;
    const failure = await failureOf(resource.create({ ...second, adopt: true }, lab.context()));
    assert.deepEqual([failure.code, lab.running, device.pendingReload], ["SG3301", before, undefined]);
  });

  it("refuses to work while another session locks the configuration or a rollback is pending", async () => {
    const device = await start();
    device.lockedBy = { process: 484, user: "NETCONF", terminal: 64 };
    const locked = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.equal(locked.code, "SG3010");
    assert.match(locked.message, /Configuration mode is locked by process '484' user 'NETCONF'/);
    device.lockedBy = undefined;
    device.armRollback(5, "admin");
    const pending = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.match(pending.message, /a rollback of earlier changes is pending already; .*\[SG3010\]$/);
  });

  it("enters privileged mode with the password of enable, which it never shows", async () => {
    const device = await start({ needsEnable: true });
    const inputs = await lab.inputs();
    const { state } = await resource.create(inputs, lab.context());
    assert.equal(state.rules.length, 2);
    const { enablePassword: _, ...router } = inputs.router as unknown as Record<string, unknown>;
    const without = await failureOf(resource.create({ ...inputs, router } as never, lab.context()));
    const wrong = await failureOf(
      resource.create({ ...inputs, router: { ...router, enablePassword: "not-this-one" } } as never, lab.context()),
    );
    assert.match(
      without.message,
      /log in: the user logs in without privileges, and no enablePassword is set; .*\[SG3006\]/,
    );
    assert.match(wrong.message, /log in: the router refused the password of `enable`; .*\[SG3006\]/);
    const shown = JSON.stringify([lab.log.all, device.commands, without, wrong]);
    for (const secret of [device.password, device.enablePassword ?? "", "not-this-one"])
      assert.ok(!shown.includes(secret));
  });

  it("enters level 15 from a level between with the password of enable, and says what is missing without it", async () => {
    const device = await start({ needsEnable: true, loginPrivilege: 7 });
    const inputs = await lab.inputs();
    const { state } = await resource.create(inputs, lab.context());
    assert.equal(state.rules.length, 2);
    const { enablePassword: _, ...router } = inputs.router as unknown as Record<string, unknown>;
    const failed = async (parts: object) =>
      (await failureOf(resource.create({ ...inputs, router: { ...router, ...parts } } as never, lab.context())))
        .message;
    assert.match(
      await failed({}),
      /log in: the user has privilege level 7 and needs 15; log in as a user with privilege level 15, or set router\.enablePassword \[SG3006\]$/,
    );
    assert.match(
      await failed({ enablePassword: "not-this-one" }),
      /the router refused the password of `enable`; .*, or correct router\.enablePassword \[SG3006\]$/,
    );
    Object.assign(device, { enablePassword: undefined });
    assert.match(
      await failed({ enablePassword: "not-this-one" }),
      /log in: `enable` printed "% No password set"; .*, or correct router\.enablePassword \[SG3006\]$/,
    );
  });

  it("rolls back when a host that answered before is lost, or SPS must answer and does not", async () => {
    const device = await start();
    const clean = lab.running;
    let isReachable = true;
    const { probe } = device.effects;
    device.effects.probe = async (sent) => (isReachable ? await probe(sent) : { kind: "lost" });
    device.faultFor = (command) => {
      if (command === "end") isReachable = false;
      return undefined;
    };
    const hosts = await lab.inputs({ probe: { hosts: [{ address: "172.31.255.2" }] } });
    const lost = await failureOf(resource.create(hosts, lab.context()));
    assert.match(lost.message, /confirm the changes: host 172\.31\.255\.2 does not answer any more; .*\[SG3306\]/);
    const required = await failureOf(resource.create(await lab.inputs({ probe: { path: "required" } }), lab.context()));
    assert.match(required.message, /confirm the changes: SPS 172\.16\.9\.2 does not answer a ping; .*\[SG3306\]/);
    assert.equal(lab.running, clean);
    const { state } = await resource.create(await lab.inputs(), lab.context());
    assert.deepEqual(state.confirmedUnproven, ["SPS 172.16.9.2 does not answer a ping"]);
  });

  it("shares an interface between two resources, and removes only its own part", async () => {
    await start({ spelling: "ios" });
    const clean = lab.running;
    const first = await resource.create(await lab.inputs(), lab.context("first"));
    const only = lab.running;
    const taken = await failureOf(resource.create(await lab.inputsWith({ ports: [80] }), lab.context("second")));
    assert.match(
      taken.message,
      /redirection rdp exists and belongs to resource first of stack tests\/lab; .*\[SG3201\]/,
    );
    const web = await lab.inputsWith({ name: "web", ports: [80] });
    const second = await resource.create(web, lab.context("second"));
    assert.deepEqual(
      second.state.rules.map((line) => line.split(":")[0]),
      ["ip access-list extended SPS-web-IN", "interface GigabitEthernet1"],
    );
    await resource.delete(second.id, second.state, lab.context("second"));
    assert.equal(lab.running, only);
    await resource.delete(first.id, first.state, lab.context("first"));
    assert.equal(lab.running, clean);
  });

  it("reports every refusal of a router at once, and changes made by hand as drift", async () => {
    const device = await start();
    const wrong = { clientInterfaces: ["GigabitEthernet9"], spsAddress: "172.16.8.2", ports: [22] };
    const bad = { ...(await lab.inputsWith(wrong)), preview: "always" as const };
    const refused = await resource.preview(undefined, bad, lab.context());
    assert.deepEqual(
      refused.failures.map(({ code }) => code),
      ["SG3103", "SG3106", "SG3112"],
    );
    const inputs = await lab.inputs();
    const { id, state } = await resource.create(inputs, lab.context());
    const [sequence] = device.running.sequences;
    assert.ok(sequence);
    sequence.nextHops.push("172.16.9.7");
    const read = await resource.read(id, state, lab.context());
    assert.match(read?.state.rules[1] ?? "", /set ip next-hop 172\.16\.9\.2 172\.16\.9\.7, set interface Null0$/);
    const paths = resource.diff(id, read?.state ?? state, inputs).map(({ path }) => path);
    assert.deepEqual(paths, ["rules[1]"]);
    const repaired = await resource.update(id, read?.state ?? state, inputs, lab.context());
    assert.deepEqual(repaired.state.rules, state.rules);
  });

  it("adopts a redirection of another resource without a gap", async () => {
    await start();
    await resource.create(await lab.inputs(), lab.context("first"));
    const inputs = await lab.inputsWith({ ports: [3389, 3390] }, { adopt: true });
    const commands = await lab.commandsDuring(() => resource.create(inputs, lab.context("second")));
    assert.deepEqual(commands.slice(-8), [
      "match ip address SPS-rdp-IN-2",
      "exit",
      "route-map SPS-GigabitEthernet1 permit 10",
      "no match ip address SPS-rdp-IN",
      "exit",
      "no ip access-list extended SPS-rdp-IN",
      "end",
      "configure confirm",
    ]);
  });

  it("says what the router did not save", async () => {
    const device = await start();
    device.faultFor = (command) =>
      command === "write memory" ? { prints: "startup-config file open failed (Not enough space)" } : undefined;
    const failure = await failureOf(resource.create(await lab.inputs({ persist: true }), lab.context()));
    assert.deepEqual([failure.code, failure.isPartial], ["SG3309", true]);
    assert.match(failure.message, /save the configuration: `write memory` printed "startup-config file open failed/);
    assert.equal(device.running.sequences.length, 1, "the redirection works");
  });
});
