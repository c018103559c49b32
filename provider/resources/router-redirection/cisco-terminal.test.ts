import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { CiscoLab, failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

/** A stream that writes in small pieces, one after the other. */
function slowed(stream: Duplex): Duplex {
  const slow = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      const write = (from: number): void => {
        stream.write(chunk.subarray(from, from + 40));
        setImmediate(() => (from + 40 < chunk.length ? write(from + 40) : done()));
      };
      write(0);
    },
    final(done) {
      stream.end();
      done();
    },
    destroy(error, done) {
      stream.destroy();
      done(error);
    },
  });
  stream.on("data", (data: Buffer) => slow.push(data));
  stream.on("end", () => slow.push(null));
  stream.on("close", () => slow.destroy());
  return slow;
}

describe("RouterRedirection on a Cisco router: terminals", function () {
  this.timeout(60_000);
  let lab: CiscoLab;

  const start = async (options: Parameters<typeof CiscoLab.start>[2] = {}) => {
    lab = await CiscoLab.start("cisco-terminal", false, options);
    return lab.router.device;
  };
  afterEach(async () => {
    await lab.stop();
  });

  for (const spelling of ["ios", "ios-xe"] as const) {
    it(`works on a slow, narrow terminal with log lines before every answer (${spelling})`, async () => {
      const device = await start({ spelling, needsEnable: true });
      device.terminalOf = slowed;
      device.logLine = "*Jan  5 10:00:00.123: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (10.0.0.9)";
      // The width of the terminal stays, so that echoes wrap.
      device.faultFor = (command) =>
        command.startsWith("terminal width") ? { prints: "% Invalid input detected at '^' marker." } : undefined;
      const clean = lab.running;
      const cidrs = Array.from({ length: 30 }, (_, index) => `10.${index + 1}.0.0/24`);
      const inputs = await lab.inputsWith({ serverCidrs: cidrs, failMode: "open" }, { bypass: "when-sps-silent" });
      const { id, state } = await resource.create(inputs, lab.context("r".repeat(150)));
      assert.equal(state.rules.length, 32);
      assert.deepEqual((await resource.read(id, state, lab.context()))?.state.rules, state.rules);
      const fewer = await lab.inputsWith({ serverCidrs: cidrs.slice(3) }, { persist: true });
      const updated = await resource.update(id, state, fewer, lab.context());
      assert.equal(updated.state.rules.length, 29);
      await resource.delete(id, updated.state, lab.context());
      assert.deepEqual([lab.running, lab.startup], [clean, clean]);
    });
  }

  it("waits for a configuration lock that ends, and changes nothing under one that stays", async () => {
    const device = await start();
    const clean = lab.running;
    device.lockedBy = { process: 3, user: "other", terminal: 1 };
    let attempts = 0;
    device.faultFor = (command) => {
      if (command.startsWith("configure terminal")) attempts += 1;
      if (attempts === 2) device.lockedBy = undefined;
      return undefined;
    };
    const { state } = await resource.create(await lab.inputs(), lab.context());
    assert.ok(lab.log.all.some((line) => line.includes("waiting for the lock of the configuration")));
    assert.equal(attempts, 2);
    await resource.delete("", state, lab.context());
    assert.equal(lab.running, clean);
  });

  it("needs privilege level 15, and reads nothing without it", async () => {
    const device = await start();
    device.faultFor = (command) =>
      command === "show privilege" ? { prints: "Current privilege level is 7" } : undefined;
    const { code, message } = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.equal(code, "SG3006");
    assert.match(message, /log in: the user has privilege level 7 and needs 15; log in as a user with/);
    assert.ok(!device.commands.includes("show running-config"));
  });

  it("refuses in the preview what the device does not support", async () => {
    const device = await start();
    const version =
      "Cisco IOS Software, Version 15.2(7)E\ncisco WS-C3560CX-8PC-S (APM86XXX) processor with 524288K bytes of memory.";
    device.faultFor = (command) => {
      if (command === "show version") return { prints: version };
      return command === "show ip sla application" ? { prints: "% Invalid input detected at '^' marker." } : undefined;
    };
    const previewed = async (redirection: object, more: object = {}) => {
      const inputs = await lab.inputsWith({ ...redirection }, { ...more });
      const { failures } = await resource.preview(undefined, { ...inputs, preview: "always" }, lab.context());
      return failures.map(({ code, reason }) => `${code} ${reason.replace(/^router \S+ check the router: /, "")}`);
    };
    assert.deepEqual(await previewed({}), [
      "SG3101 a WS-C3560CX-8PC-S does not support `set interface Null0`, which drops traffic with failMode closed; set failMode to open [SG3101]",
    ]);
    assert.deepEqual(await previewed({ failMode: "open" }), []);
    assert.deepEqual(await previewed({ failMode: "open" }, { bypass: "when-sps-silent" }), [
      "SG3101 the router does not know `ip sla`, which watches SPS; set bypass to never and ciscoIos.trackSps to false [SG3101]",
    ]);
    const { code } = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.deepEqual([code, device.commands.filter((line) => line.startsWith("configure"))], ["SG3101", []]);
  });
});
