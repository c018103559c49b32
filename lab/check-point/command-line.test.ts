import assert from "node:assert/strict";
import { TerminalClient } from "../command-line/terminal-client.test";
import { CheckPointRouter, type CheckPointRouterOptions } from "./lab-router";

const PROMPT = /(^|\n)(gw-1> |\[Expert@gw-1:0\]# )$/;

const LOCKED =
  "CLINFR0771  Config lock is owned by admin. Use the command 'lock database override' to acquire the lock.";

describe("the emulated Clish of a Check Point gateway", () => {
  let router: CheckPointRouter;
  const terminals: TerminalClient[] = [];

  const start = async (options: CheckPointRouterOptions = {}) => {
    router = await CheckPointRouter.start(undefined, options);
  };
  const open = async (rows = 0) => {
    const { device, server } = router;
    const login = { ...server, username: device.username, password: device.password };
    const terminal = await TerminalClient.open(login, PROMPT, { rows: rows || 1000, cols: 200 });
    terminals.push(terminal);
    return terminal;
  };
  /** The output of a line without its echo and the next prompt. */
  const answer = async (terminal: TerminalClient, line: string) =>
    (await terminal.type(line)).replace(`${line}\n`, "").replace(PROMPT, "");

  afterEach(async () => {
    for (const terminal of terminals.splice(0)) terminal.close();
    await router.stop();
  });

  it("refuses what Clish does not know, is incomplete or has a wrong value, in its words", async () => {
    await start();
    const terminal = await open();
    assert.equal(await terminal.type("sh ver"), "sh ver\nCLINFR0329  Invalid command:'sh ver'.\ngw-1> ");
    assert.equal(await answer(terminal, "set pbr rule"), "CLINFR0349  Incomplete command.");
    assert.equal(await answer(terminal, "set interfce eth1"), "CLINFR0329  Invalid command:'set interfce eth1'.");
    assert.equal(
      await answer(terminal, "set pbr rule priority 10 match from 0.0.0.0/0"),
      [
        "CLINFR0409  IPv4 unicast bitmask check fails: Invalid bitmask value in 0.0.0.0/0; valid range is 1-32",
        "set pbr rule priority 10 match from 0.0.0.0/0",
        "------------------------------------^^^^^^^^^",
      ].join("\n"),
    );
    assert.match(await answer(terminal, "set pbr table 9x static-route default nexthop reject"), /^CLINFR0409 /);
    assert.match(await answer(terminal, "set pbr rule priority 10 match port 70000"), /^CLINFR0409 /);
    assert.match(await answer(terminal, "set pbr rule priority 10 match interface eth9"), /^CLINFR0409 /);
    assert.match(await answer(terminal, "set pbr rule priority 10 action table None"), /^CLINFR0409 /);
    assert.match(await answer(terminal, "set pbr rule priority 10 match protocol tcp port 22"), /^CLINFR0329 /);
    assert.equal(router.device.running.rules.length, 1);
  });

  it("prints tables and rules as it got them, and nothing of what was turned off", async () => {
    await start();
    const terminal = await open();
    const pbr = async () => (await answer(terminal, "show configuration pbr")).split("\n");
    const foreign = await pbr();
    assert.deepEqual(foreign, [
      "set pbr table Backup static-route default nexthop gateway address 172.31.255.2 priority 2",
      "set pbr rule priority 4000 match from 192.168.50.200/32 interface eth1",
      "set pbr rule priority 4000 action table Backup",
    ]);
    const lines = [
      "set pbr table SPS static-route default nexthop gateway address 172.16.9.2 on",
      "set pbr rule priority 100 match from 192.168.50.0/24 to 10.0.0.0/24 interface eth1",
      "set pbr rule priority 100 match protocol tcp",
      "set pbr rule priority 100 match port 3389",
      "set pbr rule priority 100 action table SPS",
    ];
    for (const line of lines) assert.equal(await answer(terminal, line), "");
    assert.deepEqual(await pbr(), [foreign[0], lines[0], ...lines.slice(1), ...foreign.slice(1)]);
    assert.equal(await answer(terminal, "show config-state"), "unsaved");
    await terminal.type("set pbr rule priority 100 off");
    await terminal.type("set pbr table SPS off");
    assert.deepEqual(await pbr(), foreign);
    assert.equal(await answer(terminal, "show config-state"), "saved");
  });

  it("lets one session change the configuration, and others after an override", async () => {
    await start();
    const first = await open();
    const second = await open();
    assert.equal(second.shown, `${LOCKED}\ngw-1> `);
    assert.match(await answer(second, "show configuration"), /^set hostname gw-1$/m);
    assert.equal(
      await answer(second, "save config"),
      `${LOCKED}\nCLINFR0519  Configuration lock present. Can not execute this command.`,
    );
    assert.equal(await answer(second, "set config-lock on"), LOCKED);
    assert.equal(await answer(second, "lock database override"), "");
    assert.equal(await answer(second, "lock database override"), "CLICMD0201  Config lock is already turned on.");
    assert.match(await answer(first, "save config"), /^CLINFR0771 /);
    assert.equal(await answer(second, "set config-lock off"), "");
    assert.equal(await answer(first, "set config-lock on"), "");
    assert.equal(await answer(first, "save config"), "");
  });

  it("forgets what was not saved when it reboots", async () => {
    await start();
    const terminal = await open();
    await terminal.type("set hostname gw-1");
    await terminal.type("set pbr table A static-route default nexthop blackhole");
    await terminal.type("save config");
    await terminal.type("set pbr table B static-route default nexthop reject");
    await terminal.type("reboot", /\[N\]\n$/);
    await terminal.type("Y", /\n$/);
    const again = await open();
    assert.deepEqual((await answer(again, "show configuration pbr")).match(/table [AB] /g), ["table A "]);
  });

  it("prints pages, and enters expert mode with its password", async () => {
    await start({ expertPassword: "expert-secret" });
    const terminal = await open(10);
    const page = await terminal.type("show configuration", /-- More --$/);
    assert.equal(page.split("\n").length, 11);
    assert.match(await terminal.key("q", /gw-1> $/), /gw-1> $/);
    await terminal.type("set clienv rows 0");
    assert.match(
      await terminal.type("show configuration"),
      /^set pbr rule priority 4000 action table Backup\ngw-1> $/m,
    );
    await terminal.type("expert", /Enter expert password:$/);
    assert.match(await terminal.type("wrong"), /Wrong password\.\ngw-1> $/);
    await terminal.type("expert", /Enter expert password:$/);
    assert.match(await terminal.type("expert-secret"), /You are in expert mode now\.\n\n?\[Expert@gw-1:0\]# $/);
    assert.match(
      await answer(terminal, 'clish -c "show version product"'),
      /^Product version Check Point Gaia R81\.20$/,
    );
    assert.match(await terminal.type("exit"), /gw-1> $/);
  });
});
