import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { echoResultOf, egressOf, ipMtuOf, telnetResultOf } from "./path-outputs";

/** What `ping` prints before the signs. */
const SENDING = `Type escape sequence to abort.
Sending 1, 1500-byte ICMP Echos to 192.0.2.7, timeout is 1 seconds:
Packet sent with the DF bit set`;

describe("what a Cisco router prints of a path", () => {
  it("reads the sign of an echo request, and nothing from other text", () => {
    const answered = "!\nSuccess rate is 100 percent (1/1), round-trip min/avg/max = 2/2/2 ms";
    assert.equal(echoResultOf(`${SENDING}\n${answered}`), "answered");
    for (const [sign, result] of [
      ["M", "refused"],
      [".", "lost"],
      ["U", "lost"],
      ["Q", "lost"],
    ] as const) {
      assert.equal(echoResultOf(`${SENDING}\n${sign}\nSuccess rate is 0 percent (0/1)`), result);
    }
    assert.equal(echoResultOf("% Unrecognized host or address, or protocol not running."), undefined);
  });

  it("reads the four ends of a connection attempt, and keeps other words", () => {
    const trying = "Trying 192.0.2.7, 8649 ... ";
    assert.deepEqual(telnetResultOf(`${trying}Open`), { result: "open" });
    for (const [words, result] of [
      ["Connection refused by remote host", "refused"],
      ["Connection timed out; remote host not responding", "silent"],
      ["Destination unreachable; gateway or host down", "unreachable"],
    ] as const) {
      assert.deepEqual(telnetResultOf(`${trying}\n% ${words}`), { result });
    }
    const refusal = "telnet connections not permitted from this terminal";
    assert.deepEqual(telnetResultOf(`% ${refusal}`), { words: refusal });
  });

  it("reads the interface behind a route of any kind, and its packet size", () => {
    assert.equal(egressOf("192.0.2.7/32\n  attached to GigabitEthernet3"), "GigabitEthernet3");
    assert.equal(egressOf("0.0.0.0/0\n  nexthop 198.51.100.1 Tunnel7"), "Tunnel7");
    assert.equal(egressOf("0.0.0.0/0\n  no route"), undefined);
    assert.equal(
      ipMtuOf("Tunnel7 is up, line protocol is up \n  Internet address is 10.1.1.1/30\n  MTU is 1476 bytes"),
      1476,
    );
    assert.equal(ipMtuOf("Tunnel7 is up, line protocol is up \n  Internet protocol processing disabled"), undefined);
  });
});
