import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { LabSite } from "../../benchmarks/doctor/lab-site";
import { diagnose, type SiteReport } from "../../sdk/nodejs/diagnose";
import { CiscoLab } from "../resources/router-redirection/cisco-lab.test";
import { routerRedirection } from "../resources/router-redirection/operations";

describe("diagnosis of a Cisco router", function () {
  this.timeout(60_000);
  let lab: LabSite;
  let cisco: CiscoLab;

  before(async () => {
    lab = await LabSite.start();
    cisco = await CiscoLab.start("doctor-cisco", true);
    await routerRedirection.create(await cisco.inputs({ redirections: [redirection()] }), cisco.context());
  });
  after(async () => {
    await cisco.stop();
    await lab.stop();
  });

  /** Without the router's own address among the servers, which is a warning. */
  const redirection = (parts: Record<string, unknown> = {}) =>
    cisco.redirection({ serverCidrs: ["10.0.0.4/30"], ...parts });

  async function examine(changes: Record<string, unknown> = {}): Promise<SiteReport> {
    const { preview: _preview, ...inputs } = cisco.raw({ redirections: [redirection()] });
    const routers = [{ name: "edge", ...inputs, ...changes }] as never;
    const { sites } = await diagnose({ sites: [lab.site({ routers })], trafficSeconds: 0 });
    assert.ok(sites[0]);
    return sites[0];
  }

  const causes = ({ causes: found }: SiteReport) => found.map(({ check }) => check);

  it("finds nothing wrong with a router in sync, and enters no command that changes it", async () => {
    let report: SiteReport | undefined;
    const commands = await cisco.commandsDuring(async () => {
      report = await examine();
    });
    assert.deepEqual(report && [report.status, causes(report)], ["fine", []]);
    assert.deepEqual(commands, []);
  });

  it("names a rule that the router lacks, and an SPS that does not answer it", async () => {
    const other = await examine({ redirections: [redirection({ ports: [3389, 22] })] });
    assert.equal(causes(other)[0], "router-rules:edge");
    await cisco.network?.setLink("sps0", "down");
    const silent = await examine();
    await cisco.network?.setLink("sps0", "up");
    assert.equal(causes(silent)[0], "router-path:edge", JSON.stringify(silent.causes));
  });
});
