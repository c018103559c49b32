import { maskText } from "../../common/ipv4";
import type { Configuration, Interface } from "../configuration";
import { badNetwork, type Command, type ConfigurationCommand, invalid, isAddress, isNetwork, refused } from "./command";

/** What `show interface NAME PART` prints alone: assumed to be the line of the whole report, as clients parse it. */
const PARTS = [
  "state",
  "mac-addr",
  "type",
  "link-state",
  "mtu",
  "auto-negotiation",
  "speed",
  "ipv6-autoconfig",
  "duplex",
  "monitor-mode",
  "comments",
  "ipv4-address",
  "ipv6-address",
  "ipv6-local-link-address",
];

export const INTERFACE_COMMANDS: Command[] = [
  { pattern: "show interfaces", run: ({ device }) => device.running.interfaces.map(({ name }) => name).join("\n") },
  {
    pattern: "show interfaces all",
    run: ({ device }) => device.running.interfaces.map((one) => interfaceText(one)).join("\n"),
  },
  { pattern: "show interface <value>", run: onShown("", (one) => interfaceText(one, "")) },
  { pattern: "show interface <value> all", run: onShown(" all", (one) => interfaceText(one, "")) },
  { pattern: "show interface <value> aliases", run: onShown(" aliases", aliasesText) },
  {
    pattern: "show interface <value> vlans",
    run: ({ device }, [name = ""]) =>
      device.running.interfaces
        .filter((one) => one.name.startsWith(`${name}.`))
        .map((one) => one.name)
        .join("\n"),
  },
  { pattern: "show interface <value> statistics", run: onShown(" statistics", () => STATISTICS.join("\n")) },
  ...PARTS.map((part) => ({
    pattern: `show interface <value> ${part}`,
    run: onShown(` ${part}`, (one) => factsOf(one).find((line) => line.split(" ")[0] === part)),
  })),
];

/** Commands that need the lock of the configuration. */
export const INTERFACE_SETTINGS: ConfigurationCommand[] = [
  ...["on", "off"].map((state) => ({
    pattern: `set interface <value> state ${state}`,
    run: onInterface((one) => {
      one.isOn = state === "on";
      return undefined;
    }),
  })),
  {
    pattern: "set interface <value> comments <value>",
    run: onInterface((one, [text = ""]) => {
      one.comments = text;
      return undefined;
    }),
  },
  {
    pattern: "set interface <value> mtu <value>",
    // The range is that of the administration guide for IPv4; the words of the refusal are assumed.
    run: onInterface((one, [bytes = ""], line) => {
      if (!/^\d{2,5}$/.test(bytes) || Number(bytes) < 68 || Number(bytes) > 16_000) {
        return refused("Range check fails", line, bytes);
      }
      one.mtu = Number(bytes);
      return undefined;
    }),
  },
  {
    pattern: "set interface <value> ipv4-address <value> mask-length <value>",
    run: onInterface((one, [address = "", length = ""], line) => {
      if (!isAddress(address)) return refused("IPv4 address check fails", line, address);
      if (!isNetwork(`${address}/${length}`)) return refused("Range check fails", line, length);
      one.address = { address, maskLength: Number(length) };
      return undefined;
    }),
  },
  {
    pattern: "set interface <value> ipv4-address <value> subnet-mask <value>",
    run: onInterface((one, [address = "", mask = ""], line) => {
      const length = Array.from({ length: 33 }, (_, index) => index).find((bits) => maskText(bits) === mask);
      if (!isAddress(address)) return refused("IPv4 address check fails", line, address);
      if (length === undefined || length === 0) return refused("IPv4 netmask check fails", line, mask);
      one.address = { address, maskLength: length };
      return undefined;
    }),
  },
  {
    pattern: "delete interface <value> ipv4-address",
    run: onInterface((one) => void delete one.address),
  },
  {
    pattern: "add interface <value> alias <value>",
    run: onInterface((one, [alias = ""], line) => {
      if (!isNetwork(alias)) return badNetwork(line, alias);
      if (!one.aliases.includes(alias)) one.aliases.push(alias);
      return undefined;
    }),
  },
  {
    // The first alias of eth1 is eth1:1.
    pattern: "delete interface <value> alias <value>",
    run: onInterface((one, [alias = ""], line) => {
      const index = one.aliases.findIndex((_, at) => alias === `${one.name}:${at + 1}`);
      if (index < 0) return refused("Alias does not exist", line, alias);
      one.aliases.splice(index, 1);
      return undefined;
    }),
  },
  { pattern: "add interface <value> vlan <value>", run: addVlan },
  {
    pattern: "delete interface <value> vlan <value>",
    run: (configuration, [name = "", id = ""], line) => {
      const vlan = configuration.interfaces.find((one) => one.name === `${name}.${id}`);
      if (!vlan) return refused("VLAN does not exist", line, id);
      configuration.interfaces = configuration.interfaces.filter((one) => one !== vlan);
      return undefined;
    },
  },
];

/** A VLAN is an interface of its own. The lab's network has none: its packets go nowhere. */
function addVlan(configuration: Configuration, [name = "", id = ""]: string[], line: string): string | undefined {
  const parent = configuration.interfaces.findIndex((one) => one.name === name);
  if (parent < 0 || name.includes(".")) return invalid(line);
  if (!/^\d{1,4}$/.test(id) || Number(id) < 2 || Number(id) > 4094) return refused("Range check fails", line, id);
  const vlan = `${name}.${Number(id)}`;
  if (configuration.interfaces.some((one) => one.name === vlan)) return undefined;
  configuration.interfaces.splice(parent + 1, 0, { name: vlan, isOn: true, aliases: [] });
  return undefined;
}

function aliasesText({ name, aliases }: Interface): string {
  return aliases.map((alias, index) => `alias ${name}:${index + 1} ${alias}`).join("\n");
}

function onShown(rest: string, text: (one: Interface) => string | undefined): Command["run"] {
  return ({ device }, [name = ""]) => {
    const found = device.running.interfaces.find((one) => one.name === name);
    return found ? text(found) : invalid(`show interface ${name}${rest}`);
  };
}

function onInterface(
  change: (one: Interface, values: string[], line: string) => string | undefined,
): ConfigurationCommand["run"] {
  return (configuration, [name = "", ...values], line) => {
    const found = configuration.interfaces.find((one) => one.name === name);
    return found ? change(found, values, line) : invalid(line);
  };
}

const STATISTICS = [
  "Statistics:",
  "TX bytes:1377155 packets:12951 errors:0 dropped:0 overruns:0 carrier:0",
  "RX bytes:1457202 packets:13786 errors:0 dropped:0 overruns:0 frame:0",
];

function factsOf({ isOn, comments, mtu, address }: Interface): string[] {
  return [
    `state ${isOn ? "on" : "off"}`,
    "mac-addr 00:1c:7f:00:11:22",
    "type ethernet",
    `link-state ${isOn ? "link up" : "link down"}`,
    `mtu ${mtu ?? 1500}`,
    "auto-negotiation on",
    "speed 1000M",
    "ipv6-autoconfig Not configured",
    "duplex full",
    "monitor-mode Not configured",
    "link-speed 1000M/full",
    `comments${comments === undefined ? "" : ` ${comments}`}`,
    `ipv4-address ${address ? `${address.address}/${address.maskLength}` : "Not Configured"}`,
    "ipv6-address Not Configured",
    "ipv6-local-link-address Not Configured",
  ];
}

function interfaceText(one: Interface, indent = "    "): string {
  return [
    ...(indent === "" ? [] : [`Interface ${one.name}`]),
    ...factsOf(one).map((line) => indent + line),
    "",
    ...STATISTICS,
  ].join("\n");
}
