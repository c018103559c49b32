import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { addressesIn, hopsIn, pingResult, telnetResult } from "./tool-output";

describe("output of SPP's network tools", () => {
  it("tells open ports from those that are not, and takes no unknown text for either", () => {
    assert.deepEqual(
      [
        "Connected to 10.0.0.1:8649.",
        "Connection to 10.0.0.1 port 8649 succeeded!",
        "Could not open a connection to 10.0.0.1:8649.",
        "Connecting To 10.0.0.1...Could not open connection to the host, on port 8649: Connect failed",
        "not connected",
        "Verbindung hergestellt",
        "",
      ].map(telnetResult),
      ["open", "open", "not open", "not open", "not open", undefined, undefined],
    );
  });

  it("takes only replies with a size for answers to a ping", () => {
    const lost = "Packets: Sent = 1, Received = 1, Lost = 0 (0% loss),";
    assert.deepEqual(
      [
        "Reply from 10.0.0.1: bytes=1472 time<1ms TTL=64",
        "Packet needs to be fragmented but DF set.",
        "Request timed out.",
        `Reply from 10.0.9.1: Destination host unreachable.\n${lost}`,
        "Zeitüberschreitung der Anforderung.",
      ].map(pingResult),
      ["answered", "refused", "lost", "lost", undefined],
    );
  });

  it("lists the hops of a traceroute with those that do not answer", () => {
    const output = [
      "",
      "Tracing route to 10.0.0.1 over a maximum of 10 hops",
      "",
      "  1    <1 ms    <1 ms    <1 ms  10.0.9.1",
      "  2     *        *        *     Request timed out.",
      "  3     2 ms     1 ms     1 ms  sps.example.com [10.0.0.1]",
      "",
      "Trace complete.",
    ];
    assert.deepEqual(hopsIn(output.join("\n")), ["10.0.9.1", undefined, "10.0.0.1"]);
    assert.deepEqual(hopsIn("nothing of the kind"), []);
  });

  it("reads the addresses of a name, and not that of the DNS server", () => {
    const output = "Server:  dns.example.com\nAddress:  10.0.9.53\n\nName:    sps.example.com\nAddress:  10.0.0.1\n";
    assert.deepEqual(addressesIn(output), ["10.0.0.1"]);
    assert.equal(addressesIn("sps.example.com: non-existent domain"), undefined);
  });
});
