import assert from "node:assert/strict";
import type { TerminalClient } from "../command-line/terminal-client.test";
import { answerTo, openClish } from "./clish-terminal.test";
import { CheckPointRouter } from "./lab-router";

describe("commands of the emulated Clish that every gateway has", () => {
  let router: CheckPointRouter;
  let terminal: TerminalClient;

  const open = () => openClish(router);
  const answer = (line: string, of = terminal) => answerTo(of, line);

  beforeEach(async () => {
    router = await CheckPointRouter.start(undefined);
    terminal = await open();
  });

  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("keeps static routes as they were entered, and shows the best next hops", async () => {
    const found = await answer("show configuration static-route");
    assert.equal(
      found,
      [
        "set static-route default nexthop gateway address 172.31.255.2 on",
        'set static-route default comment "way out"',
      ].join("\n"),
    );
    const lines = [
      "set static-route 10.9.0.0/16 nexthop gateway address 10.0.0.5 priority 2 on",
      "set static-route 10.9.0.0/16 nexthop gateway address 10.0.0.6 priority 1 on",
      'set static-route 10.9.0.0/16 comment "two ways"',
      "set static-route 10.8.0.0/16 nexthop reject",
    ];
    for (const line of lines) assert.equal(await answer(line), "");
    assert.equal(await answer("set static-route 10.9.0.0/16 nexthop gateway address 10.0.0.5 on"), "");
    assert.equal(await answer("show configuration static-route"), [found, ...lines].join("\n"));
    assert.equal(await answer("show config-state"), "unsaved");
    const routes = (await answer("show route static")).split("\n").filter((line) => line.startsWith("S "));
    assert.deepEqual(routes, [
      "S     0.0.0.0/0           via 172.31.255.2, Mgmt, cost 0, age 1234",
      "S     10.9.0.0/16         via 10.0.0.6, eth2, cost 0, age 1234",
      "S     10.8.0.0/16         is a reject route",
    ]);
    for (const gone of ["10.9.0.0/16 nexthop gateway address 10.0.0.6 off", "10.9.0.0/16 off", "10.8.0.0/16 off"]) {
      assert.equal(await answer(`set static-route ${gone}`), "");
    }
    assert.equal(await answer("show configuration static-route"), found);
    assert.equal(await answer("show config-state"), "saved");
  });

  it("refuses static routes with wrong values", async () => {
    const refusals = [
      ["set static-route 10.9.0.0 nexthop reject", /^CLINFR0409 .*bitmask/],
      ["set static-route default nexthop gateway address 10.0.0 on", /^CLINFR0409 .*Invalid value 10\.0\.0\n/],
      ["set static-route default nexthop gateway address 10.0.0.5 priority 9 on", /^CLINFR0409 .*Invalid value 9\n/],
      ["set static-route default nexthop gateway address 10.0.0.5", /^CLINFR0349 /],
      ["set static-route default nexthop via 10.0.0.5", /^CLINFR0329 /],
    ] as const;
    for (const [line, refusal] of refusals) assert.match(await answer(line), refusal);
    assert.equal(router.device.running.staticRoutes.length, 1);
  });

  it("shows single facts of an interface, and sets its MTU", async () => {
    assert.equal(await answer("show interface eth1 state"), "state on");
    assert.equal(await answer("show interface eth1 comments"), "comments to client");
    assert.equal(await answer("show interface eth1 ipv4-address"), "ipv4-address 192.168.50.1/24");
    assert.equal(await answer("show interface eth1 mtu"), "mtu 1500");
    assert.equal(await answer("set interface eth1 mtu 1400"), "");
    assert.equal(await answer("show interface eth1 mtu"), "mtu 1400");
    assert.match(await answer("show interfaces all"), /^Interface eth1\n(.*\n)*? {4}mtu 1400\n/);
    assert.match(await answer("show configuration interface"), /^set interface eth1 mtu 1400$/m);
    assert.match(await answer("set interface eth1 mtu 67"), /^CLINFR0409 /);
    assert.equal(await answer("show interface eth9 mtu"), "CLINFR0329  Invalid command:'show interface eth9 mtu'.");
    assert.equal(
      await answer("show interface eth1 colour"),
      "CLINFR0329  Invalid command:'show interface eth1 colour'.",
    );
  });

  it("prints a part of the configuration, and nothing of one that is not configured", async () => {
    assert.equal(await answer("show configuration hostname"), "set hostname gw-1");
    assert.equal(await answer("show configuration ntp"), "set ntp active off");
    assert.equal(await answer("show configuration bgp"), "");
    assert.equal(await answer("show configuration colour"), "CLINFR0329  Invalid command:'show configuration colour'.");
  });

  it("gives the lock away with unlock database", async () => {
    const other = await open();
    try {
      assert.match(await answer("set config-lock on", other), /^CLINFR0771 /);
      assert.equal(await answer("unlock database"), "");
      assert.equal(await answer("set config-lock on", other), "");
      assert.match(await answer("set interface eth1 mtu 1400"), /^CLINFR0771 /);
    } finally {
      other.close();
    }
  });

  it("shows users and names as the configuration has them", async () => {
    const rows = (await answer("show users")).split("\n").map((row) => row.split(/ {2,}/));
    assert.deepEqual(
      rows.map(([user]) => user),
      ["User", "admin", "monitor"],
    );
    assert.deepEqual(rows[1]?.slice(1, 6), ["0", "0", "/home/admin", "/etc/cli.sh", "Admin"]);
    const lines = (await answer("show configuration user")).split("\n");
    assert.match(lines[1] ?? "", /^set user admin password-hash \$6\$/);
    assert.ok(!lines.join("\n").includes(router.device.password));
    assert.equal(await answer("show dns suffix"), "lab.example");
    assert.equal(await answer("show dns primary"), "");
    assert.equal(await answer("show version os kernel"), "OS kernel version 3.10.0-1160.15.2cpx86_64");
  });

  it("prints the facts of the firewall that its programs know", async () => {
    assert.match(await answer("cpstat -f policy fw"), /^Policy name: +Standard\n(.*\n)*\|eth1\|in \| +100\|/m);
    assert.match(await answer("cpstat os"), /^Appliance Name: +Check Point 6200$/m);
    assert.match(await answer("fw stat"), /\nlocalhost Standard .*\[>eth1\] \[<eth1\]/);
    assert.equal(await answer("cpstat -f colour fw"), "Invalid application or flavour: -f colour fw");
  });

  it("ends a ping with the times of its answers", async () => {
    assert.match(
      await answer("ping 10.0.0.5 -c 2"),
      /\n2 packets transmitted, 2 received, .*\nrtt min\/avg\/max\/mdev = 1\.000\/1\.000\/1\.000\/0\.000 ms$/,
    );
  });

  it("completes a word with the tab key, and lists the words that may follow", async () => {
    assert.equal(await terminal.type("show hostn\t"), "show hostname \ngw-1\ngw-1> ");
    assert.match(await terminal.type("show vers\tp\t"), /^show version product \nProduct version /);
    const listed = await terminal.type("show interf\taces");
    assert.match(listed, /^show interf\ninterface {2}interfaces\ngw-1> show interfaces\neth1\n/);
  });
});
