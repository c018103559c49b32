import type { Task } from "./ansible";

const LISTS = [
  {
    afi: "ipv4",
    acls: [
      {
        name: "ANSIBLE",
        acl_type: "extended",
        aces: [
          {
            sequence: 10,
            grant: "permit",
            protocol: "tcp",
            remarks: ["first one"],
            source: { any: true },
            destination: { host: "10.0.0.5", port_protocol: { eq: "22" } },
          },
          {
            sequence: 20,
            grant: "deny",
            protocol: "icmp",
            protocol_options: { icmp: { echo: true } },
            source: { address: "10.1.0.0", wildcard_bits: "0.0.255.255" },
            destination: { any: true },
            log: { set: true },
          },
        ],
      },
      {
        name: "SOURCES",
        acl_type: "standard",
        aces: [{ sequence: 10, grant: "permit", source: { host: "10.0.0.5" } }],
      },
    ],
  },
];
const OTHER_LISTS = [
  {
    afi: "ipv4",
    acls: [
      {
        name: "ANSIBLE",
        acl_type: "extended",
        aces: [
          {
            sequence: 10,
            grant: "permit",
            protocol: "tcp",
            source: { any: true },
            destination: { host: "10.0.0.6", port_protocol: { eq: "3389" } },
          },
        ],
      },
    ],
  },
];
const ROUTE_MAPS = [
  {
    route_map: "ANSIBLE",
    entries: [
      {
        sequence: 10,
        action: "permit",
        description: "by ansible",
        match: { ip: { address: { acls: ["ANSIBLE"] } } },
        set: { ip: { next_hop: { address: "172.16.9.2" } } },
      },
      {
        sequence: 20,
        action: "deny",
        match: { tag: { value: [50] }, length: { minimum: 64, maximum: 1500 } },
        continue_entry: { entry_sequence: 30 },
        set: { metric: { metric_value: 100 } },
      },
    ],
  },
];

const holds = (name: string, ...that: string[]) => ({ name, "ansible.builtin.assert": { that } });
const lists = (config: object, state: string) => ({ "cisco.ios.ios_acls": { config, state } });
const maps = (config: object, state: string) => ({ "cisco.ios.ios_route_maps": { config, state } });

/** Tasks for the modules of cisco.ios: facts, configuration with diff, lists and route maps, each twice. */
export const CISCO_PLAYBOOK: readonly Task[] = [
  {
    name: "gathers facts and resources",
    "cisco.ios.ios_facts": {
      gather_subset: ["all"],
      gather_network_resources: ["acls", "route_maps", "l3_interfaces"],
    },
    register: "facts",
  },
  holds(
    "finds interfaces, memory and files",
    "facts.ansible_facts.ansible_net_interfaces.GigabitEthernet1.ipv4[0].address == '192.168.50.1'",
    "facts.ansible_facts.ansible_net_memfree_mb > 0",
    "facts.ansible_facts.ansible_net_filesystems == ['bootflash:']",
  ),
  {
    name: "changes an interface",
    "cisco.ios.ios_config": { lines: ["description by ansible", "ip mtu 1400"], parents: "interface GigabitEthernet2" },
    register: "changed",
  },
  {
    name: "finds nothing to change there a second time",
    "cisco.ios.ios_config": { lines: ["description by ansible", "ip mtu 1400"], parents: "interface GigabitEthernet2" },
    register: "again",
    failed_when: "again is changed",
  },
  {
    name: "shows and saves the difference to the startup configuration",
    "cisco.ios.ios_config": { diff_against: "startup", save_when: "modified" },
    register: "saved",
    failed_when: "'by ansible' not in (saved.diff | string)",
  },
  { name: "merges lists", ...lists(LISTS, "merged"), register: "merged" },
  { name: "finds the lists merged", ...lists(LISTS, "merged"), register: "again", failed_when: "again is changed" },
  { name: "replaces a list", ...lists(OTHER_LISTS, "replaced") },
  { name: "gathers lists", "cisco.ios.ios_acls": { state: "gathered" }, register: "gathered" },
  holds(
    "gathers what it has entered",
    "gathered.gathered[0].acls[0].aces[0].destination.host == '10.0.0.6'",
    "gathered.gathered[0].acls | length == 2",
  ),
  { name: "merges route maps", ...maps(ROUTE_MAPS, "merged") },
  {
    name: "finds the route maps merged",
    ...maps(ROUTE_MAPS, "merged"),
    register: "again",
    failed_when: "again is changed",
  },
  { name: "enters a command that the device refuses", isRefused: true, "cisco.ios.ios_config": { lines: ["foo bar"] } },
  { name: "deletes route maps", "cisco.ios.ios_route_maps": { state: "deleted" } },
  { name: "deletes lists", "cisco.ios.ios_acls": { state: "deleted" } },
  { name: "reads the rest", "cisco.ios.ios_command": { commands: ["show running-config"] }, register: "rest" },
  holds("leaves no list and no route map", "'access-list' not in rest.stdout[0]", "'route-map' not in rest.stdout[0]"),
];
