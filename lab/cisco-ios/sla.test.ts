import assert from "node:assert/strict";
import type { TerminalClient } from "../command-line/terminal-client.test";
import { CiscoRouter } from "./lab-router";
import { openTerminal } from "./terminal-client.test";

describe("IP SLA and object tracking of the emulated Cisco router", () => {
  let router: CiscoRouter;
  let terminal: TerminalClient;

  beforeEach(async () => {
    router = await CiscoRouter.start(undefined, { secondMilliseconds: 20 });
    terminal = await openTerminal(router, 0);
  });
  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  const enter = async (...lines: string[]) => {
    let last = "";
    for (const line of lines) last = await terminal.type(line);
    return last;
  };

  const awaitState = async (state: string) => {
    const pattern = new RegExp(`Reachability is ${state}`);
    let output = "";
    for (let attempt = 0; attempt < 200 && !pattern.test(output); attempt += 1) {
      output = await terminal.type("show track 7");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.match(output, pattern);
    return output;
  };

  it("prints operations, schedules and objects in the places and modes of a device", async () => {
    assert.match(await enter("configure terminal", "ip sla 7"), /edge-1\(config-ip-sla\)#$/);
    assert.match(await enter("icmp-echo 172.16.9.2"), /edge-1\(config-ip-sla-echo\)#$/);
    await enter("tag mine", "threshold 1000", "timeout 1000", "frequency 5", "exit");
    await enter("ip sla schedule 7 life forever start-time now");
    assert.match(await enter("track 7 ip sla 7 reachability"), /edge-1\(config-track\)#$/);
    await enter("delay down 2 up 1", "route-map TEST permit 10");
    await enter("set ip next-hop verify-availability 172.16.9.2 10 track 7", "end");
    assert.equal(
      await enter("show running-config | section sla|track|route-map"),
      `show running-config | section sla|track|route-map
track 7 ip sla 7 reachability
 delay down 2 up 1
ip sla 7
 icmp-echo 172.16.9.2
 tag mine
 threshold 1000
 timeout 1000
 frequency 5
ip sla schedule 7 life forever start-time now
route-map TEST permit 10
 set ip next-hop verify-availability 172.16.9.2 10 track 7
edge-1#`,
    );
    await enter("configure terminal", "no route-map TEST", "no track 7", "no ip sla 7", "end");
    const left = "show running-config | include sla|track";
    assert.equal(await enter(left), `${left}\nedge-1#`);
  });

  it("refuses to change a running operation, and values that do not fit each other", async () => {
    await enter("configure terminal", "ip sla 7");
    assert.match(await enter("frequency 5"), /% Invalid input detected/);
    assert.match(await enter("ip sla schedule 7 life forever start-time now"), /%Entry not configured/);
    await enter("ip sla 7", "tcp-connect 172.16.9.2 443 control disable");
    assert.match(await enter("frequency 1"), /%Illegal Value: Cannot set Frequency to be less than Timeout/);
    assert.match(await enter("timeout 1000"), /%Illegal Value: Cannot set Timeout to be less than Threshold/);
    await enter("threshold 1000", "timeout 1000", "frequency 1", "exit");
    await enter("ip sla schedule 7 life forever start-time now");
    assert.match(await enter("ip sla 7"), /Entry already running and cannot be modified/);
    assert.match(await enter("track 1001 ip sla 7 reachability"), /% Invalid input detected/);
  });

  it("follows the answers with the delays of the object, and shows them in each report", async () => {
    let isAnswering = true;
    router.device.effects.ping = async () => isAnswering;
    await enter("configure terminal", "ip sla 7", "icmp-echo 172.16.9.2", "threshold 1000", "timeout 1000");
    await enter("frequency 1", "exit", "ip sla schedule 7 life forever start-time now");
    await enter("track 7 ip sla 7 reachability", "delay down 3", "end");
    assert.match(await awaitState("Up"), /IP SLA 7 reachability\n.*\n {4}1 change, .*\n.*Delay down 3 secs\n/);
    assert.match(await enter("show ip sla summary"), /\n\*7 +icmp-echo +172\.16\.9\.2 +RTT=1 +OK /);
    isAnswering = false;
    assert.match(await awaitState("Down"), /Latest operation return code: Timeout/);
    assert.match(
      await enter("show ip sla statistics 7"),
      /Number of successes: [1-9]\d*\nNumber of failures: (?:[3-9]|[1-9]\d+)$/m,
    );
    isAnswering = true;
    assert.match(await awaitState("Up"), / {4}3 changes/);
    assert.match(await enter("show ip sla application"), /icmpEcho, .*tcpConnect/);
    assert.match(await enter("show track brief"), /\n7 +ip sla +7 +Reachability +Up /);
    assert.match(await enter("show ip sla configuration 7"), /Operation frequency \(seconds\): 1\n/);
  });
});
