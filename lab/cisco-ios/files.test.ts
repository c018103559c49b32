import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { Client, type ClientChannel } from "ssh2";
import type { TerminalClient } from "../command-line/terminal-client.test";
import { configurationText } from "./configuration";
import { CiscoRouter } from "./lab-router";
import { openTerminal } from "./terminal-client.test";

const MERGE = "ip access-list extended NEW\n 10 permit tcp any host 10.0.0.5 eq 22\n";

describe("files and configurations of the emulated Cisco router", () => {
  let router: CiscoRouter;
  let terminal: TerminalClient;
  const running = () => configurationText(router.device.running, router.device.spelling);

  beforeEach(async () => {
    router = await CiscoRouter.start(undefined, { minuteMilliseconds: 600 });
    terminal = await openTerminal(router, 0);
  });
  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("lists files, prints their MD5 sums and deletes them", async () => {
    router.device.files.write("bootflash:/merge.txt", MERGE);
    assert.match(
      await terminal.type("dir bootflash:/merge.txt"),
      /\nDirectory of bootflash:\/merge\.txt\n\n {3}11 {2}-rw- +67 .* merge\.txt\n\n\d+ bytes total \(\d+ bytes free\)\n/,
    );
    const sum = createHash("md5").update(MERGE).digest("hex");
    assert.match(await terminal.type("verify /md5 flash:merge.txt"), new RegExp(`flash:merge.txt\\) = ${sum}\n`));
    assert.match(await terminal.type("more flash:merge.txt"), /\n 10 permit tcp any host 10\.0\.0\.5 eq 22\n/);
    await terminal.type("delete /force flash:merge.txt");
    assert.match(
      await terminal.type("dir flash:merge.txt"),
      /\n%Error opening flash:merge\.txt \(No such file or directory\)\n/,
    );
    assert.match(await terminal.type("copy running-config tftp:x"), /%Error opening tftp:x \(No such device\)/);
  });

  it("writes outputs to files instead of the terminal, beside it and behind what they hold", async () => {
    const { files } = router.device;
    assert.equal(
      await terminal.type("show privilege | redirect flash:out.txt"),
      "show privilege | redirect flash:out.txt\nedge-1#",
    );
    assert.equal(files.read("out.txt"), "Current privilege level is 15\n");
    assert.match(
      await terminal.type("show clock | tee flash:out.txt"),
      /\n\*10:00:00\.000 UTC Mon Jan 5 2026\nedge-1#$/,
    );
    assert.equal(files.read("out.txt"), "*10:00:00.000 UTC Mon Jan 5 2026\n");
    await terminal.type("show privilege | append flash:out.txt");
    assert.match(
      await terminal.type("show privilege | tee /append flash:out.txt"),
      /\nCurrent privilege level is 15\n/,
    );
    assert.equal(files.read("out.txt")?.split("\n").length, 4);
    assert.match(
      await terminal.type("show clock | redirect tftp:x"),
      /\n%Error opening tftp:x \(No such device\)\nedge-1#$/,
    );
  });

  it("merges a file, and names what the running configuration has not", async () => {
    router.device.files.write("merge.txt", `${MERGE}foo bar\nntp server 10.9.9.9\n`);
    assert.match(
      await terminal.type("show archive config incremental-diffs flash:merge.txt ignorecase"),
      /\n!List of Commands:\nip access-list extended NEW\n 10 permit tcp any host 10\.0\.0\.5 eq 22\nfoo bar\nntp server/,
    );
    await terminal.type("copy flash:merge.txt running-config", /Destination filename \[running-config\]\? $/);
    const answer = await terminal.key("\r", /edge-1#$/);
    assert.match(answer, /foo bar\n {2}\^\n% Invalid input detected at '\^' marker\.\n/);
    assert.match(answer, /\n\d+ bytes copied in /);
    assert.match(running(), /\nip access-list extended NEW\n 10 permit tcp/);
    assert.match(running(), /\nntp server 10\.9\.9\.9\n!\nend$/);
  });

  it("replaces the configuration by a saved one, byte for byte", async () => {
    const before = running();
    await terminal.type("configure terminal");
    await terminal.type("file prompt quiet");
    await terminal.type("end");
    await terminal.type("copy running-config flash:saved.txt");
    await terminal.type("configure terminal");
    for (const line of ["no file prompt quiet", "interface lo7", "ip address 10.7.7.7 255.255.255.255", "hostname x"])
      await terminal.type(line, /[#]$/);
    await terminal.type("end", /x#$/);
    assert.match(
      await terminal.type("show archive config differences system:running-config flash:saved.txt", /x#$/),
      /!Contextual Config Diffs:\n\+hostname edge-1\n\+file prompt quiet\n-hostname x\n-interface Loopback7\n -ip address/,
    );
    assert.match(await terminal.type("configure replace flash:saved.txt force", /\nedge-1#$/), /\nRollback Done\n/);
    await terminal.type("configure terminal");
    await terminal.type("no file prompt quiet");
    await terminal.type("end");
    assert.equal(running(), before);
  });

  it("keeps the old configuration when a replacement has an error and may not", async () => {
    const before = running();
    router.device.files.write("bad.txt", "hostname edge-2\nfoo bar\n");
    assert.match(
      await terminal.type("configure replace flash:bad.txt force revert trigger error"),
      /failed to apply to the IOS image\.\n\*+\nfoo bar\n\*+\nThe original configuration has been successfully restored\n/,
    );
    assert.equal(running(), before);
    assert.match(await terminal.type("configure replace flash:none.txt force"), /%Error opening flash:none\.txt/);
  });

  it("takes a replacement back that nobody confirms", async () => {
    const before = running();
    router.device.files.write("other.txt", `${before.replace("to client", "to the client")}\n`);
    await terminal.type("configure replace flash:other.txt force revert timer 1");
    assert.match(running(), /description to the client/);
    await new Promise((resolve) => setTimeout(resolve, 900));
    assert.equal(running(), before);
  });

  it("takes a file over scp only when its server is on, and gives it back", async () => {
    const client = new Client();
    const { address: host, port } = router.server;
    client.connect({ host, port, username: router.device.username, password: router.device.password });
    await once(client, "ready");
    const open = (command: string) =>
      new Promise<ClientChannel>((resolve, reject) =>
        client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel))),
      );
    const upload = await open("scp -v -t flash:up.txt");
    upload.write(`C0644 ${MERGE.length} any\n${MERGE}\0`);
    upload.end();
    const [status] = await once(upload.resume(), "exit");
    assert.equal(status, 0);
    assert.equal(router.device.files.read("up.txt"), MERGE);

    const download = await open("scp -f flash:up.txt");
    let text = "";
    download.on("data", (data: Buffer) => {
      text += data.toString();
    });
    download.end("\0\0\0");
    await once(download, "exit");
    assert.equal(text, `C0644 ${MERGE.length} up.txt\n${MERGE}\0`);

    router.device.running.globals = [];
    const refused = await open("scp -t flash:up.txt");
    const [answer] = await once(refused, "data");
    assert.equal(String(answer), "\x01Administratively disabled.\n");
    client.end();
  });

  it("writes a file by Tcl, where EXEC commands work too", async () => {
    await terminal.type("tclsh", /\(tcl\)#$/);
    await terminal.type('puts [open "flash:tcl.txt" w+] {ip access-list extended TCL', /\+>$/);
    await terminal.type("}", /\(tcl\)#$/);
    assert.match(await terminal.type("dir flash:tcl.txt", /\(tcl\)#$/), /Directory of flash:\/tcl\.txt/);
    await terminal.type("tclquit");
    assert.equal(router.device.files.read("tcl.txt"), "ip access-list extended TCL\n\n");
  });
});
