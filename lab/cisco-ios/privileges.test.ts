import assert from "node:assert/strict";
import { TerminalClient } from "../command-line/terminal-client.test";
import { configurationText } from "./configuration";
import { CiscoRouter, type CiscoRouterOptions } from "./lab-router";
import { matchesSecret, secretText } from "./modes/secrets";
import { openTerminal } from "./terminal-client.test";

const PROMPT = /(^|\n)edge-1(\([a-z-]+\))?[>#]$/;

describe("privilege levels of the emulated Cisco router", () => {
  let router: CiscoRouter;
  const clients: TerminalClient[] = [];

  const start = async (options: CiscoRouterOptions = {}) => {
    router = await CiscoRouter.start(undefined, options);
    const terminal = await openTerminal(router, 0);
    clients.push(terminal);
    return terminal;
  };
  const configure = async (terminal: TerminalClient, ...lines: string[]) => {
    for (const line of ["configure terminal", ...lines]) assert.doesNotMatch(await terminal.type(line), /%/, line);
    await terminal.type("end");
  };
  const logIn = async (username: string, password: string) => {
    const client = await TerminalClient.open({ ...router.server, username, password }, PROMPT, { rows: 0 });
    clients.push(client);
    return client;
  };
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await router.stop();
  });

  it("gives users of levels 2 to 14 the prompt of level 15 and the commands of level 1", async () => {
    const terminal = await start({ needsEnable: true, loginPrivilege: 7 });
    assert.equal(await terminal.type("show privilege"), "show privilege\nCurrent privilege level is 7\nedge-1#");
    assert.match(await terminal.type("show running-config"), /% Invalid input detected at '\^' marker\.\nedge-1#$/);
    assert.match(await terminal.type("configure terminal"), /% Invalid input detected at '\^' marker\.\nedge-1#$/);
    await terminal.type("enable", /Password: $/);
    await terminal.type(router.device.enablePassword ?? "");
    assert.match(await terminal.type("show privilege"), /\nCurrent privilege level is 15\n/);
    assert.equal(await terminal.type("enable 3"), "enable 3\nedge-1#");
    assert.match(await terminal.type("show privilege"), /\nCurrent privilege level is 3\n/);
    assert.equal(await terminal.type("disable"), "disable\nedge-1>");
    assert.match(await terminal.type("disable 2"), /% Invalid input detected/);
    assert.match(await terminal.type("enable 16"), /% Invalid input detected/);
  });

  it("logs users in with the level and the password of the configuration, which shows hashes only", async () => {
    const terminal = await start();
    await configure(terminal, "username arthur privilege 7 secret Arthur5!", "username guest password 0 Visitor1");
    const text = configurationText(router.device.running, "ios-xe");
    assert.match(text, /\nusername arthur privilege 7 secret 9 \$9\$[./0-9A-Za-z]{14}\$[./0-9A-Za-z]{43}\n/);
    assert.match(text, /\nusername guest password 0 Visitor1\n/);
    assert.doesNotMatch(text, /Arthur5!/);
    const arthur = await logIn("arthur", "Arthur5!");
    assert.match(await arthur.type("show privilege"), /\nCurrent privilege level is 7\nedge-1#$/);
    const guest = await logIn("guest", "Visitor1");
    assert.match(await guest.type("show privilege"), /\nCurrent privilege level is 1\nedge-1>$/);
    await assert.rejects(logIn("arthur", "Visitor1"), /authentication methods failed/);
    await configure(terminal, "username arthur privilege 15", "no username guest");
    const again = await logIn("arthur", "Arthur5!");
    assert.match(await again.type("show privilege"), /\nCurrent privilege level is 15\n/);
    await assert.rejects(logIn("guest", "Visitor1"), /authentication methods failed/);
  });

  it("asks for the password of the level, and says when there is none", async () => {
    const terminal = await start();
    await configure(terminal, "enable secret level 5 Tech5!", "username low privilege 1 secret Low1!");
    const low = await logIn("low", "Low1!");
    assert.equal(await low.type("enable"), "enable\n% No password set\nedge-1>");
    await low.type("enable 5", /Password: $/);
    assert.match(await low.type("Tech5!"), /edge-1#$/);
    assert.match(await low.type("show privilege"), /\nCurrent privilege level is 5\n/);
    await configure(terminal, "enable password Plain15", "enable secret Secret15");
    await low.type("enable", /Password: $/);
    await low.type("Plain15", /Password: $/);
    await low.type("Secret15");
    assert.match(await low.type("show privilege"), /\nCurrent privilege level is 15\n/);
    await configure(terminal, "no enable secret");
    const { globals } = router.device.running;
    assert.deepEqual(
      globals.filter((line) => line.startsWith("enable")).map((line) => line.replace(/ \$9\$.*/, " HASH")),
      ["enable secret level 5 9 HASH", "enable password 0 Plain15"],
    );
  });

  it("writes hashes of type 9 as devices do", () => {
    // The published example of this format: the password is `hashcat`.
    const published = "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6";
    assert.ok(matchesSecret("hashcat", published));
    assert.ok(!matchesSecret("Hashcat", published));
    assert.ok(matchesSecret("x", secretText("x")));
  });
});
