import assert from "node:assert/strict";
import { entryText } from "../../../../lab/cisco-ios/access/access-list";
import { configurationText } from "../../../../lab/cisco-ios/configuration";
import { initialConfiguration } from "../../../../lab/cisco-ios/lab-router";
import { type Desired, NOTHING } from "../model/desired";
import { commandsFor, redirection, wanted } from "../plan/plan-cases.test";
import { enter, FOREIGN, found, reachesEveryState, undoesInterruptedChanges } from "./roundtrip-bench.test";

/** Generated changes; `npm run bench -- roundtrip --platform cisco-ios` makes more. */
const RUNS = { numRuns: 75 };

describe("changes of a simulated Cisco router", function () {
  this.timeout(60_000);

  it("reaches every wanted state without a gap, and leaves no trace of it", () => {
    reachesEveryState(RUNS);
  });

  it("undoes a change that was interrupted at any command", () => {
    undoesInterruptedChanges(RUNS);
  });

  it("changes and removes a route-map of a subinterface that an earlier version made", () => {
    const configuration = initialConfiguration(true);
    const [clients] = configuration.interfaces;
    configuration.interfaces.push({ ...(clients ?? assert.fail()), name: "GigabitEthernet1.1" });
    const text = () => configurationText(configuration, "ios-xe");
    const clean = text();
    const on = (...ports: number[]) =>
      wanted(redirection({ clientInterfaces: ["Gi1.1"], spsInterface: "Gi3", spsAddress: "172.16.9.2", ports }));
    const earlier = (command: string) => command.replace("SPS-GigabitEthernet1.1", "SPS-GigabitEthernet1-1");
    enter(configuration, commandsFor(text(), on(3389)).map(earlier));
    const change = (to: Desired, from: Desired) => enter(configuration, commandsFor(text(), to, from));
    change(on(3390), on(3389));
    assert.match(text(), /^ ip policy route-map SPS-GigabitEthernet1-1\n[\s\S]* permit tcp .* eq 3390$/m);
    assert.doesNotMatch(text(), /SPS-GigabitEthernet1\.1/);
    change(NOTHING, on(3390));
    assert.equal(text(), clean);
  });

  it("prints entries as a device does, so that both sides agree on every spelling", () => {
    const configuration = initialConfiguration(true);
    enter(configuration, FOREIGN);
    const [entry] = configuration.accessLists[0]?.lines ?? [];
    assert.equal(entry && entryText(entry.entry), "permit tcp any 10.9.0.0 0.0.255.255 eq www");
    assert.deepEqual(found(configuration, "ios-xe").accessLists.get("THEIRS")?.entries, [
      "permit tcp any 10.9.0.0 0.0.255.255 eq 80",
    ]);
  });
});
