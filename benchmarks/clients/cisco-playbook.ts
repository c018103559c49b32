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

const STATIC_ROUTES = [
  {
    address_families: [
      {
        afi: "ipv4",
        routes: [
          {
            dest: "10.9.0.0/16",
            next_hops: [{ forward_router_address: "10.0.0.5", distance_metric: 200, tag: 7, name: "far" }],
          },
          { dest: "10.8.0.0/16", next_hops: [{ interface: "Null0", permanent: true }] },
          { dest: "0.0.0.0/0", next_hops: [{ forward_router_address: "172.16.9.2", track: 5 }] },
        ],
      },
    ],
  },
];
const PREFIX_LISTS = [
  {
    afi: "ipv4",
    prefix_lists: [
      {
        name: "NETS",
        description: "by ansible",
        entries: [
          { action: "permit", prefix: "10.0.0.0/8", sequence: 5, le: 24 },
          { action: "deny", prefix: "0.0.0.0/0", sequence: 10, ge: 25 },
        ],
      },
    ],
  },
];
const any = { any: true };
const entry = (sequence: number, protocol: string, rest: object = {}) => {
  return { sequence, grant: "permit", protocol, source: any, destination: any, ...rest };
};
const SHAPES = [
  {
    afi: "ipv4",
    acls: [
      {
        name: "SHAPES",
        acl_type: "extended",
        aces: [
          entry(10, "tcp", { protocol_options: { tcp: { established: true } } }),
          entry(20, "icmp", { protocol_options: { icmp: { host_unreachable: true } } }),
          entry(30, "ip", { dscp: "ef" }),
          entry(40, "ip", { precedence: "critical" }),
          entry(50, "ip", { time_range: "WORK" }),
          entry(60, "ip", { log: { set: true } }),
          entry(70, "ip", { ttl: { gt: 10 } }),
        ],
      },
    ],
  },
  {
    afi: "ipv6",
    acls: [
      {
        name: "SHAPES6",
        aces: [
          entry(10, "tcp", { destination: { host: "2001:DB8::5", port_protocol: { eq: "22" } } }),
          entry(20, "udp", { source: { address: "2001:DB8:1::/48" }, log: { set: true } }),
        ],
      },
    ],
  },
];
const ACCESS_GROUPS = [
  {
    name: "GigabitEthernet2",
    access_groups: [
      { afi: "ipv4", acls: [{ name: "SHAPES", direction: "in" }] },
      { afi: "ipv6", acls: [{ name: "SHAPES6", direction: "in" }] },
    ],
  },
];

/** Tasks that merge a configuration, find it merged, and find it in check mode. */
function twice(module: string, what: string, config: object): Task[] {
  const merge = { [`cisco.ios.${module}`]: { config, state: "merged" } };
  const finds = { register: "again", failed_when: "again is changed or again is failed" };
  return [
    { name: `merges ${what}`, ...merge, register: "merged", failed_when: "merged is not changed" },
    { name: `finds ${what} merged`, ...merge, ...finds },
    { name: `finds ${what} merged in check mode`, ...merge, check_mode: true, ...finds },
  ];
}

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
  ...twice("ios_static_routes", "static routes", STATIC_ROUTES),
  ...twice("ios_prefix_lists", "prefix lists", PREFIX_LISTS),
  ...twice("ios_acls", "lists of many shapes", SHAPES),
  ...twice("ios_acl_interfaces", "lists of interfaces", ACCESS_GROUPS),
  {
    name: "sets a banner",
    "cisco.ios.ios_banner": { banner: "motd", text: "first line\nsecond line", state: "present" },
  },
  {
    name: "finds the banner",
    "cisco.ios.ios_banner": { banner: "motd", text: "first line\nsecond line", state: "present" },
    register: "again",
    failed_when: "again is changed",
  },
  { name: "removes the banner", "cisco.ios.ios_banner": { banner: "motd", state: "absent" } },
  {
    name: "waits for what a report contains",
    "cisco.ios.ios_command": {
      commands: ["show ip route"],
      wait_for: ["result[0] contains 'S        10.9.0.0/16 [200/0] via 10.0.0.5'"],
      retries: 1,
    },
  },
  {
    name: "answers a question",
    "cisco.ios.ios_command": {
      commands: [{ command: "clear counters GigabitEthernet1", prompt: "confirm", answer: "y" }],
    },
  },
  { name: "pings", "cisco.ios.ios_ping": { dest: "10.0.0.5", source: "GigabitEthernet2", count: 2 } },
  { name: "removes lists of interfaces", "cisco.ios.ios_acl_interfaces": { state: "deleted" } },
  { name: "removes static routes", "cisco.ios.ios_static_routes": { state: "deleted" } },
  {
    name: "finds no static route",
    "cisco.ios.ios_static_routes": { state: "gathered" },
    register: "gathered",
    failed_when: "gathered.gathered | length > 0",
  },
  { name: "enters a command that the device refuses", isRefused: true, "cisco.ios.ios_config": { lines: ["foo bar"] } },
  { name: "deletes route maps", "cisco.ios.ios_route_maps": { state: "deleted" } },
  { name: "deletes lists", "cisco.ios.ios_acls": { state: "deleted" } },
  { name: "reads the rest", "cisco.ios.ios_command": { commands: ["show running-config"] }, register: "rest" },
  holds("leaves no list and no route map", "'access-list' not in rest.stdout[0]", "'route-map' not in rest.stdout[0]"),
];
