import assert from "node:assert/strict";
import type { SafeguardError } from "../../../core/errors";
import { NOTHING } from "../model/desired";
import { CLEAN } from "../read/configurations.test";
import { refusals, warnings } from "./conflicts";
import { planChanges } from "./plan";
import { commandsFor, contextFor, redirection, wantedWith } from "./plan-cases.test";
import { extensionProblems } from "./problems";

const wanted = (parts: Record<string, unknown> = {}, extend = { firstSequence: 15, lastSequence: 17 }) =>
  wantedWith(
    { options: { reloadFallback: false, trackSps: false, extend } },
    redirection({ clientInterfaces: ["Gi0/6"], failMode: "open", ...parts }),
  );

const sequence = (number: number, accessList: string) =>
  `route-map THEIRS permit ${number}\n match ip address ${accessList}\n set ip next-hop 172.16.9.2\n`;

/** The configuration with the redirection in the route-map of others. */
const EXTENDED = CLEAN.replace(
  "route-map THEIRS permit 20\n",
  `ip access-list extended SPS-rdp-IN
 remark safeguard owner 0123456789ab
 permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.127 eq 3389
${sequence(15, "SPS-rdp-IN")}route-map THEIRS permit 20
`,
);

describe("extending a route-map of others on a Cisco router", () => {
  const causes = (text: string, to = wanted()) =>
    refusals(contextFor(text, to)).map(
      ({ code, message }: SafeguardError) => `${code} ${message.split(": ").slice(2).join(": ").split(";")[0]}`,
    );

  it("adds a sequence in the reserved range, and removes just that one", () => {
    assert.deepEqual(causes(CLEAN), []);
    assert.deepEqual(commandsFor(CLEAN, wanted()).slice(4), [
      "route-map THEIRS permit 15",
      "match ip address SPS-rdp-IN",
      "set ip next-hop 172.16.9.2",
      "exit",
    ]);
    assert.deepEqual(commandsFor(EXTENDED, wanted(), wanted()), []);
    assert.deepEqual(commandsFor(EXTENDED, NOTHING, wanted()), [
      "no route-map THEIRS permit 15",
      "no ip access-list extended SPS-rdp-IN",
    ]);
  });

  it("changes a redirection in its sequence, and adds none when the range is used up", () => {
    const more = wanted({ ports: [22, 3389], serverCidrs: ["10.0.0.5/32"] });
    const commands = commandsFor(EXTENDED, more, wanted());
    assert.deepEqual(commands.slice(-7), [
      "route-map THEIRS permit 15",
      "match ip address SPS-rdp-IN-2",
      "exit",
      "route-map THEIRS permit 15",
      "no match ip address SPS-rdp-IN",
      "exit",
      "no ip access-list extended SPS-rdp-IN",
    ]);
    const last = EXTENDED.replace("THEIRS permit 15", "THEIRS permit 17");
    assert.throws(() => planChanges(contextFor(last, wanted({ name: "web", ports: [8080] }))), {
      code: "SG3209",
      message: /the last reserved sequence of route-map THEIRS has number 17; raise ciscoIos\.extend\.lastSequence/,
    });
  });

  it("keeps a sequence outside of a moved range, and adds none before a live redirection", () => {
    const moved = { firstSequence: 1, lastSequence: 9 };
    assert.deepEqual(commandsFor(EXTENDED, wanted({}, moved), wanted()), []);
    const changed = commandsFor(EXTENDED, wanted({ ports: [22] }, moved), wanted());
    assert.deepEqual(
      changed.filter((line) => line.includes("route-map")),
      ["route-map THEIRS permit 15", "route-map THEIRS permit 15"],
    );
    const second = wanted({ name: "web", ports: [8080] }, moved);
    const cause =
      "SG3208 sequence 15 of route-map THEIRS belongs to redirection rdp, whose packets a new sequence before it would let pass directly for a moment";
    assert.deepEqual(causes(EXTENDED, second), [cause]);
    assert.deepEqual(causes(EXTENDED, wanted({ name: "web", ports: [8080] })), []);
  });

  it("refuses a sequence of others that uses the access list of a redirection, and never removes it", () => {
    const theirs = "route-map THEIRS permit 50\n match ip address SPS-rdp-IN VOICE\n set ip dscp ef\n";
    const mixed = EXTENDED.replace("\nend\n", `\n${theirs}end\n`);
    const cause =
      "SG3208 sequence 50 of route-map THEIRS matches the access list of redirection rdp and has other clauses";
    for (const to of [wanted(), NOTHING]) {
      const context = contextFor(mixed, to, wanted());
      assert.deepEqual(
        refusals(context).map(({ code }) => code),
        ["SG3208"],
      );
      assert.ok(!planChanges(context).changes.some(({ commands }) => commands.join().includes("THEIRS permit 50")));
    }
    assert.deepEqual(causes(mixed), [cause]);
  });

  it("says that sequences before the range may take packets, and that later ones miss some for a moment", () => {
    const texts = (text: string, parts: Record<string, unknown> = {}) =>
      warnings(contextFor(text, wanted(parts))).filter((line) => line.includes("THEIRS"));
    const later =
      "route-map THEIRS has sequences after the reserved range: while a sequence is added, packets for the later ones are routed normally: for a moment, or until the rollback if the session is lost then";
    const first = "sequence 10 of route-map THEIRS comes first, and may take packets of redirection rdp";
    assert.deepEqual(texts(CLEAN), [first, later]);
    const known = CLEAN.replace("match ip address THEIRS 101", "match ip address THEIRS");
    assert.deepEqual(texts(known), [later]);
    const same = known.replace(
      "permit udp any",
      "permit tcp 192.168.50.0 0.0.0.127 10.0.0.0 0.0.0.255\n permit udp any",
    );
    assert.deepEqual(texts(same), [first, later]);
    const replaced = (entry: string) =>
      texts(known.replace("permit udp any range domain 55 10.9.0.0 0.0.255.255", entry));
    assert.deepEqual(replaced("permit udp any eq snmp bootpc any"), [later], "a redirection is for TCP only");
    assert.deepEqual(replaced("permit 6 any any"), [first, later]);
    assert.deepEqual(replaced("permit object-group SERVICES any any"), [first, later], "a group may have TCP");
  });

  it("refuses a range with sequences of others, or behind one that takes every packet", () => {
    assert.deepEqual(causes(CLEAN, wanted({}, { firstSequence: 20, lastSequence: 29 })), [
      "SG3208 sequence 20 of route-map THEIRS is in the reserved range and belongs to no redirection",
    ]);
    const all = CLEAN.replace(" match ip address THEIRS 101\n", "");
    assert.deepEqual(causes(all), [
      "SG3208 sequence 10 of route-map THEIRS takes every packet before the reserved range",
    ]);
  });

  it("refuses a route-map that is used for anything else", () => {
    const shared = CLEAN.replace(" standby 1", " ip policy route-map THEIRS\n standby 1");
    assert.deepEqual(causes(shared), [
      "SG3208 route-map THEIRS is also on interface GigabitEthernet0/2, whose traffic would be redirected too",
    ]);
    const both = wanted({ clientInterfaces: ["Gi0/2", "Gi0/6"] });
    assert.deepEqual(causes(shared, both), []);
    const added = commandsFor(shared, both).filter((line) => line.startsWith("route-map"));
    assert.deepEqual(added, ["route-map THEIRS permit 15"], "one sequence is for both interfaces");
    const local = CLEAN.replace("\nend\n", "\nip local policy route-map THEIRS\nend\n");
    assert.deepEqual(causes(local), [
      "SG3208 route-map THEIRS has other uses in the configuration, which its new sequences would change",
    ]);
    const redistributing = CLEAN.replace("\nend\n", "\nrouter ospf 1\n redistribute static route-map THEIRS\nend\n");
    assert.equal(causes(redistributing).length, 1);
  });

  it("keeps the command that attaches the route-map when its last sequence is ours", () => {
    const only = EXTENDED.replace(/route-map THEIRS permit 10\n( .*\n)+/, "").replace(
      /route-map THEIRS permit 20\n( .*\n)+/,
      "",
    );
    assert.deepEqual(commandsFor(only, NOTHING, wanted()), [
      "no route-map THEIRS permit 15",
      "no ip access-list extended SPS-rdp-IN",
    ]);
  });

  it("refuses a range that ends before it begins, and reports local policy routing", () => {
    const options = { reloadFallback: false, trackSps: false };
    assert.deepEqual(extensionProblems({ ...options, extend: { firstSequence: 20, lastSequence: 20 } }), []);
    assert.deepEqual(
      extensionProblems({ ...options, extend: { firstSequence: 20, lastSequence: 10 } }).map(({ reason }) => reason),
      ["Invalid value for ciscoIos.extend.lastSequence: 10. Allowed values are: 20 to 65535."],
    );
    const local = CLEAN.replace("\nend\n", "\nip local policy route-map OTHER\nend\n");
    assert.ok(
      warnings(contextFor(local, wanted())).includes(
        "`ip local policy route-map OTHER` also routes the router's own packets, such as its probes of SPS",
      ),
    );
  });
});
