import { readFileSync } from "node:fs";
import { Client, type ConnectConfig } from "ssh2";

/*
 * Changes without a tool: one command after another over one ssh2 connection, without protection and rollback. The argument
 * is a file with the login and the commands.
 */
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const given: { login: ConnectConfig; commands: string[] } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve).once("error", reject);
    client.connect(given.login);
  });
  client.on("error", (error) => {
    say(`END ${error.message}`);
    process.exit(1);
  });
  say("making changes");
  for (const command of given.commands) await run(client, command);
  say("END applied");
  client.end();
}

async function run(client: Client, command: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      channel.on("close", (status: number | undefined) =>
        status === 0 ? resolve() : reject(new Error(`${command}: ${status ?? "no answer"}`)),
      );
      channel.resume();
      channel.stderr.resume();
    });
  });
}

main().catch((error: unknown) => {
  say(`END ${error}`);
  process.exit(1);
});
