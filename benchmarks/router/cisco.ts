import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CiscoLab } from "../../provider/resources/router-redirection/cisco-lab.test";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";
import { noAnsibleText } from "../ansible/installation";
import { CLIENT_PACKAGES } from "../clients/packages";
import { ciscoVariables, runPlay } from "../clients/playbook";
import { installPackages, type PythonEnvironment } from "../python/environment";
import { type DelayedPort, delayedPort } from "./delayed-port";

const NETWORKS = 200;
const ROUND_TRIPS = [0, 20];

/** One measured operation, by its median. */
interface CiscoResult {
  rival: "pulumi-safeguard" | "ansible cisco.ios";
  operation: "apply" | "refresh" | "remove";
  networks: number;
  roundTripMilliseconds: number;
  medianSeconds: number;
  /** Logins at the router during one operation. */
  logins: number;
}

const SERVERS = Array.from({ length: NETWORKS }, (_, index) => `10.${1 + (index >> 7)}.${(index & 127) * 2}.0/24`);

/** Applies, refreshes and removes 200 networks on an emulated Cisco router, and so do Ansible's modules. */
export async function ciscoRounds(runs: number, isJson: boolean): Promise<void> {
  const python = installPackages("clients", CLIENT_PACKAGES);
  if (python.problem !== undefined) console.log(noAnsibleText(python.problem));
  const lab = await CiscoLab.start("bench-cisco", false);
  const results: CiscoResult[] = [];
  try {
    for (const roundTripMilliseconds of ROUND_TRIPS) {
      const { address, port } = lab.router.server;
      const proxy = await delayedPort(address, port, roundTripMilliseconds);
      try {
        const note = (round: Round) => results.push(noted(round, roundTripMilliseconds));
        for (const round of await productRounds(lab, proxy, runs)) note(round);
        if (python.problem === undefined)
          for (const round of await ansibleRounds(lab, proxy, runs, python)) note(round);
      } finally {
        proxy.stop();
      }
    }
  } finally {
    await lab.stop();
  }
  const ratios = ratiosOf(results);
  for (const [name, ratio] of Object.entries(ratios))
    console.log(`ansible cisco.ios takes ${ratio} times as long: ${name}`);
  if (isJson) console.log(JSON.stringify({ results, ratios }));
}

type Round = [CiscoResult["operation"], CiscoResult["rival"], number[], number];

function noted([operation, rival, seconds, logins]: Round, roundTripMilliseconds: number): CiscoResult {
  const medianSeconds = Number(median(seconds).toFixed(2));
  const name = `${rival.padEnd(17)} ${operation.padEnd(7)} ${NETWORKS} networks, ${roundTripMilliseconds} ms`;
  console.log(`${name}: ${medianSeconds} s, ${logins} logins`);
  return { rival, operation, networks: NETWORKS, roundTripMilliseconds, medianSeconds, logins };
}

async function productRounds(lab: CiscoLab, { port }: DelayedPort, runs: number): Promise<Round[]> {
  const router = { ...(lab.raw().router as object), address: "127.0.0.1", port };
  const inputs = await lab.inputsWith({ serverCidrs: SERVERS }, { router });
  const watch = new Watch(lab, "pulumi-safeguard");
  for (let run = 0; run < runs; run += 1) {
    const before = lab.running;
    const { id, state } = await watch.time("apply", () => routerRedirection.create(inputs, lab.context()));
    const found = await watch.time("refresh", () => routerRedirection.read(id, state, lab.context()));
    if (found?.state.rules.length !== NETWORKS + 1) throw new Error("not as applied");
    await watch.time("remove", () => routerRedirection.delete(id, state, lab.context()));
    if (lab.running !== before) throw new Error("not as before");
  }
  return watch.rounds();
}

async function ansibleRounds(
  lab: CiscoLab,
  { port }: DelayedPort,
  runs: number,
  { bin }: PythonEnvironment,
): Promise<Round[]> {
  const folder = mkdtempSync(join(tmpdir(), "bench-cisco-"));
  const watch = new Watch(lab, "ansible cisco.ios");
  const variables = ciscoVariables("127.0.0.1", port, lab.router.device);
  const play = async (name: string, tasks: readonly object[]) => {
    const output = await runPlay({ bin, folder, name, variables, tasks });
    if (!/unreachable=0 +failed=0/.test(output)) throw new Error(output.trim().slice(-600));
  };
  try {
    for (let run = 0; run < runs; run += 1) {
      const before = lab.running;
      await watch.time("apply", () => play("apply", APPLY));
      const applied = lab.running;
      const permits = applied.match(/^ \d+ permit tcp .* eq 3389$/gm)?.length;
      if (permits !== NETWORKS || !applied.includes("ip policy route-map ANSIBLE")) throw new Error("not as applied");
      await watch.time("refresh", () => play("apply", APPLY));
      await watch.time("remove", () => play("remove", REMOVE));
      if (lab.running !== before) throw new Error("not as before");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return watch.rounds();
}

/** The same entries, route-map and interface as the product's. */
const APPLY = [
  {
    "cisco.ios.ios_acls": {
      state: "merged",
      config: [
        {
          afi: "ipv4",
          acls: [
            {
              name: "ANSIBLE-IN",
              acl_type: "extended",
              aces: SERVERS.map((network, index) => ({
                sequence: (index + 1) * 10,
                grant: "permit",
                protocol: "tcp",
                source: { address: "192.168.50.0", wildcard_bits: "0.0.0.255" },
                destination: {
                  address: network.split("/")[0],
                  wildcard_bits: "0.0.0.255",
                  port_protocol: { eq: "3389" },
                },
              })),
            },
          ],
        },
      ],
    },
  },
  {
    "cisco.ios.ios_route_maps": {
      state: "merged",
      config: [
        {
          route_map: "ANSIBLE",
          entries: [
            {
              sequence: 10,
              action: "permit",
              match: { ip: { address: { acls: ["ANSIBLE-IN"] } } },
              set: { ip: { next_hop: { address: "172.16.9.2" } } },
            },
          ],
        },
      ],
    },
  },
  { "cisco.ios.ios_config": { parents: "interface GigabitEthernet1", lines: ["ip policy route-map ANSIBLE"] } },
];
const REMOVE = [
  { "cisco.ios.ios_config": { parents: "interface GigabitEthernet1", lines: ["no ip policy route-map ANSIBLE"] } },
  // One line a task: the module enters all lines again for each of them.
  { "cisco.ios.ios_config": { lines: ["no route-map ANSIBLE"] } },
  { "cisco.ios.ios_config": { lines: ["no ip access-list extended ANSIBLE-IN"] } },
];

/** Durations and logins of the operations of one rival. */
class Watch {
  private readonly seconds = new Map<CiscoResult["operation"], number[]>();
  private readonly logins = new Map<CiscoResult["operation"], number>();

  constructor(
    private readonly lab: CiscoLab,
    private readonly rival: CiscoResult["rival"],
  ) {}

  async time<T>(operation: CiscoResult["operation"], work: () => Promise<T>): Promise<T> {
    const { device } = this.lab.router;
    const [before, started] = [device.logins, performance.now()];
    const answer = await work();
    this.seconds.set(operation, [...(this.seconds.get(operation) ?? []), (performance.now() - started) / 1000]);
    this.logins.set(operation, device.logins - before);
    return answer;
  }

  rounds(): Round[] {
    return [...this.seconds].map(([operation, seconds]) => [
      operation,
      this.rival,
      seconds,
      this.logins.get(operation) ?? 0,
    ]);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** How many times longer the rival takes, by operation and round trip. */
function ratiosOf(results: readonly CiscoResult[]): Record<string, number> {
  const entries = results
    .filter(({ rival }) => rival !== "pulumi-safeguard")
    .flatMap((other): [string, number][] => {
      const own = results.find(
        ({ rival, operation, roundTripMilliseconds }) =>
          rival === "pulumi-safeguard" &&
          operation === other.operation &&
          roundTripMilliseconds === other.roundTripMilliseconds,
      );
      const ratio = own ? Number((other.medianSeconds / own.medianSeconds).toFixed(1)) : 0;
      return [[`${other.operation}, ${other.roundTripMilliseconds} ms`, ratio]];
    });
  return Object.fromEntries(entries);
}
