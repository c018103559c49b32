import fs from "node:fs";
import path from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { JoinGuard, RouterRedirection, SppJoin, SpsCluster } from "pulumi-safeguard";
import { siteConfig } from "../../lab/cli/site-config";
import { Lab } from "../../lab/lab";
import { secretPaths } from "../../provider/core/json-schema";
import { resources } from "../../provider/resources";
import { connection } from "../engine/programs";
import { type RecordedResource, TestStack } from "../engine/test-stack";

/** A resource as the engine records it. */
export interface RecordedState {
  type: string;
  id: string;
  inputs: Record<string, unknown>;
  outputs: Record<string, unknown>;
}

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/**
 * Runs the example and a program with most options through the real engine against the lab, and writes the recorded
 * resources into a folder. Secrets are replaced.
 */
export async function record(folder: string): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const programs: Record<string, (lab: Lab) => PulumiFn> = { "single-site": () => example, options: everyOption };
  for (const [name, program] of Object.entries(programs)) {
    const states = await recordedBy(program, name);
    fs.writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(states, undefined, 2)}\n`);
  }
}

async function recordedBy(program: (lab: Lab) => PulumiFn, name: string): Promise<RecordedState[]> {
  const lab = await Lab.start({ name: `upgrade-${name}-${process.pid}`, speed: 50 });
  try {
    if (!lab.description.network)
      throw new Error(`the lab has no network for the router: ${lab.description.networkUnavailable}`);
    const stack = await TestStack.inline(`upgrade-${name}`);
    try {
      await stack.configure(siteConfig(lab.description));
      const { failure } = await stack.run("up", program(lab));
      if (failure !== undefined) throw new Error(failure);
      const states = (await stack.decrypted()).filter(({ type }) => type.includes("/safeguard:")).map(stateOf);
      return JSON.parse(JSON.stringify(states).replaceAll(lab.description.directory, "/lab"));
    } finally {
      stack.close();
    }
  } finally {
    await lab.stop();
  }
}

const example: PulumiFn = async () => {
  require("../../examples/single-site/index");
};

/** The resources with most of their options and with credentials by reference. */
function everyOption(lab: Lab): PulumiFn {
  const [central, member] = lab.description.sps;
  const { spp, network } = lab.description;
  if (!central || !member || !network) throw new Error("the lab needs two SPS nodes and a network");
  process.env.UPGRADE_SPS_PASSWORD = central.password;
  const passwordFile = path.join(lab.description.directory, "spp-password");
  fs.writeFileSync(passwordFile, spp.password, { mode: 0o600 });
  const { password: _central, ...centralManagement } = connection(central);
  const { password: _member, ...memberConnection } = connection(member);
  const { password: _spp, ...sppConnection } = connection(spp);
  const sps = { ...centralManagement, passwordEnv: "UPGRADE_SPS_PASSWORD" };
  const { router, client, server } = network;
  const { address, port, username, hostKey, privateKeyFile } = router;
  return async () => {
    const cluster = new SpsCluster("cluster", {
      centralManagement: sps,
      listenAddress: central.clusterAddress,
      searchRole: "search-master",
      members: [
        {
          connection: { ...memberConnection, passwordEnv: "UPGRADE_SPS_PASSWORD" },
          listenAddress: member.clusterAddress,
          searchRole: "search-local",
        },
      ],
      timeouts: { stepSeconds: 100, synchronizationSeconds: 200 },
    });
    const join = new SppJoin("join", {
      sps,
      spp: { ...sppConnection, passwordFile },
      clusterId: cluster.clusterId,
      acknowledge: { irreversible: true, sps: central.address, spp: spp.address, disconnects: true },
      preflight: "report",
      backups: { spp: "require", sps: "skip" },
      onDelete: "unlink",
      timeouts: { trustSeconds: 300 },
    });
    const redirection = new RouterRedirection(
      "router",
      {
        platform: "linux",
        router: {
          // The router is its own jump host: this management address is reachable only from the router.
          ...{ address: "172.31.255.1", username, hostKey, privateKeyFile },
          jumpHost: { address, port, username, hostKey, privateKeyFile },
        },
        redirections: [
          {
            name: "rdp",
            clientInterfaces: [router.clientInterface],
            clientCidrs: [client.network],
            serverCidrs: [server.network],
            ports: [3389, "5900-5910"],
            spsAddress: network.sps.address,
            spsInterface: router.spsInterface,
            serverInterfaces: [router.serverInterface],
            failMode: "open",
            existingConnections: "cut",
          },
        ],
        commitConfirm: { windowSeconds: 40 },
        probe: { path: "off", traffic: "off" },
        persist: false,
        bypass: "when-sps-silent",
        watchdog: { intervalSeconds: 7, missedProbes: 4 },
        removal: { connections: "drain", drainSeconds: 20 },
        adopt: true,
      },
      { dependsOn: join },
    );
    new JoinGuard("guard", { join, dependents: [redirection] });
  };
}

function stateOf({ type, id = "", inputs = {}, outputs = {} }: RecordedResource): RecordedState {
  return { type, id, inputs: withoutSecrets(inputs), outputs: withoutSecrets(outputs) };
}

/** Names of the properties that are secret. */
const SECRET_NAMES = new Set(
  Object.values(resources).flatMap(({ inputs }) => [...secretPaths(inputs)].map((name) => name.split(".").pop())),
);

/** The engine marks a whole list as secret when one element contains a secret. Only the secret itself is replaced. */
function withoutSecrets<T>(value: T): T {
  const replaced = (inner: unknown, name?: string): unknown => {
    if (name !== undefined && SECRET_NAMES.has(name))
      return isMarked(inner) ? { [SIGNATURE]: inner[SIGNATURE], value: "a secret" } : "a secret";
    if (isMarked(inner)) return { [SIGNATURE]: inner[SIGNATURE], value: replaced(JSON.parse(inner.plaintext)) };
    if (Array.isArray(inner)) return inner.map((element) => replaced(element));
    if (inner === null || typeof inner !== "object") return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, member]) => [key, replaced(member, key)]));
  };
  return replaced(value) as T;
}

function isMarked(value: unknown): value is { [SIGNATURE]: string; plaintext: string } {
  return value !== null && typeof value === "object" && SIGNATURE in value;
}
