import { type ConfigurationCommand, type ConfigurationContext, interfaceOf, keptLines } from "./context";

/** `vrf definition` in the global mode. */
export const VRF_GLOBAL_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "vrf definition <name>",
    run: (context, [name = ""]) => {
      const { vrfs } = context.configuration;
      if (!vrfs.some((one) => one.name === name)) vrfs.push({ name, settings: [] });
      context.place = { mode: "config-vrf", name };
      return undefined;
    },
  },
  { pattern: "no vrf definition <name>", run: ({ configuration }, [name = ""]) => removeVrf(configuration, name) },
];

/** The commands of `vrf definition`. */
export const VRF_COMMANDS: readonly ConfigurationCommand[] = [
  ...["ipv4", "ipv6"].map((family) => ({
    pattern: `address-family ${family}`,
    run: (context: ConfigurationContext) => addFamily(context, `address-family ${family}`),
  })),
  ...keptLines(["description <words>!", "rd <name>!"], settingsOf),
];

/** The commands of an address family of a VRF. */
export const VRF_FAMILY_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "exit-address-family",
    run: (context) => {
      if (context.place.mode === "config-vrf-af") context.place = { mode: "config-vrf", name: context.place.name };
      return undefined;
    },
  },
];

/** `vrf forwarding` of an interface, which loses its addresses by it. The kernel of the lab has no VRFs: it goes on routing. */
export const VRF_INTERFACE_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "vrf forwarding <name>",
    run: (context, [name = ""]) => {
      if (!context.configuration.vrfs.some((one) => one.name === name)) return `% VRF ${name} not configured.`;
      return moveInterface(context, `vrf forwarding ${name}`, `enabling VRF ${name}`);
    },
  },
  ...["no vrf forwarding", "no vrf forwarding <name>"].map((pattern) => ({
    pattern,
    run: (context: ConfigurationContext) => {
      const line = interfaceOf(context)?.others.find((one) => one.startsWith("vrf forwarding "));
      return line === undefined ? undefined : moveInterface(context, undefined, `disabling VRF ${line.split(" ")[2]}`);
    },
  })),
];

function moveInterface(context: ConfigurationContext, line: string | undefined, cause: string): string | undefined {
  const one = interfaceOf(context);
  if (!one || (line !== undefined && one.others.includes(line))) return undefined;
  const hadAddress = one.address !== undefined;
  delete one.address;
  one.secondaries = [];
  one.others = one.others.filter((other) => !other.startsWith("vrf forwarding "));
  if (line !== undefined) one.others.push(line);
  return hadAddress ? `% Interface ${one.name} IPv4 disabled and address(es) removed due to ${cause}` : undefined;
}

function addFamily(context: ConfigurationContext, line: string): undefined {
  const settings = settingsOf(context);
  if (settings && !settings.includes(line)) settings.push(line, "exit-address-family");
  if (context.place.mode === "config-vrf") context.place = { mode: "config-vrf-af", name: context.place.name };
}

function settingsOf({ configuration, place }: ConfigurationContext): string[] | undefined {
  return configuration.vrfs.find(({ name }) => place.mode === "config-vrf" && name === place.name)?.settings;
}

function removeVrf(configuration: ConfigurationContext["configuration"], name: string): undefined {
  configuration.vrfs = configuration.vrfs.filter((one) => one.name !== name);
  for (const one of configuration.interfaces) {
    if (!one.others.includes(`vrf forwarding ${name}`)) continue;
    delete one.address;
    one.secondaries = [];
    one.others = one.others.filter((line) => line !== `vrf forwarding ${name}`);
  }
}
