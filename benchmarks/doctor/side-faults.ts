import type { FaultName } from "../../lab/common/faults";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import type { LabSite, SiteOptions } from "./lab-site";

/** A fault of one side of a running site, which can be taken away again. */
export interface SideFault {
  name: string;
  side: "sps" | "spp" | "router";
  /** The check that must name it. */
  check: string;
  /** Makes the fault; returns the site as a user would then describe it. */
  make(lab: LabSite): Promise<Partial<SiteOptions>> | Partial<SiteOptions>;
  mend?(lab: LabSite): Promise<unknown> | unknown;
  /** True when nothing answers at the address of SPS, which explains a broken path from the router. */
  isSilence?: boolean;
}

const sps = (changes: object) => (lab: LabSite) => ({ sps: { ...lab.site().sps, ...changes } });
const spp = (changes: object) => (lab: LabSite) => ({ spp: { ...lab.site().spp, ...changes } });

function switched(name: FaultName, side: "sps" | "spp", check: string): SideFault {
  return {
    ...{ name, side, check },
    make(lab) {
      lab.pair.bench.faults.on(name);
      return {};
    },
    mend: (lab) => lab.pair.bench.faults.off(name),
  };
}

function onRouter(
  name: string,
  check: string,
  make: (router: LabRouter) => Promise<unknown>,
  mend: (router: LabRouter) => Promise<unknown>,
): SideFault {
  return {
    ...{ name, side: "router", check: `router-${check}:edge` },
    make: async ({ router }) => {
      if (router) await make(router);
      return {};
    },
    mend: async ({ router }) => router && mend(router),
  };
}

const router = (changes: object) => (lab: LabSite) => {
  const routers = lab.site().routers?.map((one) => ({ ...one, router: { ...one.router, ...changes } })) ?? [];
  return { routers };
};

const DROP = "FORWARD -o rsps -p tcp --dport 3389 -j DROP";

const UNSET_VARIABLE = "NO_SUCH_VARIABLE_IS_SET";

/** Faults of a site with a router, each beside a site that is otherwise in order. */
export const SIDE_FAULTS: readonly SideFault[] = [
  { name: "SPS password", side: "sps", check: "sps-login", make: sps({ password: "wrong" }) },
  {
    name: "SPS password variable is not set",
    side: "sps",
    check: "sps-login",
    make: sps({ password: undefined, passwordEnv: UNSET_VARIABLE }),
    // Who follows the remedy sets it.
    mend: async () => {
      delete process.env[UNSET_VARIABLE];
    },
  },
  { name: "SPS port", side: "sps", check: "sps-reachable", make: sps({ port: 1 }), isSilence: true },
  { name: "SPS pin", side: "sps", check: "sps-certificate", make: sps({ certificateSha256: "0".repeat(64) }) },
  { name: "SPS authority", side: "sps", check: "sps-certificate", make: sps({ ca: undefined }) },
  { name: "another cluster", side: "sps", check: "sps-cluster-id", make: () => ({ clusterId: "another" }) },
  switched("sps-5xx", "sps", "sps-reachable"),
  { name: "SPP password", side: "spp", check: "spp-login", make: spp({ password: "wrong" }) },
  { name: "SPP port", side: "spp", check: "spp-reachable", make: spp({ port: 1 }) },
  { name: "SPP pin", side: "spp", check: "spp-certificate", make: spp({ certificateSha256: "0".repeat(64) }) },
  switched("spp-5xx", "spp", "spp-reachable"),
  switched("spp-replica", "spp", "spp-primary"),
  switched("spp-maintenance", "spp", "spp-online"),
  switched("spp-certificate-mismatch", "spp", "spp-certificate-name"),
  switched("spp-untrusted-certificate", "spp", "spp-certificate"),
  switched("spp-not-spp", "spp", "spp-is-spp"),
  switched("spp-operation-running", "spp", "spp-operation"),
  switched("spp-permissions", "spp", "spp-permissions"),
  onRouter(
    "SPS refuses the port",
    "path",
    (edge) => edge.network.setRelayServing(false),
    (edge) => edge.network.setRelayServing(true),
  ),
  onRouter(
    "link to SPS lost",
    "path",
    (edge) => edge.network.setLink("sps0", "down"),
    (edge) => edge.network.setLink("sps0", "up"),
  ),
  onRouter(
    "jump to the redirection removed",
    "rules",
    (edge) => edge.run("iptables -t mangle -F PREROUTING"),
    (edge) => edge.run('iptables -t mangle -A PREROUTING -m comment --comment "sps:rdp" -j SPS-R-rdp'),
  ),
  onRouter(
    "rule of another program drops the traffic",
    "obstacles",
    (edge) => edge.run(`iptables -I ${DROP}`),
    (edge) => edge.run(`iptables -D ${DROP}`),
  ),
  onRouter(
    "SSH server stopped",
    "login",
    (edge) => edge.network.stopSshd(),
    (edge) => edge.network.startSshd(),
  ),
  { name: "router port", side: "router", check: "router-login:edge", make: router({ port: 1 }) },
  {
    name: "router host key",
    side: "router",
    check: "router-login:edge",
    make: router({
      hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    }),
  },
];

/** Whether the diagnosis may explain one of two faults by the other. */
export function areRelated(left: SideFault, right: SideFault): boolean {
  const isPath = (fault: SideFault) => fault.check === "router-path:edge";
  return left.side === right.side || (left.isSilence && isPath(right)) || (right.isSilence && isPath(left)) || false;
}

/** Works with faults on a site, and mends them whatever happens. */
export async function withFaults<T>(
  lab: LabSite,
  faults: readonly SideFault[],
  work: (site: SiteOptions) => Promise<T>,
): Promise<T> {
  let site = lab.site();
  try {
    for (const fault of faults) site = { ...site, ...(await fault.make(lab)) };
    return await work(site);
  } finally {
    for (const fault of faults) await fault.mend?.(lab);
  }
}
