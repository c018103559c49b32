import { type ConfigurationCommand, type ConfigurationContext, interfaceOf, keptLines } from "../context";

/** `vrf definition` in the global mode. */
export const VRF_GLOBAL_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "vrf definition <name>",
    run: (context, [name = ""]) => {
      const { vrfs } = context.configuration;
      if (!vrfs.some((one) => one.name === name)) vrfs.push({ name, settings: [], families: {} });
      context.place = { mode: "config-vrf", name };
      return undefined;
    },
  },
  { pattern: "no vrf definition <name>", run: ({ configuration }, [name = ""]) => removeVrf(configuration, name) },
];

const FAMILY_LINES = ["both", "export", "import"]
  .flatMap((way) => ["", " stitching"].map((kind) => `route-target ${way} <name>${kind}`))
  .concat("import map <name>!", "export map <name>!", "maximum routes <words>!");

/** The commands of `vrf definition`. */
export const VRF_COMMANDS: readonly ConfigurationCommand[] = [
  ...(["ipv4", "ipv6"] as const).flatMap((family): ConfigurationCommand[] => [
    { pattern: `address-family ${family}`, run: (context) => addFamily(context, family) },
    { pattern: `address-family ${family} unicast`, run: (context) => addFamily(context, family) },
    {
      pattern: `no address-family ${family}`,
      run: ({ configuration, place }) => {
        const vrf = configuration.vrfs.find(({ name }) => place.mode === "config-vrf" && name === place.name);
        if (vrf) delete vrf.families[family];
        return undefined;
      },
    },
  ]),
  ...keptLines(["description <words>!", "rd <name>!", "vnid <words>!", ...FAMILY_LINES.slice(0, 6)], settingsOf),
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
  ...keptLines(FAMILY_LINES, ({ configuration, place }) => {
    if (place.mode !== "config-vrf-af") return undefined;
    return configuration.vrfs.find(({ name }) => name === place.name)?.families[place.family];
  }),
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

function addFamily(context: ConfigurationContext, family: "ipv4" | "ipv6"): undefined {
  const { configuration, place } = context;
  const vrf = configuration.vrfs.find(({ name }) => place.mode === "config-vrf" && name === place.name);
  if (!vrf) return;
  vrf.families[family] ??= [];
  context.place = { mode: "config-vrf-af", name: vrf.name, family };
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
