import assert from "node:assert/strict";
import { undoCommands } from "../../terminal/steps";
import { NOTHING } from "../model/desired";
import { CLEAN, WITH_RDP } from "../read/configurations.test";
import { readRunningConfig } from "../read/running-config";
import { desiredRules, foundRules } from "./lines";
import { planChanges } from "./plan";
import { commandsFor, contextFor, OBJECT, redirection, wanted, wantedWith } from "./plan-cases.test";
import { watchProblems } from "./problems";
import { needsFacts, supportRefusals } from "./support";
import { watchStates } from "./watch-states";

const BYPASS = { bypass: "when-sps-silent" };
const open = redirection({ failMode: "open" });

const WATCH = [
  "ip sla 400",
  "icmp-echo 172.16.9.2",
  "tag SPS-0123456789ab",
  "threshold 2000",
  "timeout 2000",
  "frequency 5",
  "exit",
  "ip sla schedule 400 life forever start-time now",
  "track 400 ip sla 400 reachability",
  "exit",
  "track 400 ip sla 400 reachability",
  "delay down 11 up 11",
  "exit",
];

/** The lines of the redirection with its watch. */
const WATCHED = WITH_RDP.replace(
  " set ip next-hop 172.16.9.2\n set interface Null0\n",
  " set ip next-hop verify-availability 172.16.9.2 10 track 400\n",
).replace(
  /\nend\n/,
  `
track 400 ip sla 400 reachability
 delay down 11 up 11
ip sla 400
 icmp-echo 172.16.9.2
 tag SPS-0123456789ab
 threshold 2000
 timeout 2000
 frequency 5
ip sla schedule 400 life forever start-time now
end
`,
);

describe("watching SPS from a Cisco router", () => {
  const watched = wantedWith(BYPASS, open);

  it("starts a probe and its object before a sequence uses them, and removes them last", () => {
    const commands = commandsFor(CLEAN, watched);
    assert.deepEqual(commands.slice(0, WATCH.length), WATCH);
    assert.ok(commands.includes("set ip next-hop verify-availability 172.16.9.2 10 track 400"));
    assert.ok(!commands.includes("set interface Null0"));
    assert.deepEqual(commandsFor(WATCHED, watched, watched), []);
    assert.deepEqual(foundRules(watched, readRunningConfig(WATCHED, OBJECT)), desiredRules(watched));
    const removal = commandsFor(WATCHED, NOTHING, watched);
    assert.deepEqual(removal.slice(3), [
      "no route-map SPS-GigabitEthernet0-1",
      "no ip access-list extended SPS-rdp-IN",
      "no track 400",
      "no ip sla 400",
    ]);
  });

  it("replaces a watch under another number in the live sequence, and removes the old one after the confirmation", () => {
    const faster = wantedWith({ ...BYPASS, watchdog: { intervalSeconds: 1, missedProbes: 1, port: 443 } }, open);
    const { changes, cleanup } = planChanges(contextFor(WATCHED, faster, watched));
    const commands = changes.flatMap((step) => step.commands);
    assert.deepEqual(commands.slice(0, 3), [
      "ip sla 401",
      "tcp-connect 172.16.9.2 443 control disable",
      "tag SPS-0123456789ab",
    ]);
    assert.deepEqual(commands.slice(-6), [
      "route-map SPS-GigabitEthernet0-1 permit 10",
      "set ip next-hop verify-availability 172.16.9.2 20 track 401",
      "exit",
      "route-map SPS-GigabitEthernet0-1 permit 10",
      "no set ip next-hop verify-availability 172.16.9.2 10 track 400",
      "exit",
    ]);
    assert.ok(!commands.some((line) => line.startsWith("delay") || line === "no track 400"));
    assert.deepEqual(
      cleanup.flatMap((step) => step.commands),
      ["no track 400", "no ip sla 400"],
    );
    assert.ok(!undoCommands(changes).some((line) => /track 400 ip sla|^ip sla 400/.test(line)));
  });

  it("requires a new object to come up for a live redirection, unless its old one shows that SPS is silent", () => {
    const awaitedFor = (text: string, ...states: [to: typeof watched, from: typeof watched]) =>
      planChanges(contextFor(text, ...states)).changes.flatMap(({ awaits }) => awaits?.outputs ?? []);
    const other = wantedWith({ ...BYPASS, watchdog: { intervalSeconds: 5, missedProbes: 3, port: 4443 } }, open);
    const [first] = awaitedFor(CLEAN, other, NOTHING);
    assert.deepEqual([first?.isRequired, first?.excuse], [false, undefined]);
    const [later] = awaitedFor(WATCHED, other, watched);
    assert.deepEqual([later?.isRequired, later?.excuse?.command], [true, "do show track 400"]);
    assert.equal(
      later?.missed(13),
      "track 401 did not come up in 13 s: SPS 172.16.9.2 does not answer tcp-connect 4443; check watchdog.port and firewalls in between",
    );
    const elsewhere = wantedWith(BYPASS, redirection({ failMode: "open", spsAddress: "172.16.9.3" }));
    const [moved] = awaitedFor(WATCHED, elsewhere, watched);
    assert.deepEqual([moved?.isRequired, moved?.excuse], [true, undefined]);
    const [added] = awaitedFor(WITH_RDP, watched, wanted(redirection()));
    assert.deepEqual([added?.isRequired, added?.excuse], [true, undefined]);
  });

  it("watches an SPS once for all redirections of a resource, and waits once for all SPS", () => {
    const many = Array.from({ length: 51 }, (_, index) =>
      redirection({
        name: `r${index}`,
        ports: [4000 + index],
        failMode: "open",
        spsAddress: `172.16.9.${2 + (index % 2)}`,
      }),
    );
    const { changes } = planChanges(contextFor(CLEAN, wantedWith(BYPASS, ...many)));
    const waiting = changes.filter(({ awaits }) => awaits);
    assert.deepEqual([waiting.length, waiting[0]?.awaits?.outputs.length], [1, 2]);
    assert.deepEqual(
      changes.flatMap(({ commands }) => commands).filter((line) => line.startsWith("track")),
      [400, 401, 400, 401].map((number) => `track ${number} ip sla ${number} reachability`),
    );
  });

  it("keeps a watch that a redirection of another resource uses", () => {
    const shared = WATCHED.replace(
      /\nend\n/,
      `
ip access-list extended SPS-web-IN
 remark safeguard owner ffffffffffff
 permit tcp any any eq 8080
route-map SPS-GigabitEthernet0-1 permit 20
 match ip address SPS-web-IN
 set ip next-hop verify-availability 172.16.9.2 10 track 400
end
`,
    );
    assert.deepEqual(planChanges(contextFor(shared, NOTHING, watched)).cleanup, []);
  });

  it("watches without a bypass only on request, and only to drop traffic", () => {
    const both = [
      redirection(),
      redirection({ name: "ssh", ports: [22], serverCidrs: ["10.0.0.5/32"], failMode: "open" }),
    ];
    const tracked = wantedWith({ options: { reloadFallback: false, trackSps: true } }, ...both);
    const clauses = commandsFor(CLEAN, tracked).filter((line) => line.startsWith("set "));
    assert.deepEqual(clauses, [
      "set ip next-hop verify-availability 172.16.9.2 10 track 400",
      "set interface Null0",
      "set ip next-hop 172.16.9.2",
    ]);
  });

  it("leaves numbers and tags of others alone, and stops when no number is free", () => {
    const theirs = CLEAN.replace(
      /\nend\n/,
      `
ip sla 400
 icmp-echo 10.9.9.9
 tag SPS-rdp
track 401 rtr 7 state
track 400 ip sla 400 reachability
ip route 10.8.0.0 255.255.0.0 203.0.113.9 track 402
ip sla schedule 403 life forever start-time now
ip sla reaction-configuration 404 react timeout
route-map OTHER permit 10
 set ip next-hop verify-availability 203.0.113.9 1 track 405
end
`,
    );
    const { changes, cleanup } = planChanges(contextFor(theirs, watched, watched));
    assert.deepEqual([changes[0]?.commands[0], cleanup], ["ip sla 406", []]);
    const all = Array.from({ length: 100 }, (_, index) => `ip sla ${400 + index}\n icmp-echo 10.9.9.9`).join("\n");
    const context = contextFor(CLEAN.replace(/\nend\n/, `\n${all}\nend\n`), watched);
    assert.throws(() => planChanges(context), {
      code: "SG3211",
      message: /the numbers 400 to 499 of `ip sla` and `track` are all in use/,
    });
  });

  it("refuses what a device does not support, with its own words", () => {
    const closed = wanted(redirection());
    const version = (model: string, release = "17.9.4") =>
      `Cisco IOS Software, Version ${release}, RELEASE SOFTWARE\ncisco ${model} (X86) processor with 2028465K bytes of memory.`;
    const causes = (...parts: Parameters<typeof supportRefusals>) =>
      supportRefusals(...parts).map(({ code, message }) => `${code} ${message.split(": ")[2]?.split(";")[0]}`);
    const application = "Supported Operation Types:\n        icmpEcho, path-echo, tcpConnect";
    assert.deepEqual([needsFacts(closed), needsFacts(wanted(open)), needsFacts(watched)], [true, false, true]);
    assert.deepEqual(causes(closed, { version: version("C8000V") }, OBJECT), []);
    assert.deepEqual(causes(closed, { version: version("WS-C3750X-24") }, OBJECT), [
      "SG3101 a WS-C3750X-24 does not support `set interface Null0`, which drops traffic with failMode closed",
    ]);
    assert.deepEqual(causes(watched, { version: version("C8000V"), operations: application, tracks: "" }, OBJECT), []);
    assert.deepEqual(
      causes(watched, { version: version("C9500-24Y4C", "16.6.1"), operations: application, tracks: "" }, OBJECT),
      ["SG3101 a C9500-24Y4C does not support `verify-availability` in this release"],
    );
    assert.deepEqual(causes(watched, {}, OBJECT), [
      "SG3101 the router does not know `ip sla`, which watches SPS",
      "SG3101 the router does not know `track`, which watches SPS",
    ]);
    assert.deepEqual(causes(watched, { operations: "Supported Operation Types:\n  udpEcho", tracks: "" }, OBJECT), [
      "SG3101 `ip sla` of the router has no operation icmp-echo, which watches SPS",
    ]);
  });

  it("reads the state of each watch in the spellings of IOS", () => {
    const found = readRunningConfig(WATCHED, OBJECT);
    const stateIn = (text: string) =>
      watchStates(watched, found, text).map(({ number, state }) => `${number} ${state}`);
    const other = "Track 40\n  IP SLA 40 reachability\n  Reachability is Up\n";
    assert.deepEqual(stateIn(`${other}Track 400\n  IP SLA 400 reachability\n  Reachability is Down\n    2 changes\n`), [
      "400 down",
    ]);
    assert.deepEqual(stateIn("Track 400\n  Response Time Reporter 400 reachability\n  Reachability is Up\n"), [
      "400 up",
    ]);
    assert.deepEqual(stateIn(other), ["400 unknown"]);
    const delayed = "Track 400\n  IP SLA 400 reachability\n  Reachability is";
    assert.deepEqual(stateIn(`${delayed} Down, delayed Up (5 secs remaining)\n`), ["400 down"]);
    assert.deepEqual(stateIn(`${delayed} Delayed Up\n`), ["400 unknown"]);
  });

  it("refuses inputs that contradict each other", () => {
    const check = (failMode: string, watchdog: object, bypass: "never" | "when-sps-silent" = "when-sps-silent") =>
      watchProblems({
        redirections: [{ ...redirection(), failMode: failMode as "open" }],
        bypass,
        watchdog: watchdog as never,
        options: { reloadFallback: false, trackSps: false },
      }).map(({ path }) => path);
    const usual = { intervalSeconds: 5, missedProbes: 3 };
    assert.deepEqual(check("open", usual), []);
    assert.deepEqual(check("closed", usual, "never"), []);
    assert.deepEqual(check("closed", usual), ["redirections[0].failMode"]);
    assert.deepEqual(check("open", { intervalSeconds: 60, missedProbes: 4 }), ["watchdog.missedProbes"]);
  });
});
