import assert from "node:assert/strict";
import { CheckPointLab } from "./check-point-lab.test";
import { CiscoLab } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import { SophosLab } from "./sophos-lab.test";

type Made = Awaited<ReturnType<typeof resource.create>>;

const BEDS = {
  "cisco-ios": async () => {
    const lab = await CiscoLab.start("renames-cisco", false);
    return { lab, configuration: () => lab.running };
  },
  "check-point": async () => {
    const lab = await CheckPointLab.start("renames-gaia", false);
    return { lab, configuration: () => lab.running };
  },
  "sophos-utm": async () => {
    const lab = await SophosLab.start("renames-sophos", false);
    return { lab, configuration: () => JSON.stringify(lab.configuration) };
  },
};

const MANY = Array.from({ length: 40 }, (_, index) => index);

for (const [platform, start] of Object.entries(BEDS)) {
  describe(`RouterRedirection with platform ${platform}: names and order of redirections`, function () {
    this.timeout(120_000);

    it("follows renames, swaps, another order and names within names, and leaves no trace", async () => {
      const { lab, configuration } = await start();
      try {
        const clean = configuration();
        const one = (name: string, ports: (number | string)[], more = {}) => lab.redirection({ name, ports, ...more });
        const far = { serverCidrs: ["10.9.0.0/24"] };
        const parts = {
          clientCidrs: ["192.168.50.0/25", "192.168.50.128/26"],
          serverCidrs: ["10.0.0.0/25", "10.0.0.5/32", "10.1.0.0/16"],
        };
        const states = [
          [one("a", [80]), one("b", [4430, 8443])],
          [one("b", [4430, 8443]), one("a", [80])],
          [one("b", [80]), one("a", [4430, 8443])],
          [one("c", [80]), one("a", [4430, 8443])],
          [one("a", [4430, 8443]), one("c", [80]), one("b", [80], far)],
          [one("a-in", [4430, 8443]), one("a", [80]), one("in", [90])],
          MANY.map((index) => one(`r${index}`, [1000 + index])),
          MANY.map((index) => one(`r${MANY.length - 1 - index}`, [1000 + index])),
          [one("constructor", [80], { clientCidrs: undefined }), one("a2345678901234567890", [81])],
          [one("constructor", [80, "90-91"], parts)],
        ];
        let made: Made | undefined;
        for (const redirections of states) {
          const inputs = await lab.inputs({
            redirections: redirections.map((two) => JSON.parse(JSON.stringify(two))),
            commitConfirm: { windowSeconds: 60 },
          });
          made = made
            ? { id: made.id, ...(await resource.update(made.id, made.state, inputs, lab.context())) }
            : await resource.create(inputs, lab.context());
          const read = await resource.read(made.id, made.state, lab.context());
          assert.ok(read);
          assert.deepEqual(resource.diff(made.id, read.state, inputs), []);
        }
        assert.ok(made);
        await resource.delete(made.id, made.state, lab.context());
        assert.equal(configuration(), clean);
      } finally {
        await lab.stop();
      }
    });
  });
}
