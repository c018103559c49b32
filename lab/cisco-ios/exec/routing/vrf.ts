import type { Configuration, Vrf } from "../../configuration";
import type { Device } from "../../device";
import { vrfOf } from "../../routing/routing-table";
import { shortName } from "../reports";
import type { ExecCommand } from "../session";

/** `show vrf` and its older form `show ip vrf`. */
export const VRF_COMMANDS: readonly ExecCommand[] = [
  { pattern: "show vrf", run: ({ device }) => tableText(device.running, true) },
  { pattern: "show vrf <name>", run: ({ device }, [name]) => tableText(device.running, true, name) },
  { pattern: "show vrf detail", run: ({ device }) => detailText(device) },
  { pattern: "show vrf detail <name>", run: ({ device }, [name]) => detailText(device, name) },
  { pattern: "show ip vrf", run: ({ device }) => tableText(device.running, false) },
  { pattern: "show ip vrf <name>", run: ({ device }, [name]) => tableText(device.running, false, name) },
  { pattern: "show ip vrf interfaces", run: ({ device }) => interfacesText(device.running) },
];

function chosen({ vrfs }: Configuration, only: string | undefined): Vrf[] {
  return vrfs.filter(({ name }) => only === undefined || name === only);
}

function interfacesIn({ interfaces }: Configuration, vrf: string): string[] {
  return interfaces.filter((one) => vrfOf(one) === vrf).map(({ name }) => shortName(name));
}

const distinguisherOf = ({ settings }: Vrf) =>
  settings.flatMap((line) => /^rd (\S+)$/.exec(line)?.[1] ?? [])[0] ?? "<not set>";

/** Further interfaces of a VRF stand in rows of their own. */
function tableText(configuration: Configuration, hasProtocols: boolean, only?: string): string | undefined {
  const vrfs = chosen(configuration, only);
  if (only !== undefined && vrfs.length === 0) return `% No VRF named ${only}`;
  if (vrfs.length === 0) return undefined;
  const row = (name: string, distinguisher: string, protocols: string, one = "") =>
    `  ${name.padEnd(33)}${distinguisher.padEnd(22)}${hasProtocols ? protocols.padEnd(12) : ""}${one}`.trimEnd();
  const rows = vrfs.flatMap((vrf) => {
    const [first, ...further] = interfacesIn(configuration, vrf.name);
    const protocols = Object.keys(vrf.families).sort().join(",");
    return [row(vrf.name, distinguisherOf(vrf), protocols, first), ...further.map((one) => row("", "", "", one))];
  });
  return [row("Name", "Default RD", "Protocols", "Interfaces"), ...rows].join("\n");
}

/** Of an address family the lines are printed that the emulation knows. */
function detailText({ running }: Device, only?: string): string | undefined {
  const vrfs = chosen(running, only);
  if (only !== undefined && vrfs.length === 0) return `% No VRF named ${only}`;
  const texts = vrfs.map((vrf) => {
    const id = running.vrfs.indexOf(vrf) + 1;
    const names = interfacesIn(running, vrf.name);
    return [
      `VRF ${vrf.name} (VRF Id = ${id}); default RD ${distinguisherOf(vrf)}; default VPNID <not set>`,
      "  New CLI format, supports multiple address-families",
      "  Flags: 0x180C",
      ...(names.length > 0
        ? ["  Interfaces:", `    ${names.map((name) => name.padEnd(24)).join(" ")}`]
        : ["  No interfaces"]),
      ...(["ipv4", "ipv6"] as const).flatMap((family) => familyLines(family, id, vrf.families[family])),
    ].join("\n");
  });
  return texts.length > 0 ? texts.join("\n\n") : undefined;
}

function familyLines(family: string, id: number, lines: readonly string[] | undefined): string[] {
  if (!lines) return [`Address family ${family} unicast not active`];
  const targets = (way: string) => {
    const found = lines.flatMap(
      (line) => new RegExp(`^route-target (?:both|${way.toLowerCase()}) (\\S+)`).exec(line)?.[1] ?? [],
    );
    return found.length > 0
      ? [`  ${way} VPN route-target communities`, `    ${found.map((target) => `RT:${target}`.padEnd(24)).join(" ")}`]
      : [`  No ${way} VPN route-target communities`];
  };
  return [
    `Address family ${family} unicast (Table ID = 0x${(family === "ipv4" ? id : 0x1e000000 + id).toString(16).toUpperCase()}):`,
    "  Flags: 0x0",
    ...targets("Export"),
    ...targets("Import"),
    "  No import route-map",
    "  No global export route-map",
    "  No export route-map",
    "  VRF label distribution protocol: not configured",
    "  VRF label allocation mode: per-prefix",
  ];
}

function interfacesText(configuration: Configuration): string {
  const rows = configuration.interfaces.flatMap((one) => {
    const vrf = vrfOf(one);
    if (vrf === undefined) return [];
    const address = one.address?.address ?? "unassigned";
    return [`${shortName(one.name).padEnd(23)}${address.padEnd(16)}${vrf.padEnd(35)}${one.isShutDown ? "down" : "up"}`];
  });
  return ["Interface              IP-Address      VRF                              Protocol", ...rows].join("\n");
}
