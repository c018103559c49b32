import { openingRules, type Random, type RuleSet } from "./rule-set";

/** Tailscale: marks in 0xff0000, a table of its own, chains for its interface. */
export function tailscale(random: Random): RuleSet {
  const base = 5210 + random.below(3);
  return {
    name: "tailscale",
    tool: random.pick("iptables-nft", "iptables-legacy"),
    rules: [
      "filter -A FORWARD -j ts-forward",
      "filter -A ts-forward -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000",
      "filter -A ts-forward -m mark --mark 0x40000/0xff0000 -j ACCEPT",
      "filter -A ts-forward -s 100.64.0.0/10 -o tailscale0 -j DROP",
      "filter -A ts-forward -o tailscale0 -j ACCEPT",
      "nat -A POSTROUTING -j ts-postrouting",
      "nat -A ts-postrouting -m mark --mark 0x40000/0xff0000 -j MASQUERADE",
    ],
    routes: [`100.${64 + random.below(60)}.0.0/16 dev rmgt table 52`, "100.100.100.100 dev rmgt table 52"],
    policyRules: [
      `pref ${base} fwmark 0x80000/0xff0000 lookup 254`,
      `pref ${base + 20} fwmark 0x80000/0xff0000 lookup 253`,
      `pref ${base + 40} fwmark 0x80000/0xff0000 unreachable`,
      `pref ${base + 60} lookup 52`,
    ],
  };
}

/** WireGuard with wg-quick: rules for its own packets, over UDP, and policy rules behind those of redirections. */
export function wireguard(random: Random): RuleSet {
  const net = `10.${66 + random.below(30)}.0`;
  return {
    name: "wireguard",
    rules: [
      `raw -A PREROUTING -d ${net}.2/32 ! -i wg0 -m addrtype ! --src-type LOCAL -m comment --comment "wg-quick(8) rule for wg0" -j DROP`,
      `mangle -A POSTROUTING -p udp -m mark --mark 0xca6c -m comment --comment "wg-quick(8) rule for wg0" -j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff`,
      `mangle -A PREROUTING -p udp -m comment --comment "wg-quick(8) rule for wg0" -j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff`,
      "filter -A FORWARD -i wg0 -j ACCEPT",
      ...random.perhaps("filter -A FORWARD -o wg0 -j ACCEPT"),
      `nat -A POSTROUTING -s ${net}.0/24 -o rmgt -j MASQUERADE`,
    ],
    routes: ["blackhole default table 51820"],
    policyRules: ["pref 32000 lookup 254 suppress_prefixlength 0", "pref 32001 not fwmark 0xca6c lookup 51820"],
  };
}

/** NetBird: a table of nftables and a routing table of its own. */
export function netbird(random: Random): RuleSet {
  const net = `100.${100 + random.below(20)}.0.0/16`;
  return {
    name: "netbird",
    nft: `table ip netbird {
  chain netbird-rt-fwd { ct state established,related accept
    ip saddr ${net} accept; }
  chain netbird-rt-nat { type nat hook postrouting priority 100; policy accept;
    meta mark & 0x0001ff00 == 0x0001bd00 iifname "wt0" masquerade
    oifname "wt0" masquerade; }
  chain netbird-acl-forward-filter { type filter hook forward priority 0; policy accept;
    iifname "wt0" jump netbird-rt-fwd
    iifname "wt0" drop
    oifname "wt0" ct state invalid drop; }
  chain netbird-mangle-prerouting { type filter hook prerouting priority -150; policy accept;
    iifname "wt0" ct state new ct mark set 0x1bd11; }
  chain netbird-mangle-postrouting { type filter hook postrouting priority -150; policy accept;
    oifname "wt0" ct mark set 0x1bd12; }
}`,
    routes: [`${net} dev rmgt table 7120`],
    policyRules: [`pref ${105 + random.below(10)} not fwmark 0x1bd00 lookup 7120`],
  };
}

/** mwan3: connection marks in 0x3f00 and a table for each line. */
export function mwan3(random: Random): RuleSet {
  const mask = "0x3f00";
  return {
    name: "mwan3",
    tool: random.pick("iptables-nft", "iptables-legacy"),
    rules: [
      "mangle -A PREROUTING -j mwan3_hook",
      `mangle -A mwan3_hook -m mark --mark 0x0/${mask} -j CONNMARK --restore-mark --nfmask ${mask} --ctmask ${mask}`,
      `mangle -A mwan3_hook -m mark --mark 0x0/${mask} -j mwan3_ifaces_in`,
      `mangle -A mwan3_hook -m mark --mark 0x0/${mask} -j mwan3_connected`,
      `mangle -A mwan3_hook -j CONNMARK --save-mark --nfmask ${mask} --ctmask ${mask}`,
      `mangle -A mwan3_ifaces_in -i wan1 -m mark --mark 0x0/${mask} -j MARK --set-xmark 0x100/${mask}`,
      `mangle -A mwan3_connected -d ${random.pick("10.0.0.0/8", "10.0.0.0/24")} -j MARK --set-xmark 0x3f00/${mask}`,
      ...random.perhaps(...openingRules(random, "FORWARD"), "filter -P FORWARD DROP"),
    ],
    routes: ["blackhole default table 1"],
    policyRules: [
      "pref 1001 iif wan1 lookup 254",
      `pref 2001 fwmark 0x100/${mask} lookup 1`,
      `pref 2061 fwmark 0x3d00/${mask} blackhole`,
      `pref 2062 fwmark 0x3e00/${mask} unreachable`,
    ],
  };
}
