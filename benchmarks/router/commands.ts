import { readFileSync } from "node:fs";
import { Client } from "ssh2";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import type { Contender } from "./results";
import { networksOf, requireRules, ruleText, withChain } from "./rival-chain";

/**
 * One command per rule, one after another, over one ssh2 connection, without protection and without reading back, so there
 * is no refresh. Each command opens a channel and runs in it: two round trips.
 */
export const COMMANDS: Contender = {
  name: "one command per rule",
  expectedSeconds: (rules, roundTripSeconds) => rules * (0.04 + 2 * roundTripSeconds) * 2,
  measure: (router, { rules, runs }, stopwatch) =>
    withChain(router, async () => {
      const networks = networksOf(rules);
      for (let run = 0; run < runs; run += 1) {
        for (const operation of ["apply", "remove"] as const) {
          const verb = operation === "apply" ? "-A" : "-D";
          const commands = networks.map((network) => `iptables -t mangle ${verb} ${ruleText(network)}`);
          await stopwatch.time(operation, () => overOneConnection(router, commands));
          await requireRules(router, operation === "apply" ? rules : 0);
        }
      }
    }),
};

async function overOneConnection(router: LabRouter, commands: readonly string[]): Promise<void> {
  const { address, port, username, privateKeyFile } = router.network.description.router;
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve).once("error", reject);
    client.connect({ host: address, port, username, privateKey: readFileSync(privateKeyFile, "utf8") });
  });
  try {
    for (const command of commands) await runOne(client, command);
  } finally {
    client.end();
  }
}

function runOne(client: Client, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      channel.on("close", (status: number) => (status === 0 ? resolve() : reject(new Error(`${command}: ${status}`))));
      channel.resume();
      channel.stderr.resume();
    });
  });
}
