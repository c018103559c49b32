import type { AddressInfo } from "node:net";
import type { IssuedCertificate } from "../common/certificates";
import type { SppDescription } from "../common/description";
import { Traffic } from "../common/traffic";
import { AccessPolicies } from "./access-policies";
import { AccessRequests } from "./access-requests";
import { Backups } from "./backups";
import { ClusterLock } from "./cluster-lock";
import { identityOf, type SppContext } from "./context";
import { Handshake } from "./handshake";
import { type AdminRole, resolveOptions, type SppOptions } from "./options";
import { ServedCertificate } from "./served-certificate";
import { buildServer } from "./server";
import type { ConnectionPolicy, SessionMember, SessionModule } from "./session-module";
import { SessionModules } from "./session-modules";
import { Settings } from "./settings";
import { prepareSigningKey, TokenStore } from "./tokens";
import { Users } from "./users";

/** A description of the appliance without the files that its certificates are written to. */
export type SppDescriptionData = Omit<SppDescription, "caFile" | "certificateChainFile">;

/**
 * A simulated Safeguard for Privileged Passwords appliance over TLS, as far as SPS joins need it. Written from the
 * vendor's published interface descriptions and open-source clients; where those leave something open, `variants`
 * in the options chooses.
 */
export class SimulatedSpp {
  /** Every request the appliance got, and the way to inject faults into single ones. */
  readonly traffic: Traffic;

  private constructor(
    /** The insides, for tests that must look at or change what no request shows. */
    readonly context: SppContext,
    private readonly server: ReturnType<typeof buildServer>,
    /** Port it listens on. */
    readonly port: number,
    traffic: Traffic,
  ) {
    this.traffic = traffic;
  }

  /** Starts an appliance and enters it into the address book under its address and host name. */
  static async start(options: SppOptions): Promise<SimulatedSpp> {
    const key = prepareSigningKey();
    // A failure shows where the key is used; here it would only be unhandled.
    key.catch(() => undefined);
    const context = await contextOf(options);
    const traffic = new Traffic();
    const server = buildServer(context, traffic);
    context.certificate.attach(server.server);
    await server.listen({ host: options.address, port: options.port });
    const { port } = server.server.address() as AddressInfo;
    for (const name of [options.address, options.hostName]) {
      options.addressBook.add(name, { address: options.address, port });
    }
    return new SimulatedSpp(context, server, port, traffic);
  }

  /** Stops listening and breaks open connections. */
  async stop(): Promise<void> {
    await this.server.close();
  }

  /** Everything a program needs to use this appliance. */
  describe(): SppDescriptionData {
    const { certificate, identity, options } = this.context;
    return {
      address: options.address,
      port: this.port,
      hostName: options.hostName,
      username: options.username,
      password: options.password,
      certificateSha256: certificate.regular.sha256,
      applianceId: identity.applianceId,
      version: identity.version.text,
    };
  }

  /** The TLS certificate it serves while no fault replaces it. */
  get certificate(): IssuedCertificate {
    return this.context.certificate.regular;
  }

  /** All session modules, also unfinished and disconnected ones. */
  get sessionModules(): SessionModule[] {
    return this.context.modules.all().map((entry) => ({ ...entry.row }));
  }

  /** How many access requests are open. */
  get openAccessRequests(): number {
    return this.context.requests.open().length;
  }

  /** Adds a further account. */
  addUser(username: string, password: string, roles: AdminRole[]): void {
    this.context.users.add(username, password, roles);
  }

  /**
   * Tells SPP what a joined SPS cluster consists of, instead of what it takes for granted: one available node and
   * the connection policies `safeguard_default_rdp` and `safeguard_default_ssh`.
   * @throws Error when SPP does not know the node id.
   */
  reportSps(nodeId: string, report: { members?: SessionMember[]; policies?: ConnectionPolicy[] }): void {
    const entry = this.context.modules.find(nodeId);
    if (!entry) throw new Error(`the simulated SPP knows no SPS node ${nodeId}`);
    if (report.members) entry.members = report.members;
    if (report.policies) entry.policies = report.policies;
  }
}

async function contextOf(options: SppOptions): Promise<SppContext> {
  const resolved = resolveOptions(options);
  const { addressBook, clock, faults, variants } = resolved;
  const identity = identityOf(resolved);
  const certificate = await ServedCertificate.create(resolved);
  const users = new Users(clock);
  users.add(resolved.username, resolved.password, resolved.roles);
  const modules = new SessionModules(variants, addressBook, faults);
  const requests = new AccessRequests(clock, identity.applianceId, resolved.openAccessRequests);
  const lock = new ClusterLock(clock, faults, identity.applianceId);
  const chainPem = () => certificate.current.chainPem;
  return {
    options: resolved,
    identity,
    users,
    tokens: new TokenStore(clock, `https://${resolved.hostName}/RSTS`),
    settings: new Settings(resolved.passwordGrant),
    lock,
    modules,
    handshake: new Handshake({ clock, faults, lock, modules, requests, chainPem }),
    requests,
    policies: new AccessPolicies(modules),
    backups: new Backups(clock, identity, resolved.backupAgeDays),
    certificate,
    switches: { accessRequestBroker: false, auditLogStream: false },
  };
}
