import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CiscoLab } from "../../provider/resources/router-redirection/cisco-lab.test";
import { noAnsibleText } from "../ansible/installation";
import { installClients } from "../clients/packages";
import { ciscoVariables, runPlay } from "../clients/playbook";
import { type EmulatedRival, type EmulatedSubject, NETWORKS, SERVERS } from "./emulated";

/** An emulated Cisco router, and Ansible's modules of cisco.ios as the rival. */
export async function ciscoSubject(): Promise<EmulatedSubject> {
  const python = installClients();
  if (python.problem !== undefined) console.log(noAnsibleText(python.problem));
  const lab = await CiscoLab.start("bench-cisco", false);
  return {
    endpoint: lab.router.server,
    running: () => lab.running,
    counted: "logins",
    count: () => lab.router.device.logins,
    inputs: (port) => {
      const router = { ...(lab.raw().router as object), address: "127.0.0.1", port };
      return lab.inputsWith({ serverCidrs: SERVERS }, { router });
    },
    context: () => lab.context(),
    rival: python.problem === undefined ? ansible(lab, python.bin) : undefined,
    stop: () => lab.stop(),
  };
}

function ansible(lab: CiscoLab, bin: string): EmulatedRival {
  return {
    name: "ansible cisco.ios",
    async round(port, time) {
      const folder = mkdtempSync(join(tmpdir(), "bench-cisco-"));
      const variables = ciscoVariables("127.0.0.1", port, lab.router.device);
      const play = async (name: string, tasks: readonly object[]) => {
        const output = await runPlay({ bin, folder, name, variables, tasks });
        if (!/unreachable=0 +failed=0/.test(output)) throw new Error(output.trim().slice(-600));
      };
      try {
        await time("apply", () => play("apply", APPLY));
        const permits = lab.running.match(/^ \d+ permit tcp .* eq 3389$/gm)?.length;
        const isAttached = lab.running.includes("ip policy route-map ANSIBLE");
        if (permits !== NETWORKS || !isAttached) throw new Error("not as applied");
        await time("refresh", () => play("apply", APPLY));
        await time("remove", () => play("remove", REMOVE));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
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
