import type { Interface } from "../configuration";
import { type Command, type ConfigurationCommand, invalid, refused } from "./command";

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
    run: onInterface((one, [address = "", length]) => {
      one.address = { address, maskLength: Number(length) };
      return undefined;
    }),
  },
];

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
    "Statistics:",
    "TX bytes:1377155 packets:12951 errors:0 dropped:0 overruns:0 carrier:0",
    "RX bytes:1457202 packets:13786 errors:0 dropped:0 overruns:0 frame:0",
  ].join("\n");
}
