import type { FaultName } from "../../lab/common/faults";
import { LINKS } from "../../lab/network/topology";
import type { AdminRole } from "../../lab/spp/options";
import { GATEWAY } from "../../lab/spp/support/diagnostics";
import { SPP_PASSWORD, SPS_PASSWORD } from "../preflight/lab-pair";
import type { LabSite, SiteOptions } from "./lab-site";
import { pulumiUp } from "./pulumi-up";

/** What a person has before them: the appliance or router, what was found, and the order. */
export interface Order {
  object: string;
  text: string;
  remedy: string;
}

/** An act of a person, and the words of a remedy that ask for it. */
interface Act {
  words: RegExp;
  run(admin: Administrator, match: RegExpExecArray, order: Order): unknown;
}

/** How often an order of a failed `pulumi up` is followed before the person gives up. */
const MAX_ORDERS = 4;

/**
 * A person who reads remedies and does what their words say, in the order of the words and nothing else: changes the description of the site,
 * types commands, and acts on the web pages of the lab's appliances and on its router. The person does not know which fault is on: an act ends
 * what such an act ends on a real appliance, and words that name no act change nothing.
 */
export class Administrator {
  /** What the last `pulumi up` ordered, if it failed. */
  private failedUp: Order | undefined;

  constructor(
    readonly lab: LabSite,
    /** The description of the site, as the person leaves it. */
    public site: SiteOptions,
  ) {}

  /**
   * Does what an order says, act by act.
   * @param isDone asked after each act, because alternatives follow each other
   */
  async follow(order: Order, isDone: () => Promise<boolean>, depth = 0): Promise<void> {
    for (const { act, match } of actsIn(order.remedy)) {
      await act.run(this, match, order);
      if (await isDone()) return;
    }
    const failure = this.failedUp;
    this.failedUp = undefined;
    if (failure && depth < MAX_ORDERS) await this.follow(failure, isDone, depth + 1);
  }

  async up(): Promise<void> {
    this.failedUp = await pulumiUp(this.lab, this.site);
  }

  /** Ends what an act on an appliance ends. The lab has switches for such states. */
  end(...states: FaultName[]): void {
    for (const state of states) this.lab.pair.bench.faults.off(state);
  }

  /** Changes the connection to an appliance. */
  connect(side: "sps" | "spp", changes: object): void {
    this.site = { ...this.site, [side]: { ...this.site[side], ...changes } };
  }

  /** Changes the connection to the router. */
  connectRouter(changes: object): void {
    const routers = this.site.routers?.map((one) => ({ ...one, router: { ...one.router, ...changes } }));
    this.site = { ...this.site, ...(routers && { routers }) };
  }

  /** The appliance that the person means, whose certificate its console shows. */
  certificateOf(side: "sps" | "spp") {
    return side === "sps" ? this.lab.pair.central.sps.certificate : this.lab.pair.spp.context.certificate.current;
  }
}

const sideOf = ({ object }: Pick<Order, "object">): "sps" | "spp" => (object.startsWith("spp") ? "spp" : "sps");

/** Where an appliance or the router really is, by the papers of the person. */
function correctAddress(admin: Administrator, order: Order): void {
  const written = admin.lab.site();
  if (order.object.startsWith("router ")) {
    const { address, port } = (written.routers?.[0]?.router ?? {}) as { address?: string; port?: number };
    admin.connectRouter({ address, port });
    return;
  }
  const side = sideOf(order);
  const { address, port } = written[side] as { address: string; port: number };
  admin.connect(side, { address, port });
  // The lab has one SPP: the switch stands for the address of another server.
  if (side === "spp") admin.end("spp-not-spp");
}

/** All that a person does, by the words that ask for it. */
const ACTS: readonly Act[] = [
  {
    words: /set spp\.address to ([\w.:-]+) if that is the same appliance/,
    run(admin, [, address = ""]) {
      // The person looks the name up first.
      if (admin.lab.pair.bench.addressBook.find(address)) admin.connect("spp", { address });
    },
  },
  {
    words: /point spp\.address at the primary, ([\d.]+)/,
    run(admin, [, address]) {
      admin.connect("spp", { address });
      // From now on the lab's SPP is asked at the address of the primary.
      admin.end("spp-replica");
    },
  },
  {
    words: /assign (it|SPP) a certificate|assign SPP another certificate/,
    run: (admin) => admin.end("spp-certificate-mismatch"),
  },
  {
    words: /add the certificate of "[^"]+" to spp\.ca|set (sps|spp)\.ca to the certificate of "[^"]+"/,
    run(admin, _match, order) {
      const side = sideOf(order);
      const known = (admin.site[side] as { ca?: string }).ca ?? "";
      admin.connect(side, { ca: `${known}\n${admin.certificateOf(side).issuerPems.at(-1)}` });
    },
  },
  {
    words: /pin the new one|pin the certificate of the appliance/,
    run(admin, _match, order) {
      const side = sideOf(order);
      admin.connect(side, { certificateSha256: admin.certificateOf(side).sha256 });
    },
  },
  { words: /correct (the )?address (and|or) port/, run: (admin, _match, order) => correctAddress(admin, order) },
  {
    words: /correct username or password/,
    run(admin, _match, order) {
      const side = sideOf(order);
      admin.connect(side, { password: side === "sps" ? SPS_PASSWORD : SPP_PASSWORD });
      // For the lab, every password is a wrong one while this is on.
      if (side === "spp") admin.end("spp-credentials");
    },
  },
  {
    words: /give it the (\w+) and (\w+) permissions|give the account of spp\.username both permissions/,
    run(admin, [, first = "Appliance", second = "Operations"]) {
      const { options, users } = admin.lab.pair.spp.context;
      users.add(options.username, SPP_PASSWORD, [`${first}Admin`, `${second}Admin`] as AdminRole[]);
      admin.end("spp-permissions");
    },
  },
  {
    words: /use an account for unattended programs/,
    run(admin) {
      admin.lab.pair.spp.addUser("unattended", SPP_PASSWORD, ["ApplianceAdmin", "OperationsAdmin"]);
      admin.connect("spp", { username: "unattended" });
    },
  },
  {
    words: /export it in the shell/,
    run(_admin, _match, { object, text }) {
      const name = /environment variable (\w+)/.exec(text)?.[1];
      if (name !== undefined) process.env[name] = object.startsWith("sps") ? SPS_PASSWORD : SPP_PASSWORD;
    },
  },
  { words: /let the operation end/, run: (admin) => admin.end("spp-operation-running") },
  { words: /check the state of the appliance/, run: (admin) => admin.end("spp-maintenance", "spp-5xx") },
  {
    words: /check the load( and the log)? of (both|the|SPS)/,
    run(admin, [, , whose], order) {
      if (whose === "both") admin.end("join-over-five-minutes");
      else if (whose === "SPS" || sideOf(order) === "sps") admin.end("sps-slow", "sps-5xx", "sps-out-of-memory");
      else admin.end("spp-slow");
    },
  },
  { words: /let the other administrator leave/, run: (admin) => admin.end("sps-locked") },
  {
    words: /fix the issues at Basic Settings > Cluster management/,
    async run(admin) {
      admin.end("sps-sync-stuck");
      await admin.lab.pair.untilSynchronized();
    },
  },
  {
    words: /correct clusterId/,
    run(admin) {
      admin.site = { ...admin.site, clusterId: admin.lab.pair.central.sps.nodeId };
    },
  },
  {
    words: /remove the (?:stale )?entry/,
    run(admin, _match, { text }) {
      const { handshake, modules } = admin.lab.pair.spp.context;
      // An order without a number means the only entry.
      const number = /\b(?:entry|for this node) \(?(\d+)/.exec(text);
      const wanted = number && Number(number[1]);
      const entries = modules.all().filter(({ row }) => wanted === null || row.Id === wanted);
      if (wanted !== null && entries.length === 0) return;
      for (const entry of entries) {
        handshake.abandon(entry);
        modules.remove(entry);
      }
      // What the entry blocked, or left half done, ends with it.
      admin.end("join-already-linked", "join-never-trusted", "join-no-policies");
    },
  },
  {
    words: /the safeguard_default objects on SPS/,
    run: ({ lab }) => lab.pair.central.sps.removeObjects("safeguard_default"),
  },
  {
    words: /no action is needed/,
    async run({ lab }) {
      await lab.pair.until("the end of the join", () => lab.pair.central.sps.joined?.phase === "complete");
    },
  },
  {
    words: /wait (?:five minutes|(\d+) s\b)|not before 5 minutes/,
    async run({ lab }, [, seconds = "300"]) {
      await lab.pair.bench.clock.wait(Number(seconds));
    },
  },
  { words: /check spp\.address as seen from SPS/, run: (admin) => admin.end("join-address-typo") },
  {
    words: /allow tcp 8649 from spp ([\d.]+) to ([\d.]+) on the firewall/,
    run(admin, [, from, to]) {
      const { spp, central } = admin.lab.pair;
      if (from === spp.context.options.address && to === central.sps.describe().address)
        admin.end("network-8649-blocked");
    },
  },
  {
    words: /check the routes and filters of ([\d.]+)/,
    run(admin, [, hop]) {
      if (hop === GATEWAY) admin.end("network-no-route");
    },
  },
  { words: /allow ICMP type 3 code 4/, run: (admin) => admin.end("network-narrow") },
  {
    words: /put its line into hostKey/,
    run(admin, _match, { text }) {
      const hostKey = /presents (ssh-\S+ \S+)/.exec(text)?.[1];
      if (hostKey !== undefined) admin.connectRouter({ hostKey });
    },
  },
  {
    words: /allow SSH connections to it/,
    async run({ lab }) {
      await lab.router?.network.startSshd();
    },
  },
  {
    words: /check the interface of SPS/,
    async run({ lab }) {
      await lab.router?.network.setLink("sps0", "up");
    },
  },
  {
    words: /that SPS has a connection policy for the port/,
    async run({ lab }) {
      await lab.router?.network.setRelayServing(true);
    },
  },
  {
    words: /accept TCP between (\w+) and (\w+)(, and between \w+ and the interface of the servers)?/,
    async run({ lab }, [, clients = "", sps = "", servers]) {
      const pairs = [[clients, sps], ...(servers === undefined ? [] : [[sps, LINKS.server.routerInterface]])];
      const lines = pairs.flatMap(([one, other]) => [
        `iptables -I FORWARD -i ${one} -o ${other} -p tcp -j ACCEPT`,
        `iptables -I FORWARD -i ${other} -o ${one} -p tcp -j ACCEPT`,
      ]);
      await lab.router?.run(lines.join("\n"));
    },
  },
  {
    words: /run pulumi up|run the command again/,
    async run(admin, [words]) {
      if (words === "run pulumi up") await admin.up();
    },
  },
];

/** The acts that words ask for, in their order. */
function actsIn(remedy: string): { act: Act; match: RegExpExecArray }[] {
  return ACTS.flatMap((act) => {
    const match = act.words.exec(remedy);
    return match ? [{ act, match }] : [];
  }).sort((left, right) => left.match.index - right.match.index);
}

/** Follows orders, the first cause first, until nothing is left to find. @returns whether nothing is */
export async function followAll(
  admin: Administrator,
  orders: readonly Order[],
  isDone: () => Promise<boolean>,
): Promise<boolean> {
  for (const order of orders) {
    if (await isDone()) break;
    await admin.follow(order, isDone);
  }
  return isDone();
}
