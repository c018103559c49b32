import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Lab } from "../../lab/lab";
import { OFFLINE } from "./offline";
import { ROOT } from "./stack";

/** The site of the example that does not work: nothing answers at its address. */
export const BROKEN_SITE = "oslo";
const SPS_PASSWORD = "Sites-sps-4711-demo";
const SPP_PASSWORD = "Sites-spp-4711-demo";

/** The example many-sites as a project of its own, whose sites are simulated appliances. */
export interface ManySites {
  folder: string;
  /** One SPP with its SPS nodes each. */
  labs: Lab[];
  /** The environment of its commands. */
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/**
 * Copies examples/many-sites into a folder, with the addresses of simulated appliances in its sites.csv. The folder is below this
 * project's, whose packages its program finds. Waits of the example are left out.
 */
export async function startManySites(folder: string, name: string): Promise<ManySites> {
  const example = join(ROOT, "examples/many-sites");
  const [header = "", ...rows] = readFileSync(join(example, "sites.csv"), "utf8").trim().split("\n");
  const spps = [...new Set(rows.map((row) => row.split(",")[1]))];
  const labs: Lab[] = [];
  const stop = async () => {
    for (const lab of labs) await lab.stop();
  };
  try {
    for (const [n, spp] of spps.entries()) {
      const spsCount = rows.filter((row) => row.split(",")[1] === spp).length;
      const passwords = { sps: { password: SPS_PASSWORD }, spp: { password: SPP_PASSWORD } };
      labs.push(await Lab.start({ name: `${name}-${n + 1}`, speed: 20, network: false, spsCount, ...passwords }));
    }
    cpSync(example, folder, { recursive: true });
    const lines = rows.map((row) => siteRow(row.split(","), spps, labs));
    writeFileSync(join(folder, "sites.csv"), [`${header},config:port,config:caFile`, ...lines, ""].join("\n"));
    const rollout = readFileSync(join(example, "rollout.yaml"), "utf8").replace("soakSeconds: 900", "soakSeconds: 2");
    writeFileSync(join(folder, "rollout.yaml"), rollout);
    mkdirSync(join(folder, "state"));
  } catch (error) {
    await stop();
    throw error;
  }
  const env = {
    ...process.env,
    ...OFFLINE,
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "the state is removed with the demo",
    SPS_PASSWORD,
    SPP_PASSWORD,
  };
  return { folder, labs, env, stop };
}

/** A row with the addresses of the lab of its SPP; each row of an SPP gets a node of its own. */
function siteRow(
  [name = "", spp = "", region = ""]: string[],
  spps: readonly (string | undefined)[],
  labs: readonly Lab[],
): string {
  const lab = labs[spps.indexOf(spp)];
  const node = lab?.description.sps[taken.get(lab) ?? 0];
  if (!lab || !node) throw new Error(`site ${name}: the lab has no node for it`);
  taken.set(lab, (taken.get(lab) ?? 0) + 1);
  const address = lab.description.spp.address;
  const sps = name === BROKEN_SITE ? node.address.replace(/\d+$/, "200") : node.address;
  return [name, address, region, address, sps, node.port, node.caFile].join(",");
}

/** How many nodes of each lab have a site. */
const taken = new WeakMap<Lab, number>();
