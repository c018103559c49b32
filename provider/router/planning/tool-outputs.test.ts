import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { echoResult, tracedHops } from "./tool-outputs";

const LOSS = "1 packets transmitted, 0 received, 100% packet loss, time 0ms";

const CASES: [system: string, output: string, expected: ReturnType<typeof echoResult>][] = [
  ["Linux", "1480 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.031 ms", "answered"],
  ["macOS", "1480 bytes from 10.0.0.1: icmp_seq=0 ttl=64 time=0.064 ms", "answered"],
  ["Windows", "Reply from 10.0.0.1: bytes=1472 time<1ms TTL=64", "answered"],
  ["Windows in German", "Antwort von 10.0.0.1: Bytes=1472 Zeit<1ms TTL=64", "answered"],
  ["Linux", `ping: local error: message too long, mtu=1400\n${LOSS}`, "refused"],
  ["Linux", `From 10.0.0.9 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n${LOSS}`, "refused"],
  ["macOS", "ping: sendto: Message too long\n1 packets transmitted, 0 packets received, 100.0% packet loss", "refused"],
  ["Windows", "Packet needs to be fragmented but DF set.\nLost = 1 (100% loss),", "refused"],
  ["Linux", `PING 10.0.0.1 (10.0.0.1) 1472(1500) bytes of data.\n\n${LOSS}`, "lost"],
  ["Linux", "From 10.0.0.9 icmp_seq=1 Destination Host Unreachable", "lost"],
  ["Linux", "ping: connect: Network is unreachable", "lost"],
  ["macOS", "1 packets transmitted, 0 packets received, 100.0% packet loss", "lost"],
  ["Windows", "Request timed out.\n    Packets: Sent = 1, Received = 0, Lost = 1 (100% loss),", "lost"],
  ["Linux without the right", "ping: socktype: SOCK_RAW\nping: socket: Operation not permitted", undefined],
  ["BusyBox", "ping: unrecognized option: M\nBusyBox v1.36.1 multi-call binary.", undefined],
  ["Windows in German", "Zeitüberschreitung der Anforderung.\n    Verloren = 1 (100% Verlust),", undefined],
  ["Windows in German", "Paket müsste fragmentiert werden, DF-Flag ist jedoch gesetzt.", undefined],
  ["a ping that prints nothing", "", undefined],
];

describe("the output of ping", () => {
  for (const [system, output, expected] of CASES) {
    it(`of ${system} is ${expected ?? "not understood"}: ${output.split("\n")[0]?.slice(0, 40)}`, () => {
      assert.equal(echoResult(output), expected);
    });
  }

  it("reads hops with times, mute hops, labels and marks of an unreachable end", () => {
    const output = `Type escape sequence to abort.
Tracing the route to 192.0.2.7
VRF info: (vrf in name/id, vrf out name/id)
  1 198.51.100.1 [AS 64501] 0 msec 4 msec 0 msec
  2  *  *  *
  3  * 198.51.100.9 [MPLS: Label 24004 Exp 0] 52 msec
  4 203.0.113.5 !H
    203.0.113.6 1 msec
 10 192.0.2.7 1 msec *  2 msec`;
    const hops = ["198.51.100.1", undefined, "198.51.100.9", "203.0.113.5", "192.0.2.7"];
    assert.deepEqual(tracedHops(output), hops);
    assert.deepEqual(tracedHops("% Invalid input detected at '^' marker."), []);
  });
});
