const PARTS = [/-j SPS-R-rdp/, /^:SPS-R-rdp/m, /^10302:.*fwmark/m, /^default via 172\.16\.9\.2 .*10302/m];

/** The number of layers of the lab's usual redirection. */
export const LAYERS = PARTS.length;

/** How many of the layers a snapshot of the router contains. */
export function layersIn(snapshot: string): number {
  return PARTS.filter((part) => part.test(snapshot)).length;
}

/** The commands that remove whatever exists of the four layers. */
export const LAYERS_AWAY = `while iptables -t mangle -D PREROUTING -m comment --comment sps:rdp -j SPS-R-rdp 2>/dev/null; do :; done
iptables -t mangle -F SPS-R-rdp 2>/dev/null; iptables -t mangle -X SPS-R-rdp 2>/dev/null
while ip -4 rule del pref 10302 2>/dev/null; do :; done
ip -4 route flush table 10302 2>/dev/null; true`;
