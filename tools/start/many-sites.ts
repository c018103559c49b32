import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabCertificateAuthority } from "../../lab/common/certificates";
import { Lab } from "../../lab/lab";
import { LINKS } from "../../lab/network/topology";
import { SophosRouter } from "../../lab/sophos-utm/lab-router";
import type { SimulatedSps } from "../../lab/sps/simulated-sps";
import { OFFLINE } from "./offline";
import { ROOT } from "./stack";

const EXAMPLE = join(ROOT, "examples/many-sites");
/** The site of the example that does not work: nothing answers at its address. */
export const BROKEN_SITE = "oslo";
const SPS_PASSWORD = "Sites-sps-4711-demo";
const SPP_PASSWORD = "Sites-spp-4711-demo";
const ROUTER_TOKEN = "Sites-utm-4711-demo";

/** A site of a copy of the example. */
export interface SiteRow {
  name: string;
  /** Any name of its SPP; sites with the same one share an SPP. */
  spp: string;
  region: string;
  /** `silent`: nothing answers at the address of its SPS. `refusing`: its SPS has another password. Default: it works. */
  fault?: "silent" | "refusing" | undefined;
  isFrozen?: boolean | undefined;
}

/** The sites of a copy of the example, and how they are rolled out. */
export interface SitesPlan {
  rows: readonly SiteRow[];
  /** The text of rollout.yaml, whose sites are those of `sites.csv`. */
  rollout: string;
}

/** A site with its simulated SPS node, its emulated Sophos UTM without a network behind it, and the lab of its SPP. */
export interface SimulatedSite extends SiteRow {
  node: SimulatedSps;
  router: SophosRouter;
  lab: Lab;
}

/** The example many-sites as a project of its own, whose sites are simulated appliances. */
export interface ManySites {
  folder: string;
  /** One SPP with its SPS nodes each. */
  labs: Lab[];
  sites: SimulatedSite[];
  /** The passwords that its program reads from the environment. */
  passwords: Readonly<Record<string, string>>;
  /** The environment of its commands. */
  env: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** The twelve sites of the example, with a shorter wait. */
export function examplePlan(): SitesPlan {
  const [, ...lines] = readFileSync(join(EXAMPLE, "sites.csv"), "utf8").trim().split("\n");
  const rows = lines.map((line): SiteRow => {
    const [name = "", spp = "", region = ""] = line.split(",");
    return { name, spp, region, fault: name === BROKEN_SITE ? "silent" : undefined };
  });
  const rollout = readFileSync(join(EXAMPLE, "rollout.yaml"), "utf8");
  return { rows, rollout: rollout.replace("soakSeconds: 900", "soakSeconds: 2") };
}

/**
 * Copies examples/many-sites into a folder, with the addresses of simulated appliances in its sites.csv. The folder is below this
 * project's, whose packages its program finds.
 */
export async function startManySites(
  folder: string,
  name: string,
  { rows, rollout }: SitesPlan = examplePlan(),
): Promise<ManySites> {
  const labs: Lab[] = [];
  const sites: SimulatedSite[] = [];
  const stop = async () => {
    for (const { router } of sites) await router.stop();
    for (const lab of labs) await lab.stop();
  };
  try {
    const authority = await LabCertificateAuthority.create(`Routers of ${name}`);
    for (const spp of new Set(rows.map((row) => row.spp))) {
      const own = rows.filter((row) => row.spp === spp);
      const lab = await Lab.start({
        ...{ name: `${name}-${labs.length + 1}`, speed: 20, network: false, spsCount: own.length },
        sps: { password: SPS_PASSWORD },
        nodes: own.map(({ fault }) => (fault === "refusing" ? { password: `${SPS_PASSWORD}-other` } : {})),
        spp: { password: SPP_PASSWORD },
      });
      labs.push(lab);
      for (const [n, row] of own.entries()) {
        const node = lab.sps[n] ?? lab.sps[0];
        const { address } = node.endpoint;
        const router = await SophosRouter.start(undefined, { authority, address, token: ROUTER_TOKEN });
        sites.push({ ...row, node, router, lab });
      }
    }
    cpSync(EXAMPLE, folder, { recursive: true });
    const byName = new Map(sites.map((site) => [site.name, site]));
    const inOrder = rows.flatMap((row) => byName.get(row.name) ?? []);
    const lines = inOrder.map((site) => Object.values(COLUMNS).map((cell) => cell(site)));
    writeFileSync(join(folder, "sites.csv"), `${[Object.keys(COLUMNS), ...lines].join("\n")}\n`);
    writeFileSync(join(folder, "rollout.yaml"), rollout);
    mkdirSync(join(folder, "state"), { recursive: true });
  } catch (error) {
    await stop();
    throw error;
  }
  const passwords = { SPS_PASSWORD, SPP_PASSWORD, ROUTER_TOKEN };
  const env = {
    ...process.env,
    ...OFFLINE,
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "the state is removed with the demo",
    ...passwords,
  };
  return { folder, labs, sites, passwords, env, stop };
}

/** The columns of sites.csv. */
const COLUMNS: Record<string, (site: SimulatedSite) => string | number | boolean> = {
  name: ({ name }) => name,
  spp: ({ lab }) => lab.description.spp.address,
  frozen: ({ isFrozen = false }) => isFrozen,
  "label:region": ({ region }) => region,
  "config:spp": ({ lab }) => lab.description.spp.address,
  "config:sps": ({ node, fault }) =>
    fault === "silent" ? node.endpoint.address.replace(/\d+$/, "200") : node.endpoint.address,
  "config:port": ({ node }) => node.endpoint.port,
  "config:caFile": ({ lab }) => lab.description.ca.file,
  "config:router": ({ router }) => router.server.address,
  "config:routerPort": ({ router }) => router.server.port,
  "config:routerCertificate": ({ router }) => router.certificateSha256,
  "config:servers": () => `${LINKS.server.farAddresses[0]}/32`,
  "config:spsBesideRouter": () => LINKS.sps.farAddresses[0],
};
