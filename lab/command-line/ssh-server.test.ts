import assert from "node:assert/strict";
import { once } from "node:events";
import { Client, type ClientChannel } from "ssh2";
import { type CommandLineDevice, type DeviceServer, serveDevice } from "./ssh-server";

describe("the SSH server of an emulated device", () => {
  const reports: string[] = [];
  const { error: report } = console;
  let server: DeviceServer;
  let client: Client;

  const start = async (device: Partial<CommandLineDevice>) => {
    server = await serveDevice({
      sshSoftware: "test",
      accepts: () => true,
      openSession: () => ({ run: async () => undefined, runOnce: async () => undefined }),
      ...device,
    });
    client = new Client().connect({ host: server.address, port: server.port, username: "any", password: "any" });
    await once(client, "ready");
  };
  const open = (command?: string) =>
    new Promise<ClientChannel>((resolve, reject) => {
      const opened = (error: Error | undefined, channel: ClientChannel) => (error ? reject(error) : resolve(channel));
      if (command === undefined) client.shell(opened);
      else client.exec(command, opened);
    });
  const closing = async (channel: ClientChannel) => await once(channel.resume(), "close");

  beforeEach(() => {
    reports.length = 0;
    console.error = (text: string, error: Error) => reports.push(`${text} ${error.message}`);
  });
  afterEach(async () => {
    console.error = report;
    client.end();
    await server.stop();
  });

  it("ends only the session that has a fault, and reports the fault", async () => {
    const faulty = (what: string) => async () => {
      throw new Error(what);
    };
    await start({
      openSession: () => ({ run: faulty("in a shell"), runOnce: faulty("in a command") }),
      runProgram: (command) => (command === "program" ? faulty("in a program")() : undefined),
    });
    for (const command of [undefined, "show", "program"]) await closing(await open(command));
    const fault = "lab: a session on a command line failed: in a";
    assert.deepEqual(reports, [`${fault} shell`, `${fault} command`, `${fault} program`]);
  });

  it("survives a session that cannot even be opened", async () => {
    await start({
      openSession: () => {
        throw new Error("no session");
      },
    });
    await closing(await open());
    await closing(await open("show"));
    assert.equal(reports.length, 2);
  });
});
