import assert from "node:assert/strict";
import fc from "fast-check";
import { canonical } from "../simulated/simulated-router.test";
import { type MangleRule, parseRule, printRule, splitWords } from "./rule";

const network = fc
  .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(255), fc.nat(255), fc.constantFrom(24, 32))
  .map(([a, b, c, length]) => `${a}.${b}.${c}.${length === 32 ? 7 : 0}/${length}`);
const name = fc.stringMatching(/^[a-z0-9_][a-z0-9_.:-]{0,14}$/);
const range = fc
  .tuple(fc.integer({ min: 1, max: 65000 }), fc.nat(500))
  .map(([first, length]) => ({ first, last: first + length }));
const mark = fc.record({ value: fc.integer({ min: 0, max: 255 }), mask: fc.constantFrom(0xff, 0xffff, 0xffffffff) });
const comment = fc.stringMatching(/^[ -~]{1,40}$/);

const rule: fc.Arbitrary<MangleRule> = fc
  .record(
    {
      source: network,
      destination: network,
      arrivesOn: fc.record({ name, isNegated: fc.boolean() }),
      ports: fc.array(range, { minLength: 1, maxLength: 7 }),
      isOpening: fc.constant(true),
      connectionMark: mark,
      comment,
      target: fc.oneof(
        fc.record({ kind: fc.constantFrom("mark-connection" as const, "mark-packet" as const), mark }),
        fc.record({ kind: fc.constant("jump" as const), chain: fc.stringMatching(/^[A-Z][A-Za-z0-9-]{0,26}$/) }),
      ),
    },
    { requiredKeys: ["target"] },
  )
  .filter(({ target }) => target.kind !== "jump" || !["MARK", "CONNMARK"].includes(target.chain));

describe("a mangle rule", () => {
  it("prints a mangle rule as iptables-save does", () => {
    fc.assert(fc.property(rule, (one) => assert.equal(canonical(printRule(one)), printRule(one))));
  });

  it("keeps the meaning of a mangle rule that is printed and parsed", () => {
    fc.assert(fc.property(rule, (one) => assert.deepEqual(parseRule(printRule(one)), structuredClone(one))));
  });

  it("reads every spelling of a mangle rule with the same meaning", () => {
    const printed =
      '-d 10.0.0.0/24 -i rcli -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m multiport --dports 22,5900:5910 -m comment --comment "sps:rdp:client" -j CONNMARK --set-xmark 0x2/0xff';
    const typed =
      '-i rcli -p tcp -d 10.0.0.0/24 -m comment --comment "sps:rdp:client" -m multiport --dports 22,5900:5910 -m tcp --syn -j CONNMARK --set-mark 2/0xff';
    assert.notEqual(canonical(typed), printed);
    assert.deepEqual(parseRule(canonical(typed)), parseRule(printed));
    assert.equal(printRule(parseRule(canonical(typed)) ?? assert.fail("not understood")), printed);
  });

  it("reads --dport as a list of one port", () => {
    assert.deepEqual(parseRule("-p tcp -m tcp --dport 22 -j ACCEPT")?.ports, [{ first: 22, last: 22 }]);
  });

  it("reads a mark without mask as a mark with the full mask, which is a different mark", () => {
    const target = parseRule("-j MARK --set-xmark 0x1")?.target;
    assert.deepEqual(target, { kind: "mark-packet", mark: { value: 1, mask: 0xffffffff } });
  });

  it("does not parse a mangle rule with an unknown part", () => {
    const foreign = [
      "-p udp -m udp --dport 53 -j ACCEPT",
      "-p tcp -j ACCEPT",
      "! -s 10.0.0.0/24 -j ACCEPT",
      "-i rcli -m mac --mac-source 00:11:22:33:44:55 -j ACCEPT",
      "-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff",
      "-j MARK --set-xmark 0x1/0xff --extra",
      "-p tcp -m tcp --tcp-flags SYN,RST SYN -j ACCEPT",
      "-g OTHER",
      "-m connmark ! --mark 0x1 -j ACCEPT",
      "-m multiport --dports 22 -j ACCEPT",
      "",
    ];
    for (const text of foreign) assert.equal(parseRule(text), undefined, text);
  });

  it("splits quoted words with escapes", () => {
    assert.deepEqual(splitWords('-m comment --comment "a \\"q\\" \\\\ b" -j X'), [
      "-m",
      "comment",
      "--comment",
      'a "q" \\ b',
      "-j",
      "X",
    ]);
    assert.equal(splitWords('-m comment --comment "never ends'), undefined);
  });
});
