import { ipv6AccessListsText } from "../access/ipv6-access-list";
import { objectGroupsText } from "../access/object-group";
import { configurationText } from "../configuration";
import type { Device } from "../device";
import { BAD_NAME } from "../modes/context";
import { findInterface } from "../modes/interface";
import { CLEAR_COMMANDS } from "./clear";
import { CONFIGURE_COMMANDS } from "./configure";
import { FILE_COMMANDS } from "./files";
import { sectionOf } from "./filter";
import {
  arpText,
  descriptionsText,
  interfacesText,
  interfaceTable,
  ipInterfacesText,
  ipv6InterfacesText,
  ipv6InterfaceTable,
} from "./interfaces";
import { PRIVILEGE_COMMANDS } from "./privileges";
import { PROBE_COMMANDS, TRACE_COMMANDS } from "./probes/ping";
import { TELNET_COMMANDS } from "./probes/telnet";
import { accessListsText, allAccessListsText, localPolicyText, policiesText, routeMapsText } from "./reports";
import { forwardingTable, forwardingText } from "./routing/forwarding";
import { ROUTE_COMMANDS } from "./routing/routes";
import { VRF_COMMANDS } from "./routing/vrf";
import { SERVICE_COMMANDS } from "./services";
import type { ExecCommand } from "./session";
import { SLA_EXEC_COMMANDS } from "./sla";
import { hostsText, INVENTORY, loggingText, MEMORY, PROCESSES, usersText, versionText } from "./system";
import { TCL_COMMANDS } from "./tcl";

/** Commands of user EXEC mode, and of each privilege level. */
export const USER_COMMANDS: readonly ExecCommand[] = [
  ...PRIVILEGE_COMMANDS,
  { pattern: "exit", run: (session) => void session.end() },
  { pattern: "logout", run: (session) => void session.end() },
  {
    pattern: "terminal length <number>",
    run: (session, [length]) => {
      session.length = Number(length);
      return undefined;
    },
  },
  {
    pattern: "terminal width <number>",
    run: (session, [width]) => {
      if (Number(width) > 512) return BAD_NAME;
      session.width = Number(width);
      return undefined;
    },
  },
  ...[true, false].map(
    (isMonitoring): ExecCommand => ({
      pattern: isMonitoring ? "terminal monitor" : "terminal no monitor",
      run: (session) => {
        session.isMonitoring = isMonitoring;
        return undefined;
      },
    }),
  ),
  { pattern: "show version", run: ({ device }) => versionText(device) },
  { pattern: "show inventory", run: () => INVENTORY },
  { pattern: "show clock", run: () => "*10:00:00.000 UTC Mon Jan 5 2026" },
  { pattern: "show hosts", run: ({ device }) => hostsText(device) },
  { pattern: "show interfaces", run: ({ device }) => interfacesText(device) },
  {
    pattern: "show interfaces <words>",
    run: ({ device }, words) => {
      const found = findInterface(device.running, words.join(""));
      return found ? interfacesText(device, found.name) : BAD_NAME;
    },
  },
  { pattern: "show interfaces description", run: ({ device }) => descriptionsText(device) },
  { pattern: "show users", run: ({ device, line }) => usersText(device.vtys, line) },
  ...ROUTE_COMMANDS,
  { pattern: "show arp", run: ({ device }) => arpText(device) },
  { pattern: "show ip arp", run: ({ device }) => arpText(device) },
  { pattern: "show ip interface", run: ({ device }) => ipInterfacesText(device) },
  {
    pattern: "show ip interface <words>",
    run: ({ device }, words) => {
      const found = findInterface(device.running, words.join(""));
      return found ? ipInterfacesText(device, found.name) : BAD_NAME;
    },
  },
  { pattern: "show ip interface brief", run: ({ device }) => interfaceTable(device) },
  { pattern: "show ipv6 interface", run: ({ device }) => ipv6InterfacesText(device) },
  { pattern: "show ipv6 interface brief", run: ({ device }) => ipv6InterfaceTable(device) },
  ...SERVICE_COMMANDS,
  ...VRF_COMMANDS,
  { pattern: "show ip cef", run: ({ device }) => forwardingTable(device) },
  {
    pattern: "show ip cef <ipv4>",
    run: ({ device }, [address = ""]) => forwardingText(device, address),
  },
  ...PROBE_COMMANDS,
  ...TRACE_COMMANDS,
  ...TELNET_COMMANDS,
];

/** Commands of privileged EXEC mode, at the highest level. */
export const PRIVILEGED_COMMANDS: readonly ExecCommand[] = [
  ...USER_COMMANDS,
  ...CONFIGURE_COMMANDS,
  ...FILE_COMMANDS,
  ...TCL_COMMANDS,
  ...SLA_EXEC_COMMANDS,
  ...CLEAR_COMMANDS,
  ...["show running-config", "write terminal"].map(
    (pattern): ExecCommand => ({ pattern, run: ({ device }) => fileText(device, true) }),
  ),
  { pattern: "show running-config all", run: ({ device }) => fileText(device, true, true) },
  { pattern: "show startup-config", run: ({ device }) => fileText(device, false) },
  {
    pattern: "show running-config interface <words>",
    run: ({ device }, words) => {
      const name = findInterface(device.running, words.join(""))?.name;
      if (name === undefined) return BAD_NAME;
      const block = sectionOf(configurationText(device.running, device.spelling), new RegExp(`^interface ${name}$`));
      return `Building configuration...\n\nCurrent configuration : ${block.length} bytes\n!\n${block}\nend\n`;
    },
  },
  { pattern: "show archive", run: ({ device }) => device.archive.text(device.running.archive) },
  { pattern: "show logging", run: ({ device }) => loggingText(device.vtys) },
  { pattern: "show memory statistics", run: () => MEMORY },
  { pattern: "show processes cpu", run: () => PROCESSES },
  { pattern: "show access-lists", run: ({ device }) => allAccessListsText(device) },
  { pattern: "show access-lists <name>", run: ({ device }, [name]) => allAccessListsText(device, name) },
  { pattern: "show ip access-lists", run: ({ device }) => accessListsText(device) },
  { pattern: "show ip access-lists <name>", run: ({ device }, [name]) => accessListsText(device, name) },
  { pattern: "show ipv6 access-list", run: ({ device }) => ipv6AccessListsText(device.running.ipv6AccessLists) },
  {
    pattern: "show ipv6 access-list <name>",
    run: ({ device }, [name]) => ipv6AccessListsText(device.running.ipv6AccessLists, name),
  },
  {
    pattern: "show object-group",
    run: ({ device }) => objectGroupsText(device.running.objectGroups),
  },
  {
    pattern: "show object-group <name>",
    run: ({ device }, [name]) => objectGroupsText(device.running.objectGroups, name),
  },
  { pattern: "show route-map", run: ({ device }) => routeMapsText(device) },
  { pattern: "show route-map <name>", run: ({ device }, [name]) => routeMapsText(device, name) },
  { pattern: "show ip policy", run: ({ device }) => policiesText(device) },
  { pattern: "show ip local policy", run: ({ device }) => localPolicyText(device) },
];

function fileText({ running, startup, spelling }: Device, isRunning: boolean, isComplete = false): string {
  const text = configurationText(isRunning ? running : startup, spelling, isComplete);
  if (!isRunning) return `Using ${text.length} out of 33554432 bytes\n${text}\n`;
  return `Building configuration...\n\nCurrent configuration : ${text.length} bytes\n!\n! Last configuration change at 10:00:00 UTC Mon Jan 5 2026\n${text}\n`;
}
