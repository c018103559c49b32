import assert from "node:assert/strict";
import { canonicalRedirection, type Redirection, redirectionSchema } from "../../redirection";
import { undoCommands } from "../../terminal/steps";
import { desiredFor, NOTHING } from "../model/desired";
import { CLEAN } from "../read/configurations.test";
import { readRunningConfig } from "../read/running-config";
import { refusals } from "./conflicts";
import { planContext } from "./decision";
import { planChanges } from "./plan";

const OBJECT = "router 10.0.0.9";

/** The lists and the route-map of the vendor's guide, as an administrator may type them. */
const TYPED = `ip access-list extended ssh-inbound
 permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.127 eq 22 3389
route-map ssh-in permit 10
 match ip address ssh-inbound
 set ip next-hop 172.16.9.2
`;

function configured(typed = TYPED, more = ""): string {
  return CLEAN.replace("interface GigabitEthernet0/3\n", `interface GigabitEthernet0/3\n${more}`)
    .replace("interface GigabitEthernet0/1\n", "interface GigabitEthernet0/1\n ip policy route-map ssh-in\n")
    .replace(/\nend\n/, `\n${typed}end\n`);
}

function contextFor(text: string, isAdopting = true, parts: Record<string, unknown> = {}) {
  const given = {
    name: "rdp",
    clientInterfaces: ["Gi0/1"],
    clientCidrs: ["192.168.50.0/24"],
    serverCidrs: ["10.0.0.0/25"],
    ports: [22, 3389],
    spsAddress: "172.16.9.2",
    spsInterface: "Gi0/3",
    existingConnections: "cut",
    ...parts,
  };
  const redirections = [canonicalRedirection(redirectionSchema.parse(given) as Redirection)];
  const inputs = { redirections, options: { reloadFallback: false }, persist: false, owner: { id: "0123456789ab" } };
  const wanted = desiredFor({ ...inputs, bypass: "never" } as Parameters<typeof desiredFor>[0]);
  return planContext(readRunningConfig(text, OBJECT), { wanted, owned: NOTHING, isAdopting }, OBJECT);
}

const codesFor = (...parts: Parameters<typeof contextFor>) =>
  refusals(contextFor(...parts)).flatMap(({ code }) => (code === "SG3208" ? [code] : []));

describe("adopting a route-map that was typed by hand", () => {
  it("replaces it by one command between the new parts and the removal of the old ones", () => {
    const { changes: steps } = planChanges(contextFor(configured()));
    assert.deepEqual(
      steps.map(({ title }) => title),
      [
        "create access list SPS-rdp-IN with 2 entries",
        "add sequence 10 to route-map SPS-GigabitEthernet0-1: match ip address SPS-rdp-IN, set ip next-hop 172.16.9.2, set interface Null0",
        "replace route-map ssh-in of interface GigabitEthernet0/1 by SPS-GigabitEthernet0-1",
        "remove route-map ssh-in",
        "remove access list ssh-inbound",
      ],
    );
    assert.deepEqual(steps[2]?.commands, [
      "interface GigabitEthernet0/1",
      "ip policy route-map SPS-GigabitEthernet0-1",
      "exit",
    ]);
    assert.deepEqual(undoCommands(steps), [
      "ip access-list extended ssh-inbound",
      "permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.127 eq 22 3389",
      "exit",
      "route-map ssh-in permit 10",
      "match ip address ssh-inbound",
      "set ip next-hop 172.16.9.2",
      "exit",
      "interface GigabitEthernet0/1",
      "ip policy route-map ssh-in",
      "exit",
      "no route-map SPS-GigabitEthernet0-1 permit 10",
      "no ip access-list extended SPS-rdp-IN",
    ]);
  });

  it("refuses it without adopt", () => {
    assert.deepEqual(codesFor(configured(), false), ["SG3208"]);
    assert.deepEqual(codesFor(configured()), []);
  });

  it("refuses a route-map that does anything else than the redirections", () => {
    const others: Record<string, string> = {
      "another port": configured(TYPED.replace("22 3389", "22 3389 8080")),
      "a port less": configured(TYPED.replace("22 3389", "22")),
      "another SPS": configured(TYPED.replace("172.16.9.2", "172.16.9.3")),
      "another action": configured(TYPED.replace("permit 10", "deny 10")),
      "another clause": configured(`${TYPED} set ip precedence critical\n`),
      "a further sequence": configured(
        `${TYPED}route-map ssh-in permit 20\n match ip address other\n set ip next-hop 1.2.3.4\n`,
      ),
      "no list": configured(TYPED.replace(/^ip access-list[\s\S]*?(?=route-map)/, "")),
      "a second interface": configured(TYPED, " ip policy route-map ssh-in\n"),
      "another user": configured(`${TYPED}ip local policy route-map ssh-in\n`),
    };
    for (const [name, text] of Object.entries(others)) assert.deepEqual(codesFor(text), ["SG3208"], name);
  });

  it("keeps an access list that is used elsewhere", () => {
    const uses = [
      configured(TYPED, " ip access-group ssh-inbound in\n"),
      configured(`${TYPED}route-map OTHER permit 10\n match ip address ssh-inbound\n`),
    ];
    for (const text of uses) {
      const titles = planChanges(contextFor(text)).changes.map(({ title }) => title);
      assert.deepEqual(titles.slice(-2), [
        "replace route-map ssh-in of interface GigabitEthernet0/1 by SPS-GigabitEthernet0-1",
        "remove route-map ssh-in",
      ]);
    }
  });
});
