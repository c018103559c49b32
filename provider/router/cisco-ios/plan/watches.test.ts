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
  "tag SPS-rdp",
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
 tag SPS-rdp
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
      "no track 400",
      "no ip sla 400",
      "no ip access-list extended SPS-rdp-IN",
    ]);
  });

  it("undoes a removal with the lines of the watch as they were", () => {
    const undo = undoCommands(planChanges(contextFor(WATCHED, NOTHING, watched)));
    assert.deepEqual(
      undo.filter((line) => /^(ip sla|tag|frequency|track|delay)/.test(line)),
      [
        "ip sla 400",
        "tag SPS-rdp",
        "frequency 5",
        "ip sla schedule 400 life forever start-time now",
        "track 400 ip sla 400 reachability",
        "delay down 11 up 11",
      ],
    );
  });

  it("replaces a watch under another number, because a running probe cannot be changed", () => {
    const faster = wantedWith({ ...BYPASS, watchdog: { intervalSeconds: 1, missedProbes: 1, port: 443 } }, open);
    const commands = commandsFor(WATCHED, faster, watched);
    assert.deepEqual(commands.slice(0, 3), ["ip sla 401", "tcp-connect 172.16.9.2 443 control disable", "tag SPS-rdp"]);
    assert.ok(commands.includes("set ip next-hop verify-availability 172.16.9.2 10 track 401"));
    assert.deepEqual(commands.slice(-2), ["no track 400", "no ip sla 400"]);
    assert.ok(!commands.some((line) => line.startsWith("delay")));
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
      "\nip sla 400\n icmp-echo 10.9.9.9\n tag SPS-rdp-probe\ntrack 401 rtr 7 state\nend\n",
    );
    assert.equal(commandsFor(theirs, watched)[0], "ip sla 402");
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
