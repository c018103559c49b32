import { openingRules, type Random, type RuleSet } from "./rule-set";

/** Docker Engine: bridges with isolation, published ports and masquerading. */
export function docker(random: Random): RuleSet {
  const net = `172.${17 + random.below(10)}.0`;
  const port = random.pick(80, 443, 8080, 3389, 5432);
  const isRecent = random.below(2) === 0;
  return {
    name: "docker",
    tool: random.pick("iptables-nft", "iptables-legacy"),
    rules: [
      "filter -P FORWARD DROP",
      "filter -A FORWARD -j DOCKER-USER",
      "filter -A FORWARD -j DOCKER-ISOLATION-STAGE-1",
      "filter -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "filter -A FORWARD -o docker0 -j DOCKER",
      "filter -A FORWARD -i docker0 ! -o docker0 -j ACCEPT",
      ...random.perhaps("filter -A FORWARD -i docker0 -o docker0 -j ACCEPT"),
      `filter -A DOCKER -d ${net}.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport ${port} -j ACCEPT`,
      ...random.perhaps("filter -A DOCKER ! -i docker0 -o docker0 -j DROP"),
      "filter -A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2",
      "filter -A DOCKER-ISOLATION-STAGE-1 -j RETURN",
      "filter -A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP",
      ...openingRules(random, "DOCKER-USER"),
      "filter -A DOCKER-USER -j RETURN",
      "nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER",
      "nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER",
      `nat -A POSTROUTING -s ${net}.0/16 ! -o docker0 -j MASQUERADE`,
      `nat -A POSTROUTING -s ${net}.2/32 -d ${net}.2/32 -p tcp -m tcp --dport ${port} -j MASQUERADE`,
      "nat -A DOCKER -i docker0 -j RETURN",
      `nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport ${port + 8000} -j DNAT --to-destination ${net}.2:${port}`,
      ...(isRecent ? [`raw -A PREROUTING -d ${net}.2/32 ! -i docker0 -j DROP`] : []),
    ],
  };
}

/** kube-proxy in its mode iptables. */
export function kubeProxy(random: Random): RuleSet {
  const service = `10.96.${random.below(256)}.${1 + random.below(250)}`;
  const pod = `10.244.${random.below(256)}.${1 + random.below(250)}`;
  return {
    name: "kube-proxy",
    rules: [
      'nat -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      'nat -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
      `nat -A KUBE-SERVICES -d ${service}/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 3389 -j KUBE-SVC-AAAA`,
      'nat -A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
      `nat -A KUBE-NODEPORTS -p tcp -m tcp --dport ${30000 + random.below(2000)} -j KUBE-SVC-AAAA`,
      `nat -A KUBE-SVC-AAAA ! -s 10.244.0.0/16 -d ${service}/32 -p tcp -m tcp --dport 3389 -j KUBE-MARK-MASQ`,
      "nat -A KUBE-SVC-AAAA -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-AAAA",
      "nat -A KUBE-SVC-AAAA -j KUBE-SEP-AAAA",
      `nat -A KUBE-SEP-AAAA -s ${pod}/32 -j KUBE-MARK-MASQ`,
      `nat -A KUBE-SEP-AAAA -p tcp -m tcp -j DNAT --to-destination ${pod}:3389`,
      "nat -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000",
      "nat -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN",
      "nat -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0",
      'nat -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE',
      'filter -A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
      "filter -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP",
      "filter -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT",
      "filter -A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      ...random.perhaps(
        `filter -A FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES`,
        `filter -A KUBE-EXTERNAL-SERVICES -d ${service}/32 -p tcp -m tcp --dport 3389 -m comment --comment "default/web has no endpoints" -j REJECT`,
      ),
    ],
  };
}

/** kube-proxy in its mode nftables: verdict maps of addresses and ports. */
export function kubeProxyNft(random: Random): RuleSet {
  const service = `10.96.${random.below(256)}.${1 + random.below(250)}`;
  const pod = `10.244.${random.below(256)}.${1 + random.below(250)}`;
  return {
    name: "kube-proxy (nftables)",
    nft: `table ip kube-proxy {
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict; elements = { ${service} . tcp . 3389 : goto service-web }; }
  map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict; elements = { 10.96.9.9 . tcp . 22 : drop }; }
  set cluster-ips { type ipv4_addr; elements = { ${service} }; }
  chain mark-for-masquerade { meta mark set meta mark or 0x4000; }
  chain endpoint-web { ip saddr ${pod} jump mark-for-masquerade; meta l4proto tcp dnat to ${pod}:3389; }
  chain service-web { ip daddr ${service} tcp dport 3389 ip saddr != 10.244.0.0/16 jump mark-for-masquerade; numgen random mod 1 vmap { 0 : goto endpoint-web }; }
  chain services { ip daddr . meta l4proto . th dport vmap @service-ips; }
  chain filter-prerouting { type filter hook prerouting priority -110; ct state new ip daddr @cluster-ips jump services-check; }
  chain services-check { ip daddr . meta l4proto . th dport vmap @no-endpoint-services; }
  chain forward-check { type filter hook forward priority -110; ct state new ip daddr . meta l4proto . th dport vmap @no-endpoint-services; }
  chain nat-prerouting { type nat hook prerouting priority -100; jump services; }
  chain masquerading { meta mark and 0x4000 == 0 return; meta mark set meta mark xor 0x4000; masquerade fully-random; }
  chain nat-postrouting { type nat hook postrouting priority 100; jump masquerading; }
}`,
  };
}

/** Calico (Felix) without endpoints of ours: marks in the upper bits, and its chains after those of redirections. */
export function calico(random: Random): RuleSet {
  const pool = `10.${200 + random.below(40)}.0.0/16`;
  return {
    name: "calico",
    rules: [
      "raw -A PREROUTING -j cali-PREROUTING",
      "raw -A cali-PREROUTING -j MARK --set-xmark 0x0/0xf0000",
      "raw -A cali-PREROUTING -i cali+ -j MARK --set-xmark 0x40000/0x40000",
      "raw -A cali-PREROUTING -m mark --mark 0x40000/0x40000 -m rpfilter --validmark --invert -j DROP",
      "raw -A cali-PREROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT",
      "mangle -A PREROUTING -j cali-PREROUTING",
      "mangle -A cali-PREROUTING -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "mangle -A cali-PREROUTING -m mark --mark 0x10000/0x10000 -j ACCEPT",
      "filter -A FORWARD -j cali-FORWARD",
      "filter -A cali-FORWARD -j MARK --set-xmark 0x0/0xe0000",
      "filter -A cali-FORWARD -m mark --mark 0x0/0x10000 -j cali-from-hep-forward",
      "filter -A cali-FORWARD -i cali+ -j cali-from-wl-dispatch",
      "filter -A cali-FORWARD -o cali+ -j cali-to-wl-dispatch",
      "filter -A cali-FORWARD -m mark --mark 0x10000/0x10000 -j ACCEPT",
      `filter -A cali-from-wl-dispatch -m comment --comment "Unknown interface" -j DROP`,
      `filter -A cali-to-wl-dispatch -m comment --comment "Unknown interface" -j DROP`,
      ...random.perhaps("filter -A cali-from-hep-forward -i bond0 -j DROP"),
      "nat -A POSTROUTING -j cali-POSTROUTING",
      `nat -A cali-POSTROUTING -s ${pool} ! -d ${pool} -j MASQUERADE`,
    ],
  };
}

/** Cilium without endpoints of ours: marks 0x200 and 0xf00, and matches of the router's own sockets. */
export function cilium(random: Random): RuleSet {
  const pool = `10.${100 + random.below(90)}.0.0/16`;
  return {
    name: "cilium",
    tool: random.pick("iptables-nft", "iptables-legacy"),
    rules: [
      "mangle -A PREROUTING -j CILIUM_PRE_mangle",
      'mangle -A CILIUM_PRE_mangle -m socket --transparent -m comment --comment "cilium: any->pod redirect proxied traffic to host proxy" -j MARK --set-xmark 0x200/0xffffffff',
      'mangle -A CILIUM_PRE_mangle -p tcp -m mark --mark 0xb07d0200 -m comment --comment "cilium: TPROXY to host proxy" -j TPROXY --on-port 32176 --on-ip 127.0.0.1 --tproxy-mark 0x200/0xffffffff',
      "raw -A PREROUTING -j CILIUM_PRE_raw",
      'raw -A CILIUM_PRE_raw -m mark --mark 0x200/0xf00 -m comment --comment "cilium: NOTRACK for proxy traffic" -j CT --notrack',
      "filter -A FORWARD -j CILIUM_FORWARD",
      "filter -A CILIUM_FORWARD -o cilium_host -j ACCEPT",
      "filter -A CILIUM_FORWARD -i cilium_host -j ACCEPT",
      "filter -A CILIUM_FORWARD -i lxc+ -j ACCEPT",
      "nat -A POSTROUTING -j CILIUM_POST_nat",
      `nat -A CILIUM_POST_nat -s ${pool} ! -d ${pool} ! -o cilium_+ -j MASQUERADE`,
      ...random.perhaps(
        "nat -A CILIUM_POST_nat -m mark --mark 0xa00/0xe00 -o cilium_host -j SNAT --to-source 10.1.1.1",
      ),
    ],
  };
}
