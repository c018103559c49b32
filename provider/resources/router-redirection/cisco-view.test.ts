import assert from "node:assert/strict";
import { CiscoLab, failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

/** What a view without access lists and route-maps shows: a whole configuration all the same. */
const FILTERED = `Building configuration...

Current configuration : 212 bytes
!
version 17.9
hostname edge-1
interface GigabitEthernet1
 ip address 192.168.50.1 255.255.255.0
interface GigabitEthernet3
 ip address 172.16.9.1 255.255.255.0
end
`;
const REFUSED = "% Invalid input detected at '^' marker.";

describe("RouterRedirection on a Cisco router: what the user may see", function () {
  this.timeout(60_000);
  let lab: CiscoLab;

  const answering = (answers: Record<string, string>) => {
    lab.router.device.faultFor = (command) => {
      const prints = answers[command];
      return prints === undefined ? undefined : { prints };
    };
  };
  beforeEach(async () => {
    lab = await CiscoLab.start("cisco-view", false);
  });
  afterEach(async () => {
    await lab.stop();
  });

  it("does not take a redirection for gone that a CLI view hides", async () => {
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    const views: Record<string, string>[] = [
      { "show privilege": "Currently in View Context with view 'NETOPS'" },
      { "show privilege": "Currently in View Context with view 'NETOPS'\nCurrent privilege level is 15" },
      { "show privilege": REFUSED, "show parser view": "Current view is 'NETOPS'" },
    ];
    for (const answers of views) {
      answering({ ...answers, "show running-config": FILTERED });
      for (const work of [
        resource.read(id, state, lab.context()),
        resource.delete(id, state, lab.context()),
        resource.create(await lab.inputs(), lab.context()),
      ]) {
        const { message } = await failureOf(work);
        assert.match(
          message,
          /^router \S+: log in: the user is in CLI view NETOPS, which may hide parts of the configuration; log in as a user with privilege level 15 and no view \[SG3006\]$/,
        );
      }
    }
    answering({});
    assert.ok(await resource.read(id, state, lab.context()));
  });

  it("works in the root view, and where the router does not know the commands", async () => {
    const all: Record<string, string>[] = [
      { "show privilege": "Currently in View Context with view 'root'" },
      { "show privilege": REFUSED, "show parser view": "Current view is 'root'" },
      { "show privilege": REFUSED, "show parser view": "No view is active ! Currently in Privilege Level Context" },
      { "show privilege": REFUSED, "show parser view": REFUSED },
    ];
    for (const answers of all) {
      answering(answers);
      const { id, state } = await resource.create(await lab.inputs(), lab.context());
      await resource.delete(id, state, lab.context());
    }
  });

  it("reports a command that the user may not run, and does not take its output for empty", async () => {
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    const denied = "Command authorization failed.";
    const refused = (command: string) =>
      `read the router: \`${command}\` was refused: Command authorization failed; let the user of the connection run \`${command}\` [SG3019]`;
    const without = async (...commands: string[]) => {
      answering(Object.fromEntries(commands.map((command) => [command, denied])));
      return await resource.read(id, state, lab.context());
    };
    const { message } = await failureOf(without("show running-config"));
    assert.equal(message.replace(/^router \S+: /, ""), refused("show running-config"));
    assert.equal((await without())?.state.counters.length, 1);
    assert.deepEqual((await without("show ip access-lists"))?.state.counters, []);
    assert.deepEqual((await without("show route-map"))?.state.counters, []);
    answering({ "show running-config": FILTERED.replace(/interface .*\n.*\n/g, "") });
    const hidden = await failureOf(resource.read(id, state, lab.context()));
    assert.match(hidden.message, /`show running-config` shows no interface; give the user full rights .* \[SG3102\]$/);
    answering({ "configure terminal revert timer 1": denied });
    const other = await lab.inputsWith({ name: "other", ports: [80] }, { persist: true });
    const unprotected = await failureOf(resource.create(other, lab.context("other")));
    assert.deepEqual([unprotected.code, unprotected.isPartial], ["SG3305", false]);
    assert.match(
      unprotected.message,
      /was refused: Command authorization failed; .*, or let the user run this command, and run pulumi up again/,
    );
    answering({ "show startup-config": denied });
    const unsaved = await failureOf(resource.create(other, lab.context("other")));
    assert.deepEqual([unsaved.code, unsaved.isPartial], ["SG3019", true]);
    assert.ok(unsaved.message.includes(refused("show startup-config")), unsaved.message);
    assert.match(lab.running, /SPS-other-IN/);
  });

  it("does not count lines that change by themselves as changes", async () => {
    const clean = lab.running;
    const { device } = lab.router;
    let period = 17_179_738;
    device.faultFor = (command) => {
      if (command !== "show running-config") return undefined;
      period += 1;
      return {
        prints: `Building configuration...\n${lab.running.replace(/\nend\b/, `\nntp clock-period ${period}\nend`)}\n`,
      };
    };
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, clean);
  });
});
