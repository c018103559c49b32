import { openingRules, type Random, type RuleSet } from "./rule-set";

/** ufw: chains before, in and after the user's rules, and route rules for both legs. */
export function ufw(random: Random): RuleSet {
  return {
    name: "ufw",
    tool: random.pick("iptables-nft", "iptables-legacy"),
    rules: [
      "filter -P FORWARD DROP",
      ...["before-logging", "before", "after", "after-logging", "reject", "track"].map(
        (name) => `filter -A FORWARD -j ufw-${name}-forward`,
      ),
      "filter -A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      ...["3", "11", "12", "8"].map(
        (type) => `filter -A ufw-before-forward -p icmp -m icmp --icmp-type ${type} -j ACCEPT`,
      ),
      "filter -A ufw-before-forward -j ufw-user-forward",
      ...openingRules(random, "ufw-user-forward"),
      ...random.perhaps("filter -A ufw-user-forward -p udp -m udp --dport 3389 -j DROP"),
      'filter -A ufw-after-logging-forward -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "',
      ...random.perhaps("filter -A ufw-track-forward -p tcp -m conntrack --ctstate NEW -j ACCEPT"),
    ],
  };
}

/** firewalld over nftables: zones with policies between them. */
export function firewalld(random: Random): RuleSet {
  const reject = random.pick("reject with icmpx admin-prohibited", "drop");
  const [inner, outer] = random.pick(["trusted", "public"], ["internal", "dmz"]);
  return {
    name: "firewalld",
    nft: `table inet firewalld {
  chain mangle_PREROUTING { type filter hook prerouting priority -140; policy accept;
    jump mangle_PREROUTING_ZONES; }
  chain mangle_PREROUTING_ZONES { iifname "rcli" goto mangle_PRE_${inner}
    goto mangle_PRE_${outer}; }
  chain mangle_PRE_${inner} { }
  chain mangle_PRE_${outer} { }
  chain nat_POSTROUTING { type nat hook postrouting priority 110; policy accept;
    iifname "rcli" oifname "rmgt" masquerade; }
  chain filter_PREROUTING { type filter hook prerouting priority 10; policy accept;
    icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
    meta nfproto ipv6 fib saddr . mark . iif oif missing drop; }
  chain filter_FORWARD { type filter hook forward priority 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    ip6 daddr { ::/96, 2002:a00::/24 } reject with icmpv6 addr-unreachable
    jump filter_FORWARD_ZONES
    ${reject}; }
  chain filter_FORWARD_ZONES { iifname "rcli" goto filter_FWD_${inner}
    iifname { "rsps", "rsrv" } goto filter_FWD_${outer}; }
  chain filter_FWD_${inner} { ip saddr 192.168.50.0/24 oifname "rsps" accept
    ${random.pick('oifname { "rsps", "rsrv" } accept', "accept")}; }
  chain filter_FWD_${outer} { ${random.pick("tcp dport { 22, 3389 } ct state { new, untracked } accept", 'oifname vmap { "rsrv" : accept, "rcli" : accept }')}
    ${reject}; }
}`,
  };
}

/** Shorewall: a chain for each interface and each pair of zones, checks of flags and smurfs. */
export function shorewall(random: Random): RuleSet {
  return {
    name: "shorewall",
    rules: [
      "filter -P FORWARD DROP",
      "filter -A FORWARD -i rcli -j rcli_fwd",
      "filter -A FORWARD -i rsps -j rsps_fwd",
      "filter -A FORWARD -i rsrv -j rsrv_fwd",
      'filter -A FORWARD -j LOG --log-prefix "FORWARD REJECT "',
      "filter -A FORWARD -j reject",
      ...["rcli", "rsps", "rsrv"].flatMap((name) => [
        `filter -A ${name}_fwd -o ${name} -j sfilter`,
        `filter -A ${name}_fwd -m conntrack --ctstate NEW,INVALID,UNTRACKED -j dynamic`,
        `filter -A ${name}_fwd -m conntrack --ctstate NEW,INVALID -j smurfs`,
        `filter -A ${name}_fwd -p tcp -j tcpflags`,
      ]),
      "filter -A rcli_fwd -o rsps -j loc_sps",
      "filter -A rsps_fwd -o rsrv -j loc_sps",
      `filter -A rsps_fwd -o rcli -j ${random.pick("ACCEPT", "loc_sps")}`,
      "filter -A rsrv_fwd -o rsps -j loc_sps",
      "filter -A loc_sps -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      `filter -A loc_sps ${random.pick("-p tcp -m tcp --dport 3389", "-p tcp")} -j ACCEPT`,
      "filter -A sfilter -j DROP",
      "filter -A smurfs -s 0.0.0.0/32 -j RETURN",
      "filter -A smurfs -m addrtype --src-type BROADCAST -g logdrop",
      "filter -A smurfs -s 224.0.0.0/4 -g logdrop",
      ...["FIN,PSH,URG", "NONE"].map(
        (flags) => `filter -A tcpflags -p tcp -m tcp --tcp-flags FIN,SYN,RST,PSH,ACK,URG ${flags} -g logdrop`,
      ),
      "filter -A tcpflags -p tcp -m tcp --tcp-flags SYN,RST SYN,RST -g logdrop",
      "filter -A tcpflags -p tcp -m tcp --sport 0 --tcp-flags FIN,SYN,RST,ACK SYN -g logdrop",
      "filter -A logdrop -j DROP",
      "filter -A dynamic -s 203.0.113.9/32 -j DROP",
      "filter -A reject -m addrtype --src-type BROADCAST -j DROP",
      "filter -A reject -p tcp -j REJECT --reject-with tcp-reset",
      "filter -A reject -j REJECT",
    ],
  };
}

/** Rules that an administrator adds by hand. */
export function byHand(random: Random): RuleSet {
  const other = `192.168.${60 + random.below(100)}.0/24`;
  return {
    name: "by hand",
    tool: random.pick("iptables-nft", "iptables-legacy"),
    rules: [
      ...random.perhaps(...openingRules(random, "FORWARD"), "filter -P FORWARD DROP"),
      ...random.perhaps("filter -I FORWARD 1 -m conntrack --ctstate INVALID -j DROP"),
      ...random.perhaps(`filter -A FORWARD -s ${other} -j DROP`),
      ...random.perhaps("mangle -A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu"),
      ...random.perhaps(`nat -A POSTROUTING -s ${other} -o rmgt -j MASQUERADE`),
      ...random.perhaps("nat -A POSTROUTING -o rmgt -j MASQUERADE"),
      ...random.perhaps("nat -A PREROUTING -i rmgt -p tcp -m tcp --dport 3389 -j DNAT --to-destination 10.0.0.5:3389"),
      ...random.perhaps(
        "nat -A PREROUTING -d 192.168.50.1/32 -p tcp -m tcp --dport 8443 -j DNAT --to-destination 10.0.0.5:443",
      ),
      ...random.perhaps("mangle -A PREROUTING -p udp -j MARK --set-xmark 0x1f/0xffffffff"),
      ...random.perhaps("mangle -A PREROUTING -i rmgt -j CONNMARK --set-xmark 0x33/0xffffffff"),
      ...random.perhaps('filter -A FORWARD -p udp -m comment --comment "-j MARK --set-mark 0x2 -j DROP" -j ACCEPT'),
      ...random.perhaps("raw -A PREROUTING -p udp -m udp --dport 53 -j CT --notrack"),
      ...random.perhaps(
        "filter -I FORWARD 1 -p tcp -m hashlimit --hashlimit-above 500/sec --hashlimit-mode srcip --hashlimit-name flood -j DROP",
      ),
      ...random.perhaps(
        "filter -I FORWARD 1 -p tcp -m tcp --dport 22 -m recent --update --seconds 60 --hitcount 9 --name ssh -j DROP",
      ),
    ],
    policyRules: [
      ...random.perhaps(`pref ${100 + random.below(5000)} from ${other} lookup 254`),
      ...random.perhaps("pref 90 iif rmgt lookup 254"),
    ],
  };
}
