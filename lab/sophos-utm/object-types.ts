import { flag, ipv4, list, number, type ObjectType, oneOf, ref, refList, required, text } from "./attributes";
import { WEBSERVER_TYPES } from "./webserver-types";

/**
 * The objects of a Sophos UTM as far as the lab emulates them. Documented: names and types of the attributes (definitions of
 * restd 1.3 as published clients have them, and published configurations). Assumed: which attributes are required.
 */

const named: ObjectType = { name: text, comment: text };
const addressed: ObjectType = { ...named, address: ipv4, address6: text, resolved: flag, resolved6: flag };
const masked: ObjectType = { ...addressed, netmask: number(0, 32, 0), netmask6: number(0, 128, 0) };
const onInterface = { interface: ref("interface/*") };
const ports: ObjectType = {
  ...named,
  dst_low: number(1, 65535),
  dst_high: number(1, 65535),
  src_low: number(1, 65535, 1),
  src_high: number(1, 65535, 65535),
};
const networkInterface: ObjectType = {
  ...named,
  itfhw: ref("itfhw/*"),
  primary_address: ref("itfparams/primary"),
  additional_addresses: refList("itfparams/secondary"),
  mtu: number(576, 9000, 1500),
  link: flag,
  status: flag,
};
const interfaceAddress: ObjectType = {
  ...named,
  address: ipv4,
  netmask: number(0, 32, 24),
  address6: text,
  netmask6: number(0, 128, 0),
  interface_address: ref("network/interface_address"),
  interface_network: ref("network/interface_network"),
  resolved: flag,
};

export const OBJECT_TYPES: Readonly<Record<string, ObjectType>> = {
  "network/any": masked,
  "network/host": {
    ...addressed,
    ...onInterface,
    address: required(ipv4),
    duids: list,
    hostnames: list,
    macs: list,
    reverse_dns: flag,
  },
  "network/network": { ...masked, ...onInterface, address: required(ipv4), netmask: number(0, 32) },
  "network/dns_host": { ...addressed, ...onInterface, hostname: required(text), timeout: number(0, 86400, 0) },
  "network/group": { ...named, members: refList("network/*") },
  // The addresses from which a user or the members of a group are logged in.
  "network/aaa": { ...named, addresses: list, addresses6: list, resolved: flag, resolved6: flag },
  "network/interface_address": addressed,
  "network/interface_network": masked,
  "service/any": named,
  "service/tcp": ports,
  "service/udp": ports,
  "service/tcpudp": ports,
  "service/ip": { ...named, proto: number(0, 255) },
  "service/icmp": { ...named, type: number(0, 255, 8), code: number(0, 255, 0) },
  "service/icmpv6": { ...named, type: number(0, 255, 128), code: number(0, 255, 0) },
  // Not documented: further attributes, such as the range of security parameter indexes.
  "service/ah": named,
  "service/esp": named,
  "service/group": { ...named, members: refList("service/*"), types: list },
  "interface/ethernet": networkInterface,
  "interface/vlan": { ...networkInterface, vlantag: number(1, 4094, 1) },
  "itfhw/ethernet": { ...named, hardware: text, mac: text },
  "itfparams/primary": { ...interfaceAddress, default_gateway_address: ipv4, default_gateway_status: flag },
  "itfparams/secondary": { ...interfaceAddress, status: flag },
  "network/range": {
    ...named,
    ...onInterface,
    from: required(ipv4),
    to: required(ipv4),
    from6: text,
    to6: text,
    resolved: flag,
    resolved6: flag,
  },
  "network/dns_group": {
    ...named,
    ...onInterface,
    hostname: required(text),
    addresses: list,
    addresses6: list,
    resolved: flag,
    resolved6: flag,
    timeout: number(0, 86400, 0),
  },
  // Assumed: the attributes, as published clients of restd 1.3 have them.
  "packetfilter/packetfilter": {
    ...named,
    action: oneOf("accept", "drop", "reject"),
    sources: refList("network/*"),
    destinations: refList("network/*"),
    services: refList("service/*"),
    time: text,
    source_mac_addresses: text,
    interface: ref("interface/*"),
    direction: text,
    group: text,
    auto: flag,
    auto_type: text,
    log: flag,
    status: flag,
  },
  // The lab's kernel follows policy routes alone: it translates no addresses, and has no static routes of a UTM.
  "packetfilter/masq": {
    ...named,
    source: required(ref("network/*")),
    source_nat_interface: required(ref("interface/*")),
    additional_address: ref("itfparams/secondary"),
    additional_address_restore: text,
    status: flag,
  },
  // Assumed: the modes.
  "packetfilter/nat": {
    ...named,
    mode: oneOf("dnat", "snat", "full", "nonat"),
    source: required(ref("network/*")),
    service: required(ref("service/*")),
    destination: required(ref("network/*")),
    source_nat_address: ref("network/*"),
    source_nat_service: ref("service/*"),
    destination_nat_address: ref("network/*"),
    destination_nat_service: ref("service/*"),
    auto_pf_in: ref("packetfilter/packetfilter"),
    auto_pfrule: flag,
    group: text,
    ipsec: flag,
    log: flag,
    status: flag,
  },
  // Assumed: what `type` means: a route to a gateway, through an interface, or to nowhere, which needs no target.
  "route/static": {
    ...named,
    type: oneOf("host", "itf", "null"),
    network: required(ref("network/network", "network/group", "network/interface_network")),
    target: ref("network/host", "interface/*"),
    metric: number(1, 255, 5),
    status: flag,
  },
  "route/policy": {
    ...named,
    type: oneOf("host", "itf"),
    interface: ref("interface/*"),
    source: required(ref("network/*")),
    service: required(ref("service/*")),
    destination: required(ref("network/*")),
    target: required(ref("network/host", "network/dns_host", "interface/*")),
    status: flag,
  },
  ...WEBSERVER_TYPES,
};

/** Nodes with a value, or with the types of objects in their list. Assumed: the value of `spoof_protection`. */
export const NODES: Readonly<Record<string, { value: unknown; refs?: readonly string[] }>> = {
  "acc.server2.port": { value: 4433 },
  "packetfilter.advanced.spoof_protection": { value: "normal" },
  "packetfilter.advanced.strict_tcp_state": { value: false },
  "packetfilter.rules": { value: [], refs: ["packetfilter/packetfilter"] },
  "packetfilter.rules_auto": { value: [], refs: ["packetfilter/packetfilter"] },
  "packetfilter.rules_back": { value: [], refs: ["packetfilter/packetfilter"] },
  "packetfilter.rules_front": { value: [], refs: ["packetfilter/packetfilter"] },
  "routes.policy": { value: [], refs: ["route/policy"] },
  // Assumed: the names of these three, after the one above.
  "packetfilter.masq": { value: [], refs: ["packetfilter/masq"] },
  "packetfilter.nat": { value: [], refs: ["packetfilter/nat"] },
  "routes.static": { value: [], refs: ["route/static"] },
  "webadmin.port": { value: 4444 },
};
