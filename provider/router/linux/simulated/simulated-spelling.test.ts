import assert from "node:assert/strict";
import { ownTables, parseNftListings } from "../backends/nft-tables";
import { SimulatedNft } from "./simulated-nft.test";
import { canonical, SimulatedRouter } from "./simulated-router.test";

describe("the simulated router", () => {
  it("prints rules as iptables-save does", () => {
    // Sent and read back on a real router.
    const pairs: [string, string][] = [
      [
        "-i rcli -p tcp -d 10.0.0.0/24 -m multiport --dports 3389,22",
        "-d 10.0.0.0/24 -i rcli -p tcp -m multiport --dports 3389,22",
      ],
      [
        "-p tcp -m tcp --syn -m comment --comment sps:x -j ACCEPT",
        '-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m comment --comment "sps:x" -j ACCEPT',
      ],
      [
        "! -i rsps -m connmark --mark 1/0xff -j MARK --set-mark 1/0xff",
        "! -i rsps -m connmark --mark 0x1/0xff -j MARK --set-xmark 0x1/0xff",
      ],
      ["-m comment --comment a-b -j ACCEPT", "-m comment --comment a-b -j ACCEPT"],
      [`-m comment --comment "a'b" -j ACCEPT`, `-m comment --comment "a\\'b" -j ACCEPT`],
    ];
    for (const [sent, read] of pairs) assert.equal(canonical(sent), read);
  });

  it("changes nothing when a transaction fails halfway", () => {
    const router = new SimulatedRouter({});
    const before = router.snapshot();
    const text = [
      "iptables-restore -w 10 --noflush <<'SPS-END-OF-INPUT'",
      "*mangle",
      ":SPS-R-a - [0:0]",
      "-D PREROUTING -j SPS-R-b",
      "COMMIT",
      "SPS-END-OF-INPUT",
    ];
    assert.throws(() => router.run(text.join("\n")), /no such rule/);
    assert.deepEqual(router.snapshot(), before);
  });
});

describe("the simulated nft", () => {
  it("lists its rules as nft 1.0.6 does", () => {
    const nft = new SimulatedNft();
    nft.run(false, [
      "table ip SPS-R-a {",
      "chain prerouting {",
      "type filter hook prerouting priority -149; policy accept;",
      'iifname "rcli" ip daddr 10.0.0.5/32 tcp dport { 22, 23-30, 3389 } tcp flags & (fin|syn|rst|ack) == syn counter ct mark set ct mark & 4294967040 | 2 comment "sps:a:client"',
      'iifname != "rsps" ct mark & 255 == 255 meta mark set meta mark & 4294967040 | 255',
      "}",
      "}",
    ]);
    // Copied from nft's own answer, but for the handles and the version.
    const listed = `[{"table":{"family":"ip","name":"SPS-R-a"}},{"chain":{"family":"ip","table":"SPS-R-a","name":"prerouting","type":"filter","hook":"prerouting","prio":-149,"policy":"accept"}},{"rule":{"family":"ip","table":"SPS-R-a","chain":"prerouting","comment":"sps:a:client","expr":[{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"rcli"}},{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":"10.0.0.5"}},{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":{"set":[{"range":[22,30]},3389]}}},{"match":{"op":"==","left":{"&":[{"payload":{"protocol":"tcp","field":"flags"}},["fin","syn","rst","ack"]]},"right":"syn"}},{"counter":{"packets":0,"bytes":0}},{"mangle":{"key":{"ct":{"key":"mark"}},"value":{"|":[{"&":[{"ct":{"key":"mark"}},4294967042]},2]}}}]}},{"rule":{"family":"ip","table":"SPS-R-a","chain":"prerouting","expr":[{"match":{"op":"!=","left":{"meta":{"key":"iifname"}},"right":"rsps"}},{"match":{"op":"==","left":{"&":[{"ct":{"key":"mark"}},255]},"right":255}},{"mangle":{"key":{"meta":{"key":"mark"}},"value":{"|":[{"meta":{"key":"mark"}},255]}}}]}}]`;
    assert.deepEqual(nft.tables["SPS-R-a"], JSON.parse(listed));
    assert.deepEqual([...ownTables(parseNftListings(nft.list("SPS-R-"))).keys()], ["SPS-R-a"]);
    assert.equal(nft.list("OTHER"), "");
  });

  it("changes nothing when one line of the nft input is wrong", () => {
    const nft = new SimulatedNft();
    assert.throws(() => nft.run(false, ["table ip SPS-R-a", "delete table ip SPS-R-b"]), /No such file/);
    assert.deepEqual(nft.tables, {});
  });
});
