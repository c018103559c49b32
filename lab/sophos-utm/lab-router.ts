import { randomBytes } from "node:crypto";
import type { LabCertificateAuthority } from "../common/certificates";
import type { SophosUtmDescription } from "../common/description";
import type { LabNetwork } from "../network/network";
import { KernelFollower, PathMarks } from "../network/policy-routing";
import { LINKS } from "../network/topology";
import { Configuration, type ConfigurationOptions, type UtmObject } from "./configuration";
import { Device } from "./device";
import { kernelScript } from "./kernel";
import { type DeviceServer, serveDevice } from "./server";

/** The links of the lab's router with the names that the vendor's guides use. */
const INTERFACES = [
  ["Internal", LINKS.client],
  ["ServerFarm", LINKS.server],
  ["SPS", LINKS.sps],
  ["Management (LAN)", LINKS.mgmt],
] as const;

export interface SophosRouterOptions extends ConfigurationOptions {
  authority: LabCertificateAuthority;
  /** Loopback address and port of the API. Default: 127.0.0.1 and a free port. */
  address?: string;
  port?: number;
  /** The token of the API. Default: a new one. */
  token?: string;
}

/** A Sophos UTM in the lab: an emulated API whose policy routes the kernel of the lab's router follows. */
export class SophosRouter {
  private constructor(
    readonly device: Device,
    readonly server: DeviceServer,
    readonly certificateSha256: string,
    /** What the kernel loses in a restart, and what the stored objects make of it again. */
    readonly restart: () => Promise<void>,
  ) {}

  /** Starts the router; with a network, its packets take the ways of the policy routes. */
  static async start(network: LabNetwork | undefined, options: SophosRouterOptions): Promise<SophosRouter> {
    const { authority, address = "127.0.0.1", port = 0, token = newSecret(), ...variants } = options;
    const configuration = initialConfiguration(variants);
    const marks = new PathMarks();
    const kernel = network && new KernelFollower(network);
    const follow = async () => kernel?.follow(kernelScript(configuration, KERNEL_NAMES, marks));
    const device = new Device({
      configuration,
      username: "netops",
      password: newSecret(),
      token,
      configurationChanged: follow,
    });
    await follow();
    const certificate = await authority.issue({ commonName: "utm.lab.example", ipAddresses: [address] });
    const server = await serveDevice(device, certificate, { address, port });
    return new SophosRouter(device, server, certificate.sha256, async () => {
      await kernel?.forget();
      await follow();
    });
  }

  /** The router for the description of a lab. */
  describe(caFile: string): SophosUtmDescription {
    const { address, port } = this.server;
    const [[clientInterface], [serverInterface], [spsInterface], [managementInterface]] = INTERFACES;
    const interfaces = { clientInterface, serverInterface, spsInterface, managementInterface };
    const { username, password, token } = this.device;
    return {
      address,
      port,
      username,
      password,
      token,
      caFile,
      certificateSha256: this.certificateSha256,
      ...interfaces,
    };
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

const newSecret = () => randomBytes(12).toString("base64url");

const refOf = (kind: string, name: string) => `REF_${kind}${name.replace(/[^A-Za-z]/g, "").slice(0, 10)}`;

/** Documented by published configurations: the references of the addresses of the internal interface on every device. */
const addressRefs = (name: string): [host: string, network: string] =>
  name === "Internal"
    ? ["REF_DefaultInternalAddress", "REF_DefaultInternalNetwork"]
    : [refOf("NetIntAddr", name), refOf("NetIntNetw", name)];

const KERNEL_NAMES = new Map<string, string>(
  INTERFACES.map(([name, link]) => [refOf("IntEth", name), link.routerInterface]),
);

/** The configuration of a new device with the addresses of the lab, and a definition and a policy route of an administrator. */
export function initialConfiguration(options: ConfigurationOptions = {}): Configuration {
  const configuration = new Configuration({ ...options, hasUniqueNames: false });
  const add = (type: string, ref: string, values: Record<string, unknown>, lock: UtmObject["_locked"] = "") =>
    configuration.put(type, ref, { ...values, _locked: lock });
  add("network/any", "REF_NetworkAny", { name: "Any", address: "0.0.0.0" }, "global");
  add("service/any", "REF_ServiceAny", { name: "Any" }, "global");
  for (const [name, { routerAddress, network }] of INTERFACES) {
    const [address = "", prefix] = network.split("/");
    const netmask = Number(prefix);
    const hardware = refOf("ItfEth", name);
    const [host, net] = addressRefs(name);
    const primary = refOf("ItfPri", name);
    add("itfhw/ethernet", hardware, { name: `eth for ${name}`, hardware: "eth" });
    add("network/interface_address", host, { name: `${name} (Address)`, address: routerAddress }, "global");
    add("network/interface_network", net, { name: `${name} (Network)`, address, netmask }, "global");
    const addresses = { interface_address: host, interface_network: net };
    add("itfparams/primary", primary, { name, address: routerAddress, netmask, ...addresses });
    const parts = { itfhw: hardware, primary_address: primary, link: true, status: true };
    add("interface/ethernet", refOf("IntEth", name), { name, ...parts });
  }
  add("service/tcp", "REF_SerTcpHttps", { name: "HTTPS", dst_low: 443, dst_high: 443 });
  add("network/host", "REF_NetHosProxy", { name: "Web proxy", address: LINKS.sps.farAddresses[0] });
  const route = { source: "REF_DefaultInternalNetwork", destination: "REF_NetworkAny", target: "REF_NetHosProxy" };
  configuration.put(
    "route/policy",
    "REF_RouPolWebToProxy",
    {
      name: "Web to proxy",
      interface: refOf("IntEth", "ServerFarm"),
      service: "REF_SerTcpHttps",
      status: true,
      ...route,
    },
    { insert: { node: "routes.policy", position: 1 } },
  );
  const any = { sources: ["REF_NetworkAny"], destinations: ["REF_NetworkAny"], services: ["REF_ServiceAny"] };
  configuration.put(
    "packetfilter/packetfilter",
    "REF_PacPacAnyAny",
    { name: "Any to any", action: "accept", status: true, ...any },
    { insert: { node: "packetfilter.rules", position: 1 } },
  );
  configuration.options = options;
  return configuration;
}
