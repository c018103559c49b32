import assert from "node:assert/strict";
import { routerRedirection as resource } from "./operations";
import { SophosLab } from "./sophos-lab.test";

describe("RouterRedirection on a Sophos UTM: the packet filter", function () {
  this.timeout(60_000);
  let lab: SophosLab;

  beforeEach(async () => {
    lab = await SophosLab.start("sophos-filter", false);
  });
  afterEach(async () => {
    await lab.stop();
  });

  const configuration = () => lab.router.device.configuration;
  const notes = async () => {
    const inputs = await lab.inputs({ preview: "always" });
    const { notes: all } = await resource.preview(undefined, inputs, lab.context());
    return all.map(({ text }) => text.replace(/^router \S+: /, "")).filter((text) => text.includes("packet filter"));
  };
  const add = (values: Record<string, unknown>) =>
    configuration().create(
      "packetfilter/packetfilter",
      { status: true, ...values },
      { insert: { node: "packetfilter.rules", position: 1 } },
    );
  const any = { sources: ["REF_NetworkAny"], destinations: ["REF_NetworkAny"], services: ["REF_ServiceAny"] };

  it("is not mentioned when it accepts the traffic", async () => {
    assert.deepEqual(await notes(), []);
  });

  it("is told at preview when no rule accepts clients or SPS to servers", async () => {
    configuration().setNodes({ "packetfilter.rules": [] });
    assert.deepEqual(await notes(), [
      "no rule of the packet filter accepts all of clients to servers of redirection rdp on tcp 3389; add one in Network Protection > Firewall",
      "no rule of the packet filter accepts all of SPS to servers of redirection rdp on tcp 3389; add one in Network Protection > Firewall",
    ]);
    add({ ...any, services: ["REF_SerTcpHttps"] });
    assert.equal((await notes()).length, 2, "another service");
    add({ ...any, status: false });
    assert.equal((await notes()).length, 2, "a rule that is off");
    add(any);
    assert.deepEqual(await notes(), []);
  });

  it("is told at preview when a rule before may drop the traffic of SPS", async () => {
    add({ ...any, name: "No proxy", action: "drop", sources: ["REF_NetHosProxy"] });
    assert.deepEqual(await notes(), [
      'rule 1 "No proxy" of the packet filter may drop SPS to servers of redirection rdp on tcp 3389',
    ]);
  });

  it("is told at preview when the user may not read it", async () => {
    lab.router.device.faultFor = ({ path }) =>
      path.includes("packetfilter/packetfilter") ? { status: 403, isCarriedOut: false } : undefined;
    const [text] = await notes();
    assert.match(text ?? "", /^the packet filter cannot be read with this user: it must accept clients to servers/);
  });
});
