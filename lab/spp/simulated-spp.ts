import type { AddressInfo } from "node:net";
import type { IssuedCertificate } from "../common/certificates";
import type { SppDescription } from "../common/description";
import { Traffic } from "../common/traffic";
import { AccessPolicies } from "./access-policies";
import { AccessRequests } from "./access-requests";
import type { SppContext } from "./context";
import { identityOf } from "./identity";
import { ClusterLock } from "./join/cluster-lock";
import { Handshake } from "./join/handshake";
import type { ConnectionPolicy, SessionMember, SessionModule } from "./join/session-module";
import { SessionModules } from "./join/session-modules";
import { DeviceLogins } from "./login/device-logins";
import { accountName, identityProviders } from "./login/identity-providers";
import { prepareSigningKey, TokenStore } from "./login/tokens";
import { Users } from "./login/users";
import { type AdminRole, resolveOptions, type SppOptions } from "./options";
import { ServedCertificate } from "./served-certificate";
import { buildServer } from "./server";
import { Settings } from "./settings";
import { Backups } from "./support/backups";
import { ServiceDebug } from "./support/service-debug";
import { SupportBundleCollector } from "./support/support-bundle";

/** The description of the appliance without its certificate files. */
export type SppDescriptionData = Omit<SppDescription, "caFile" | "certificateChainFile">;

/**
 * A simulated Safeguard for Privileged Passwords appliance: the part of its API that a join of SPS uses, over TLS. It is
 * written from the vendor's OpenAPI documents and open-source clients. The option `variants` selects the behaviour where
 * these leave a question open.
 */
export class SimulatedSpp {
  /** Records the requests and injects faults into single ones. */
  readonly traffic: Traffic;

  private constructor(
    /** The internal state, for tests. */
    readonly context: SppContext,
    private readonly server: ReturnType<typeof buildServer>,
    /** Port on which the appliance listens. */
    readonly port: number,
    traffic: Traffic,
  ) {
    this.traffic = traffic;
  }

  /** Starts an appliance and adds its address and host name to the address book. */
  static async start(options: SppOptions): Promise<SimulatedSpp> {
    const key = prepareSigningKey();
    key.catch(() => {
      // Reported where the key is used.
    });
    const context = await contextOf(options);
    const traffic = new Traffic();
    const server = buildServer(context, traffic);
    context.certificate.attach(server.server);
    await server.listen({ host: options.address, port: options.port });
    const { port } = server.server.address() as AddressInfo;
    // SPP accepts the connections of SPS and drops pings (One Identity KB 232671).
    const host = { isOpen: (_name: string, at: number) => [443, 8649, port].includes(at), answersPing: false };
    for (const name of [options.address, options.hostName]) {
      options.addressBook.add(name, { address: options.address, port }, host);
    }
    return new SimulatedSpp(context, server, port, traffic);
  }

  /** Stops the appliance and closes its connections. */
  async stop(): Promise<void> {
    await this.server.close();
  }

  /** Everything that a program needs to use this appliance. */
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

  /** The TLS certificate while no fault is on. */
  get certificate(): IssuedCertificate {
    return this.context.certificate.regular;
  }

  /** All session modules, including unfinished and disconnected ones. */
  get sessionModules(): SessionModule[] {
    return this.context.modules.all().map((entry) => ({ ...entry.row }));
  }

  /** Number of open access requests. */
  get openAccessRequests(): number {
    return this.context.requests.open().length;
  }

  /** Adds an account. */
  addUser(username: string, password: string, roles: AdminRole[]): void {
    this.context.users.add(username, password, roles);
  }

  /**
   * Sets the members or connection policies of a joined SPS cluster. Default: one available node, and the policies
   * `safeguard_default_rdp` and `safeguard_default_ssh`.
   * @throws Error when SPP does not know the node id.
   */
  reportSps(nodeId: string, report: { members?: SessionMember[]; policies?: ConnectionPolicy[] }): void {
    const entry = this.context.modules.find(nodeId);
    if (!entry) throw new Error(`SPS node ${nodeId} is not joined to the simulated SPP`);
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
  for (const provider of identityProviders({ options: resolved })) {
    users.add(accountName(provider, resolved.username), resolved.password, resolved.roles);
  }
  const modules = new SessionModules(variants, addressBook, faults);
  const requests = new AccessRequests(clock, identity.applianceId, resolved.openAccessRequests);
  const lock = new ClusterLock(clock, faults, identity.applianceId);
  const chainPem = () => certificate.current.chainPem;
  const webHost = [0, 443].includes(resolved.port) ? resolved.address : `${resolved.address}:${resolved.port}`;
  const summary = () =>
    [`Appliance: ${identity.name} (${identity.applianceId})`, `Version: ${identity.version.text}`]
      .map((line) => `${line}\r\n`)
      .join("");
  return {
    options: resolved,
    identity,
    users,
    deviceLogins: new DeviceLogins(clock, webHost, () => variants.devicePollSeconds),
    tokens: new TokenStore(clock, `https://${resolved.hostName}/RSTS`),
    settings: new Settings(resolved.passwordGrant),
    lock,
    modules,
    handshake: new Handshake({ clock, faults, lock, modules, requests, chainPem }),
    requests,
    policies: new AccessPolicies(modules),
    bundles: new SupportBundleCollector(clock, summary),
    serviceDebug: new ServiceDebug(),
    backups: new Backups(clock, identity, resolved.backupAgeDays),
    certificate,
    switches: { accessRequestBroker: false, auditLogStream: false },
  };
}
