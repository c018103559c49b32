import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckPointLab } from "../../provider/resources/router-redirection/check-point-lab.test";
import { installClients } from "../clients/packages";
import { outputOf } from "../clients/run";
import { type EmulatedRival, type EmulatedSubject, SERVERS } from "./emulated";

/** Lines of others that must stay. */
const FOREIGN = [
  "set pbr table Theirs static-route default nexthop gateway address 172.31.255.9 on",
  "set pbr rule priority 900 match to 10.9.0.0/16 interface eth1",
  "set pbr rule priority 900 action table Theirs",
];

/**
 * An emulated Check Point gateway with a password of expert mode, so that the product's changes are protected by its timer
 * on the gateway, and Netmiko's driver as the rival, which has no such protection. The kernel does not follow the
 * configuration, because a gateway needs other times for that.
 */
export async function checkPointSubject(): Promise<EmulatedSubject> {
  const python = installClients();
  if (python.problem !== undefined) console.log(`NO COMPARISON WITH NETMIKO: ${python.problem}`);
  const lab = await CheckPointLab.start(`bench-gaia-${process.pid}`, true);
  const { device, server } = lab.router;
  device.effects.configurationChanged = async () => undefined;
  await lab.enter(...FOREIGN);
  const { expertPassword } = device;
  return {
    endpoint: server,
    running: () => lab.running,
    counted: "logins",
    count: () => device.logins,
    inputs: (port) => {
      const router = { ...(lab.raw().router as object), expertPassword, address: "127.0.0.1", port };
      const commitConfirm = { windowSeconds: 120 };
      return lab.inputsWith({ serverCidrs: SERVERS }, { router, commitConfirm });
    },
    context: () => lab.context(),
    rival: python.problem === undefined ? netmiko(lab, python.bin) : undefined,
    stop: () => lab.stop(),
  };
}

/** A script of Netmiko sends the same commands. Its times begin with its login, so its start does not count. */
function netmiko(lab: CheckPointLab, bin: string): EmulatedRival {
  return {
    name: "netmiko",
    async round(port, time) {
      const folder = mkdtempSync(join(tmpdir(), "bench-gaia-"));
      const file = join(folder, "commands.json");
      const { username, password, expertPassword: secret = "" } = lab.router.device;
      writeFileSync(file, JSON.stringify({ apply: APPLY, remove: REMOVE }));
      const run = async (operation: "apply" | "refresh" | "remove") => {
        const login = { HOST: "127.0.0.1", PORT: String(port), USER: username, PASSWORD: password, SECRET: secret };
        const variables = Object.entries(login).map(([name, value]) => [`ROUTER_${name}`, value]);
        const env = { ...process.env, ...Object.fromEntries(variables) };
        const script = join(__dirname, "../clients/scripts/netmiko_gaia_rounds.py");
        const output = await outputOf(join(bin, "python3"), [script, file, operation], { env });
        const [, seconds] = /^seconds (\d+\.\d+)$/m.exec(output) ?? [];
        if (seconds === undefined) throw new Error(`netmiko: ${output.trim().slice(-600)}`);
        return Number(seconds);
      };
      try {
        await time("apply", () => run("apply"));
        if (APPLY.some((line) => !lab.running.includes(line))) throw new Error("not as applied");
        await time("refresh", () => run("refresh"));
        await time("remove", () => run("remove"));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

const rule = (priority: number, network: string, table: string): string[] => [
  `set pbr rule priority ${priority} match from 192.168.50.0/24 to ${network} interface eth1`,
  `set pbr rule priority ${priority} match protocol tcp`,
  `set pbr rule priority ${priority} match port 3389`,
  `set pbr rule priority ${priority} action table ${table}`,
];

/** The same tables and rules as the product's: those that redirect, and those that reject while SPS has no link. */
const APPLY = [
  "set pbr table NETMIKO static-route default nexthop gateway address 172.16.9.2 on",
  "set pbr table NETMIKOC static-route default nexthop reject",
  ...SERVERS.flatMap((network, index) => rule(1000 + index, network, "NETMIKO")),
  ...SERVERS.flatMap((network, index) => rule(1500 + index, network, "NETMIKOC")),
];

const REMOVE = [
  ...SERVERS.flatMap((_, index) => [
    `set pbr rule priority ${1500 + index} off`,
    `set pbr rule priority ${1000 + index} off`,
  ]),
  "set pbr table NETMIKOC off",
  "set pbr table NETMIKO off",
];
