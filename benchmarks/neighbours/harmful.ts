import type { RuleSet } from "./rule-set";

const TOOLS = ["iptables-nft", "iptables-legacy"] as const;

/** Rules of iptables, each for both variants in turn. */
const IPTABLES: readonly (readonly string[])[] = [
  // Filters.
  ["filter -P FORWARD DROP"],
  [
    "filter -P FORWARD DROP",
    "filter -A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "filter -A FORWARD -i rcli -o rsrv -j ACCEPT",
  ],
  [
    "filter -P FORWARD DROP",
    "filter -A FORWARD -i rcli -o rsps -j ACCEPT",
    "filter -A FORWARD -i rsps -o rcli -j ACCEPT",
  ],
  ["filter -A FORWARD -o rsps -j DROP"],
  ["filter -A FORWARD -i rsps -j REJECT"],
  ["filter -A FORWARD -i rsps -o rcli -j DROP"],
  ["filter -A FORWARD -i rsps ! -o rcli -m conntrack --ctstate NEW -j DROP"],
  ["filter -A FORWARD -p tcp -m tcp --dport 3389 -j DROP"],
  ["filter -A FORWARD -p tcp -m multiport --dports 22,3000:4000 -j REJECT --reject-with tcp-reset"],
  ["filter -A FORWARD -s 192.168.50.0/24 ! -o rsrv -j DROP"],
  ["filter -A FORWARD -j guard-in", "filter -A guard-in -i rcli -j guard-out", "filter -A guard-out -o rsps -j DROP"],
  ["filter -A FORWARD -g guard-in", "filter -A guard-in -i rcli -o rsrv -j ACCEPT", "filter -A guard-in -j DROP"],
  ["mangle -A FORWARD -s 172.16.9.2/32 -j DROP"],
  ["mangle -A POSTROUTING -o rsps -p tcp -j DROP"],
  ["security -A FORWARD -i rcli -o rsps -j DROP"],
  ["raw -A PREROUTING -i rsps -j DROP"],
  ["raw -A PREROUTING -m rpfilter --invert -j DROP"],
  ["mangle -A PREROUTING -j rpf", "mangle -A rpf -m rpfilter -j RETURN", "mangle -A rpf -j DROP"],
  // Source NAT.
  ["nat -A POSTROUTING -s 192.168.50.0/24 -j MASQUERADE"],
  ["nat -A POSTROUTING -o rsps -j MASQUERADE"],
  ["nat -A POSTROUTING ! -o rsrv -j MASQUERADE"],
  ["nat -A POSTROUTING -s 192.168.0.0/16 ! -d 192.168.0.0/16 -j SNAT --to-source 172.16.9.1"],
  ["nat -A POSTROUTING -p tcp -j out", "nat -A out -s 192.168.50.10/32 -j MASQUERADE"],
  // Destination NAT.
  ["nat -A PREROUTING -d 10.0.0.0/24 -p tcp -m tcp --dport 3389 -j REDIRECT --to-ports 9"],
  ["nat -A PREROUTING -i rcli -p tcp -m tcp --dport 3389 -j DNAT --to-destination 172.31.255.2:9"],
  // Marks.
  ["mangle -A PREROUTING -i rcli -j MARK --set-xmark 0x1f/0xffffffff"],
  ["mangle -A PREROUTING -p tcp -j MARK --set-xmark 0x100/0xffffffff"],
  ["mangle -A PREROUTING -j pre", "mangle -A pre -s 192.168.50.0/24 -j MARK --set-xmark 0x0/0xff"],
  ["mangle -A PREROUTING -p tcp -j CONNMARK --set-xmark 0x10/0xffffffff"],
  ["mangle -A PREROUTING -m conntrack --ctstate NEW -j CONNMARK --set-xmark 0x10/0xffffffff"],
  ["mangle -A FORWARD -o rsps -j CONNMARK --set-xmark 0x0/0xffffffff"],
  ["mangle -A POSTROUTING -j CONNMARK --set-xmark 0x70/0xff"],
  ["nat -A PREROUTING -p tcp -j MARK --set-xmark 0x1/0xffffffff"],
  // Chains before those of redirections.
  ["mangle -I PREROUTING 1 -i rcli -j ACCEPT"],
  ["mangle -I PREROUTING 1 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
  ["mangle -I PREROUTING 1 -j early", "mangle -A early -p tcp -m tcp --dport 3389 -j ACCEPT"],
  ["mangle -I PREROUTING 1 -j early", "mangle -A early -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"],
  ["mangle -I PREROUTING 1 -j early", "mangle -A early -m ttl --ttl-gt 1 -j ACCEPT"],
  ["mangle -I PREROUTING 1 ! -i rmgt -j RETURN"],
  // Connection tracking.
  ["raw -A PREROUTING -p tcp -j CT --notrack"],
  ["raw -A PREROUTING -i rcli -j CT --notrack"],
  ["raw -A PREROUTING -i rsps -p tcp -j CT --notrack"],
  ["raw -A PREROUTING -j pre", "raw -A pre -d 10.0.0.0/24 -j NOTRACK"],
  ["raw -A PREROUTING -i rcli -j CT --zone 5"],
  ["raw -A PREROUTING -j CT --zone 5"],
];

/** Tables of nftables. */
const NFT: readonly string[] = [
  "chain c { type filter hook forward priority 0; policy drop; }",
  'chain c { type filter hook forward priority 0; policy drop; ct state established,related accept; iifname "rcli" oifname "rsrv" accept; }',
  'chain c { type filter hook forward priority 0; oifname "rsps" drop; }',
  'chain c { type filter hook forward priority 10; iifname "rsps" reject; }',
  'chain c { type filter hook forward priority 0; iifname . oifname vmap { "rcli" . "rsps" : drop }; }',
  "set s { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.168.50.10 }; }\nchain c { type filter hook forward priority 0; ip saddr @s tcp dport 3389 drop; }",
  "chain d { ct state new tcp dport { 22, 3000-4000 } drop; }\nchain c { type filter hook forward priority 0; jump d; }",
  'chain c { type filter hook prerouting priority -300; iifname "rsps" drop; }',
  "chain c { type filter hook prerouting priority -300; fib saddr . iif oif missing drop; }",
  'chain c { type filter hook postrouting priority 0; oifname "rsps" ip daddr 10.0.0.0/24 drop; }',
  "chain c { type nat hook postrouting priority 100; ip saddr 192.168.50.0/24 masquerade; }",
  'chain c { type nat hook postrouting priority 100; oifname != "rsrv" masquerade; }',
  'chain c { type nat hook postrouting priority 100; oifname "rsps" snat ip to 172.16.9.1; }',
  'chain c { type nat hook prerouting priority -100; iifname "rcli" tcp dport 3389 redirect to :9; }',
  "chain c { type nat hook prerouting priority -100; ip daddr 10.0.0.5 tcp dport 3389 dnat ip to 172.31.255.2; }",
  'chain c { type filter hook prerouting priority -100; iifname "rcli" meta mark set 0x10; }',
  "chain c { type filter hook prerouting priority -90; meta l4proto tcp meta mark set 0; }",
  "chain c { type filter hook prerouting priority -100; meta l4proto tcp ct mark set 0x10; }",
  "chain c { type filter hook forward priority 0; ct mark set ct mark and 0xffffff00; }",
  "chain c { type filter hook prerouting priority -300; meta l4proto tcp notrack; }",
  'chain c { type filter hook prerouting priority -300; iifname { "rcli", "lo" } notrack; }',
  'chain c { type filter hook prerouting priority -300; iifname "rcli" ct zone set 7; }',
];

const POLICY_RULES: readonly string[] = [
  "pref 100 from 192.168.50.10 lookup 254",
  "pref 100 from 192.168.0.0/16 to 10.0.0.0/8 lookup 254",
  "pref 100 to 10.0.0.0/24 lookup 254",
  "pref 100 lookup 254 suppress_prefixlength 0",
  "pref 100 not from 10.9.0.0/16 lookup 254",
  "pref 100 not fwmark 0x80000/0xff0000 lookup 254",
  "pref 100 iif rcli lookup 254",
  "pref 100 ipproto tcp dport 3389 lookup 254",
  "pref 100 ipproto tcp dport 3000-4000 iif rcli lookup 254",
  "pref 100 fwmark 0x2/0xf lookup 254",
  "pref 100 iif rcli unreachable",
  "pref 100 from 192.168.50.0/24 prohibit",
  "pref 100 iif rcli to 10.0.0.0/16 blackhole",
  "pref 10 lookup 77",
];

/** Destination NAT that leads to the server under another address. */
const OTHER_WAYS: readonly RuleSet[] = [
  ["-d 192.168.50.1/32 -p tcp -m tcp --dport 3389", "10.0.0.5:3389"],
  ["-i rcli -p tcp -m tcp --dport 3389 ! -d 10.0.0.0/24", "10.0.0.5"],
  ["-m addrtype --dst-type LOCAL -p tcp -m tcp --dport 3389", "10.0.0.5"],
].map(
  ([conditions, to], index): RuleSet => ({
    name: `nat -A PREROUTING ${conditions} -j DNAT --to-destination ${to}`,
    tool: TOOLS[index % 2] ?? TOOLS[0],
    rules: [`nat -A PREROUTING ${conditions} -j DNAT --to-destination ${to}`],
    address: "192.168.50.1",
  }),
);

/** Rules that break a redirection or lead its clients past SPS, at least with some backends. */
export const HARMFUL: readonly RuleSet[] = [
  ...IPTABLES.flatMap((rules) => TOOLS.map((tool): RuleSet => ({ name: `${tool}: ${rules.join("; ")}`, tool, rules }))),
  ...NFT.map(
    (text): RuleSet => ({ name: `nft: ${text.replaceAll("\n", " ")}`, nft: `table inet others {\n${text}\n}` }),
  ),
  ...POLICY_RULES.map(
    (rule): RuleSet => ({ name: `ip rule: ${rule}`, policyRules: [rule], routes: ["10.0.0.0/24 dev rsrv table 77"] }),
  ),
  ...OTHER_WAYS,
];
