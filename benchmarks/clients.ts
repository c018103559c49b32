import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ansibleClient } from "./clients/ansible";
import { CISCO_PLAYBOOK } from "./clients/cisco-playbook";
import { generatedClient } from "./clients/generated";
import { installClients } from "./clients/packages";
import { ciscoClient, gaiaClient } from "./clients/python";
import { NotRun, type PublicClient } from "./clients/run";
import { SOPHOS_PLAYBOOK } from "./clients/sophos-playbook";

/*
 * Runs public clients of the emulated routers, unmodified, against the lab: `npm run bench -- clients [--json]`, about six
 * minutes and, at the first run, as long as it takes to install them from the Python package index. Netmiko and NAPALM read
 * and change a Cisco router and a Check Point gateway, Ansible's modules of the collection cisco.ios gather facts and configure
 * lists, route maps, static routes, prefix lists and banners twice, all its utm_* modules keep objects of a Sophos UTM, and
 * a client that go-swagger generates from the definitions of the UTM does so too, where Go is installed. With `--json` the
 * last line is {client, router, checks, failed} for each. It does not prove that the emulation is like a device: it proves
 * that these clients, which their authors test with devices, find in it what they look for.
 */
async function main(): Promise<void> {
  const { bin, problem } = installClients();
  if (problem !== undefined) throw new Error(`The public clients cannot be installed: ${problem}`);
  const folder = mkdtempSync(join(tmpdir(), "clients-"));
  const clients: PublicClient[] = [
    ...(["ios", "ios-xe"] as const).flatMap((spelling) => [
      ciscoClient("netmiko", spelling, bin),
      ciscoClient("napalm", spelling, bin),
    ]),
    gaiaClient("netmiko", bin),
    gaiaClient("napalm", bin),
    ansibleClient("cisco-ios", CISCO_PLAYBOOK, bin, folder),
    ansibleClient("sophos-utm", SOPHOS_PLAYBOOK, bin, folder),
    generatedClient(),
  ];
  const results = [];
  try {
    for (const { client, router, run } of clients) {
      const checks = await run().catch((error: unknown) => {
        if (error instanceof NotRun) return error;
        throw error;
      });
      if (checks instanceof NotRun) {
        console.log(`${client} on ${router}: NOT RUN: ${checks.message}`);
        continue;
      }
      const failed = checks.filter(({ passed }) => !passed);
      results.push({ client, router, checks: checks.length, failed: failed.map(({ check }) => check) });
      console.log(`${client} on ${router}: ${checks.length - failed.length} of ${checks.length} checks passed`);
      for (const { check, detail } of failed) console.log(`  FAILED ${check}: ${detail}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (process.argv.includes("--json")) console.log(JSON.stringify(results));
  if (results.some(({ checks, failed }) => checks === 0 || failed.length > 0)) process.exitCode = 1;
}

void main();
