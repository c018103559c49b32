const THERE = [/-j SPS-R-rdp/, /^:SPS-R-rdp/m, /^10302:.*fwmark/m, /^default via 172\.16\.9\.2 .*10302/m];

/** How many parts of the lab's usual redirection there are, so that all or none can be told from some. */
export const LAYERS = THERE.length;

/** How many of them are in a snapshot of the router. */
export function layersIn(snapshot: string): number {
  return THERE.filter((part) => part.test(snapshot)).length;
}

/** Takes our four layers away by hand, whatever is there of them. */
export const LAYERS_AWAY = `while iptables -t mangle -D PREROUTING -m comment --comment sps:rdp -j SPS-R-rdp 2>/dev/null; do :; done
iptables -t mangle -F SPS-R-rdp 2>/dev/null; iptables -t mangle -X SPS-R-rdp 2>/dev/null
while ip -4 rule del pref 10302 2>/dev/null; do :; done
ip -4 route flush table 10302 2>/dev/null; true`;
